"""The spatial index of live cameras: packed arrays per 400 m cell, answers circles in microseconds.

Cells are indexed by latitude row and, within it, by longitude. Distances are compared as chords
between unit vectors, which is exact everywhere on the globe and needs no projection.
"""

import math
import struct
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

import numpy as np

from hub.protocol.geo import EARTH_RADIUS_M, Circle, Point

CELL_M = 400.0
_STEP = math.degrees(CELL_M / EARTH_RADIUS_M)
_RECORD = struct.Struct("7d")
_STARTS, _ENDS, _SCOPES, _SLOT = 3, 4, 5, 6
_COLUMNS = 7
_SLACK = 1e-12
"""Of the squared chord: far below a millimetre, above the rounding of doubles."""
_ROUGH = 4e-15


@dataclass(slots=True)
class _Cell:
    # Packed records: appended and overwritten in place far faster than an array's column,
    # and read by numpy as they stand.
    records: bytearray = field(default_factory=bytearray)
    slots: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Spot:
    address: tuple[int, int]
    position: int
    slot: int


@dataclass(frozen=True, slots=True)
class Hits[Key: Hashable]:
    """The points in a circle, nearest first, and how far each is from the centre in metres."""

    keys: list[Key]
    distances_m: list[float]


class LiveIndex[Key: Hashable]:
    """Points with a time window and scope bits; times are POSIX seconds."""

    def __init__(self) -> None:
        """Start empty."""
        self._cells: dict[tuple[int, int], _Cell] = {}
        self._spots: dict[Key, _Spot] = {}
        self._keys: list[Key | None] = []
        self._free: list[int] = []

    def __len__(self) -> int:
        """Return how many points the index holds."""
        return len(self._spots)

    def __contains__(self, key: object) -> bool:
        """Tell whether the index holds the point."""
        return key in self._spots

    def __iter__(self) -> Iterator[Key]:
        """Go over the keys of all points."""
        return iter(self._spots)

    def put(self, key: Key, place: Point, starts: float, ends: float, scopes: int) -> None:
        """Add the point, or move and change it."""
        address = _address(place)
        spot = self._spots.get(key)
        if spot is not None and spot.address != address:
            self.remove(key)
            spot = None
        if spot is None:
            spot = self._add(key, address)
        _RECORD.pack_into(
            self._cells[address].records,
            spot.position * _RECORD.size,
            *_unit(place),
            starts,
            ends,
            scopes,
            spot.slot,
        )

    def remove(self, key: Key) -> None:
        """Take the point out, if it is there."""
        spot = self._spots.pop(key, None)
        if spot is None:
            return
        cell = self._cells[spot.address]
        last = cell.slots.pop()
        end = len(cell.slots) * _RECORD.size
        if last != spot.slot:
            start = spot.position * _RECORD.size
            cell.slots[spot.position] = last
            cell.records[start : start + _RECORD.size] = cell.records[end:]
            moved = self._keys[last]
            assert moved is not None  # noqa: S101 - a slot in a cell has its key
            self._spots[moved].position = spot.position
        del cell.records[end:]
        if not cell.slots:
            del self._cells[spot.address]
        self._keys[spot.slot] = None
        self._free.append(spot.slot)

    def query(self, circle: Circle, now: float, scope: int) -> Hits[Key]:
        """Return the points within the circle that are live `now` for `scope`, nearest first."""
        table = np.frombuffer(b"".join([cell.records for cell in self._touched(circle)]))
        table = table.reshape(-1, _COLUMNS)
        centre = np.array(_unit(circle.centre))
        half = min(circle.radius_m / (2 * EARTH_RADIUS_M), math.pi / 2)
        chord = 2 * math.sin(half)
        # First by the cosine, one product over whole records; it is only good to a millimetre.
        weights = np.zeros(_COLUMNS)
        weights[:_STARTS] = centre
        table = table.take((table @ weights >= 1 - chord * chord / 2 - _ROUGH).nonzero()[0], 0)
        apart = table[:, :_STARTS] - centre
        squares = np.einsum("ij,ij->i", apart, apart)
        live = (
            (squares <= chord * chord * (1 + _SLACK))
            & (table[:, _STARTS] <= now)
            & (table[:, _ENDS] > now)
            & (table[:, _SCOPES].astype(np.int64) & scope == scope)
        ).nonzero()[0]
        order = live[squares[live].argsort(kind="stable")]
        half_chords = np.sqrt(squares[order]) / 2
        metres = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(half_chords, 1.0, out=half_chords))
        keys = self._keys
        slots = table[order, _SLOT].astype(np.int64).tolist()
        return Hits([keys[slot] for slot in slots], metres.tolist())

    def _add(self, key: Key, address: tuple[int, int]) -> _Spot:
        cell = self._cells.get(address)
        if cell is None:
            cell = self._cells[address] = _Cell()
        if self._free:
            slot = self._free.pop()
            self._keys[slot] = key
        else:
            slot = len(self._keys)
            self._keys.append(key)
        spot = self._spots[key] = _Spot(address, len(cell.slots), slot)
        cell.slots.append(slot)
        cell.records.extend(bytes(_RECORD.size))
        return spot

    def _touched(self, circle: Circle) -> Iterator[_Cell]:
        reach = math.degrees(circle.radius_m / EARTH_RADIUS_M) * (1 + 1e-9)
        south, north = circle.centre.lat - reach, circle.centre.lat + reach
        rows = range(_row(max(-90.0, south)), _row(min(90.0, north)) + 1)
        if len(rows) ** 2 > len(self._cells):
            yield from self._cells.values()
            return
        for row in rows:
            count = _columns(row)
            if south <= -90 or north >= 90:  # noqa: PLR2004 - the circle holds a pole
                spread = 180.0
            else:
                ratio = math.sin(math.radians(reach)) / math.cos(math.radians(circle.centre.lat))
                spread = math.degrees(math.asin(min(1.0, ratio)))
            first = math.floor((circle.centre.lon - spread + 180) / 360 * count)
            last = math.floor((circle.centre.lon + spread + 180) / 360 * count)
            for column in range(first, min(last, first + count - 1) + 1):
                cell = self._cells.get((row, column % count))
                if cell is not None:
                    yield cell


def _unit(point: Point) -> tuple[float, float, float]:
    lat, lon = math.radians(point.lat), math.radians(point.lon)
    across = math.cos(lat)
    return across * math.cos(lon), across * math.sin(lon), math.sin(lat)


def _row(lat: float) -> int:
    return math.floor((lat + 90) / _STEP)


def _columns(row: int) -> int:
    middle = (row + 0.5) * _STEP - 90
    return max(1, math.floor(360 / _STEP * math.cos(math.radians(min(90.0, middle)))))


def _address(place: Point) -> tuple[int, int]:
    row = _row(place.lat)
    count = _columns(row)
    return row, math.floor((place.lon + 180) / 360 * count) % count
