"""Writes a small PMTiles file of made-up streets, so that tests need no map from anywhere."""

import json
import math
import struct
from collections.abc import Iterable
from pathlib import Path

_ZOOM = 12
_EXTENT = 4096
_MVT, _NO_COMPRESSION = 1, 1
_LINE, _POLYGON, _POINT = 2, 3, 1

type Line = list[tuple[int, int]]


def write_streets(path: Path, lat: float, lon: float) -> None:
    """Write the nine tiles around a place: a river, a park, a grid of streets with names."""
    column, row = _tile(lat, lon)
    tiles = {_place(column + dx, row + dy): _streets() for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
    metadata = json.dumps(
        {"vector_layers": [{"id": id_, "fields": {}} for id_ in ("water", "landuse", "roads")]}
    ).encode()
    body, entries = b"", []
    for id_, tile in sorted(tiles.items()):
        entries.append((id_, len(body), len(tile)))
        body += tile
    root = _directory(entries)
    offsets = [127, len(root), 127 + len(root), len(metadata)]
    leaves = sum(offsets[2:])
    header = b"PMTiles\x03" + struct.pack(
        "<11Q",
        *offsets,
        leaves,
        0,
        leaves,
        len(body),
        len(tiles),
        len(tiles),
        len(tiles),
    )
    header += struct.pack("<6B", 1, _NO_COMPRESSION, _NO_COMPRESSION, _MVT, _ZOOM, _ZOOM)
    header += struct.pack("<4i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000)
    header += struct.pack("<B2i", _ZOOM, round(lon * 1e7), round(lat * 1e7))
    path.write_bytes(header + root + metadata + body)


def _tile(lat: float, lon: float) -> tuple[int, int]:
    side = 2**_ZOOM
    north = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * side), int((1 - north / math.pi) / 2 * side)


def _place(x: int, y: int) -> int:
    """Return the tile's number: all smaller zooms first, then along the Hilbert curve."""
    number = (4**_ZOOM - 1) // 3
    side = 2 ** (_ZOOM - 1)
    while side:
        right, down = int(x & side > 0), int(y & side > 0)
        number += side * side * ((3 * right) ^ down)
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        side //= 2
    return number


def _directory(entries: list[tuple[int, int, int]]) -> bytes:
    numbers = [len(entries)]
    before = 0
    for id_, _, _ in entries:
        numbers.append(id_ - before)
        before = id_
    numbers += [1] * len(entries)
    numbers += [length for _, _, length in entries]
    numbers += [offset + 1 for _, offset, _ in entries]
    return b"".join(map(_varint, numbers))


def _streets() -> bytes:
    river: Line = [(0, 2500), (1400, 2700), (2600, 2400), (4096, 2600), (4096, 2780)]
    river += [(2600, 2600), (1400, 2890), (0, 2700)]
    park: Line = [(1100, 700), (1700, 700), (1700, 1200), (1100, 1200)]
    roads = []
    for number, at in enumerate(range(64, _EXTENT, 128)):
        kind = "major_road" if number % 5 == 0 else "minor_road"
        roads.append((_LINE, [(at, 0), (at, _EXTENT)], kind, f"{number + 1} Street"))
        roads.append((_LINE, [(0, at), (_EXTENT, at)], kind, f"Avenue {number + 1}"))
    roads.append((_LINE, [(0, 400), (4096, 3900)], "highway", "I-55"))
    return b"".join(
        (
            _layer("water", [(_POLYGON, river, "water", "")]),
            _layer("landuse", [(_POLYGON, park, "park", "")]),
            _layer("roads", roads),
        )
    )


def _layer(name: str, features: Iterable[tuple[int, Line, str, str]]) -> bytes:
    values: list[str] = []
    body = b""
    for shape, line, kind, called in features:
        tags = []
        for key, value in ((0, kind), (1, called)):
            if value not in values:
                values.append(value)
            tags += [key, values.index(value)]
        packed = b"".join(map(_varint, tags))
        geometry = b"".join(map(_varint, _commands(shape, line)))
        feature = _bytes(2, packed) + _number(3, shape) + _bytes(4, geometry)
        body += _bytes(2, feature)
    keys = _bytes(3, b"kind") + _bytes(3, b"name")
    texts = b"".join(_bytes(4, _bytes(1, value.encode())) for value in values)
    layer = _number(15, 2) + _bytes(1, name.encode()) + body + keys + texts + _number(5, _EXTENT)
    return _bytes(3, layer)


def _commands(shape: int, line: Line) -> list[int]:
    x, y = line[0]
    numbers = [1 | 1 << 3, _zigzag(x), _zigzag(y), 2 | (len(line) - 1) << 3]
    for next_x, next_y in line[1:]:
        numbers += [_zigzag(next_x - x), _zigzag(next_y - y)]
        x, y = next_x, next_y
    return [*numbers, 7 | 1 << 3] if shape == _POLYGON else numbers


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
