"""The spatial index of live cameras: packed records per 400 m cell, a circle in microseconds.

Cells are indexed by latitude row and, within it, by longitude. Distances are compared as chords
between unit vectors, which holds everywhere on the globe and needs no projection.
"""

import math
import struct
from array import array
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hub.protocol.geo import EARTH_RADIUS_M, Circle, Point

CELL_M = 400.0
_STEP = math.degrees(CELL_M / EARTH_RADIUS_M)
_COLUMN_BITS = 17
_ROUNDING = 1e-15
_SMALL = 1e-4
"""Half an angle up to which the arc exceeds its chord by less than 0.01 mm."""

# A record is one cache line of doubles, so that one matrix product goes over whole records:
# x, y and the square of the point seen from the origin, its start, its end per scope (0 if it is
# not for that scope), its slot.
_SCOPES = 3
_RECORD = struct.Struct("8d")
_EMPTY = bytes(_RECORD.size)
_COLUMNS, _STARTS, _ENDS, _SLOT = 8, 3, 4, 7
_SLOT_AT = _SLOT * 8
_LAST_SLOT = struct.Struct("d")
_FIRST_KEYS = 64


@dataclass(frozen=True, slots=True)
class Hits[Key: Hashable]:
    """The points in a circle, nearest first, and how far each is from the centre in metres."""

    keys: list[Key]
    distances_m: list[float]


class LiveIndex[Key: Hashable]:
    """Points with a time window and scope bits; times are POSIX seconds.

    Distances are computed as seen from the first point ever put: they are good to a millimetre
    within some 100 km of it, and to 0.3 m (at no distance, better further away) on the whole globe.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._view: _View | None = None
        self._cells: dict[int, bytearray] = {}
        self._slots: dict[Key, int] = {}
        self._free: list[int] = []
        # By slot: the key (numpy takes many at a time), the cell, where in the cell.
        self._keys: NDArray[np.object_] = np.empty(_FIRST_KEYS, object)
        self._addresses = array("q")
        self._offsets = array("q")

    def __len__(self) -> int:
        """Return how many points the index holds."""
        return len(self._slots)

    def __contains__(self, key: object) -> bool:
        """Tell whether the index holds the point."""
        return key in self._slots

    def __iter__(self) -> Iterator[Key]:
        """Go over the keys of all points."""
        return iter(self._slots)

    def put(self, key: Key, place: Point, starts: float, ends: float, scopes: int) -> None:
        """Add the point, or move and change it."""
        if self._view is None:
            self._view = _View(place)
        address = _address(place)
        slot = self._slots.get(key)
        if slot is None:
            slot = self._new_slot(key)
            records = self._enter(slot, address)
        elif self._addresses[slot] == address:
            records = self._cells[address]
        else:
            self._leave(slot)
            records = self._enter(slot, address)
        x, y, square = self._view.of(place)
        _RECORD.pack_into(
            records,
            self._offsets[slot],
            x,
            y,
            square,
            starts,
            ends if scopes & 1 else 0.0,
            ends if scopes & 2 else 0.0,
            ends if scopes & 4 else 0.0,
            slot,
        )

    def remove(self, key: Key) -> None:
        """Take the point out, if it is there."""
        slot = self._slots.pop(key, None)
        if slot is None:
            return
        self._leave(slot)
        self._keys[slot] = None
        self._free.append(slot)

    def query(self, circle: Circle, now: float, scope: int) -> Hits[Key]:
        """Return the points within the circle that are live `now` for `scope`, nearest first."""
        touched = self._touched(circle)
        if not touched or self._view is None:
            return Hits([], [])
        x, y, square = self._view.of(circle.centre)
        half = min(circle.radius_m / (2 * EARTH_RADIUS_M), math.pi / 2)
        limit = 4 * math.sin(half) ** 2
        limit += _ROUNDING * (limit + square) - square
        numbers = np.frombuffer(b"".join(touched))
        table = numbers.reshape(-1, _COLUMNS)
        # The squares of the chords, less `square`, by the law of cosines.
        squares = table.dot(np.array((-2 * x, -2 * y, 1 - square / 2, 0.0, 0.0, 0.0, 0.0, 0.0)))
        live = squares <= limit
        live &= table[:, _STARTS] <= now
        live &= table[:, _ENDS + scope.bit_length() - 1] > now
        found = live.nonzero()[0]
        squares = squares.take(found)
        order = squares.argsort()
        squares = squares.take(order)
        squares += square
        found = found.take(order)
        found *= _COLUMNS
        found += _SLOT
        slots = numbers.take(found).astype(np.int64)
        return Hits(self._keys.take(slots).tolist(), _metres(squares, half).tolist())

    def _new_slot(self, key: Key) -> int:
        if self._free:
            slot = self._free.pop()
        else:
            slot = len(self._addresses)
            self._addresses.append(0)
            self._offsets.append(0)
            if slot == len(self._keys):
                self._keys = np.concatenate((self._keys, np.empty(slot, object)))
        self._keys[slot] = key
        self._slots[key] = slot
        return slot

    def _enter(self, slot: int, address: int) -> bytearray:
        records = self._cells.get(address)
        if records is None:
            records = self._cells[address] = bytearray()
        self._addresses[slot] = address
        self._offsets[slot] = len(records)
        records += _EMPTY
        return records

    def _leave(self, slot: int) -> None:
        """Take a record out of its cell; the cell's last one takes its place."""
        address, start = self._addresses[slot], self._offsets[slot]
        records = self._cells[address]
        end = len(records) - _RECORD.size
        if start != end:
            last = int(_LAST_SLOT.unpack_from(records, end + _SLOT_AT)[0])
            records[start : start + _RECORD.size] = records[end:]
            self._offsets[last] = start
        del records[end:]
        if not records:
            del self._cells[address]

    def _touched(self, circle: Circle) -> list[bytearray]:
        lat, lon = circle.centre.lat, circle.centre.lon
        angle = circle.radius_m / EARTH_RADIUS_M * (1 + 1e-9)
        reach = math.degrees(angle)
        south, north = lat - reach, lat + reach
        first_row, last_row = _row(max(-90.0, south)), _row(min(90.0, north))
        cells = self._cells
        if (last_row - first_row + 1) ** 2 > len(cells):
            return list(cells.values())
        if south <= -90 or north >= 90:  # noqa: PLR2004 - the circle holds a pole
            spread = 0.5
        else:
            ratio = math.sin(angle) / math.cos(math.radians(lat))
            spread = math.asin(min(1.0, ratio)) / math.tau
        turn = (lon + 180) / 360
        west, east = turn - spread, turn + spread
        touched: list[bytearray] = []
        for row in range(first_row, last_row + 1):
            count = _columns(row)
            base = row << _COLUMN_BITS
            first, last = math.floor(west * count), math.floor(east * count)
            addresses: Iterable[int]
            if first >= 0 and last < count:
                addresses = range(base + first, base + last + 1)
            else:  # across the antimeridian, or all around
                around = range(first, min(last, first + count - 1) + 1)
                addresses = {base + column % count for column in around}
            touched += filter(None, map(cells.get, addresses))
        return touched


class _View:
    """The globe as unit vectors, seen from one of its points, up being away from the centre.

    There the square of a chord from the origin tells the height, and what is near the origin keeps
    its digits.
    """

    __slots__ = ("_cos", "_lon", "_sin")

    def __init__(self, origin: Point) -> None:
        lat, self._lon = math.radians(origin.lat), origin.lon
        self._sin, self._cos = math.sin(lat), math.cos(lat)

    def of(self, place: Point) -> tuple[float, float, float]:
        """Return how far east and north the place is, and the square of its chord."""
        lat, lon = math.radians(place.lat), math.radians(place.lon - self._lon)
        up, across = math.sin(lat), math.cos(lat)
        ahead = across * math.cos(lon)
        x = across * math.sin(lon)
        y = self._cos * up - self._sin * ahead
        z = self._sin * up + self._cos * ahead - 1
        return x, y, x * x + y * y + z * z


def _metres(squares: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """Turn squares of chords into distances over the ground."""
    np.maximum(squares, 0.0, out=squares)
    np.sqrt(squares, out=squares)
    if half > _SMALL:
        squares *= 0.5
        np.minimum(squares, 1.0, out=squares)
        np.arcsin(squares, out=squares)
        squares *= 2.0
    squares *= EARTH_RADIUS_M
    return squares


def _row(lat: float) -> int:
    return math.floor((lat + 90) / _STEP)


@cache
def _columns(row: int) -> int:
    middle = (row + 0.5) * _STEP - 90
    return max(1, math.floor(360 / _STEP * math.cos(math.radians(min(90.0, middle)))))


def _address(place: Point) -> int:
    row = _row(place.lat)
    count = _columns(row)
    return row << _COLUMN_BITS | math.floor((place.lon + 180) / 360 * count) % count
