"""Reads a gazetteer from a file: CSV with headers, or GeoJSON, as cities publish addresses."""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from hub.errors import StartError
from hub.protocol.geo import Point

MOST = 1_000_000
LONGEST = 200
_MOST_BYTES = 1 << 30
_NAMES: Mapping[str, str] = {"latitude": "lat", "lng": "lon", "long": "lon", "longitude": "lon"}
_NEEDED = ("name", "lat", "lon")
_NUMBER = ("number", "addr:housenumber", "housenumber")
_STREET = ("street", "addr:street")
_REST = (
    ("unit", "addr:unit"),
    ("city", "addr:city"),
    ("postcode", "addr:postcode", "zip"),
)


class Unusable(ValueError):  # noqa: N818 - a line that is left out is no error of the program
    """A line or a feature that names no place."""


@dataclass(frozen=True, slots=True)
class Place:
    """A name, what tells it from others of that name, and where it is."""

    name: str
    detail: str
    point: Point


@dataclass(slots=True)
class Read:
    """What a file holds, and what was left out of it and why."""

    places: list[Place] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_places(path: Path) -> Read:
    """Return the places in a file.

    Raises:
        StartError: if it cannot be read or holds no place; one clear line.

    """
    read = Read()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise StartError(f"{path} is larger than 1 GiB")
        with path.open(encoding="utf-8-sig", newline="") as file:
            begin = file.read(1000).lstrip()
            file.seek(0)
            rows = _geojson(file) if begin.startswith("{") else _csv(file, path)
            _take(rows, read, path)
    except OSError as err:
        raise StartError(f"cannot read {path}: {err.strerror}") from err
    except (UnicodeDecodeError, csv.Error, ValueError, RecursionError) as err:
        raise StartError(f"{path} is neither CSV nor GeoJSON in UTF-8: {err}") from err
    if not read.places:
        why = f" ({read.left_out[0]})" if read.left_out else ""
        raise StartError(f"{path} holds no places{why}")
    return read


def _take(rows: Iterable[tuple[str, Place | Unusable]], read: Read, path: Path) -> None:
    for where, found in rows:
        if isinstance(found, Unusable):
            read.left_out.append(f"{where}: {found}")
            continue
        if len(read.places) == MOST:
            raise StartError(f"{path} holds more than {MOST} places")
        read.places.append(found)


def _csv(file: TextIO, path: Path) -> Iterator[tuple[str, Place | Unusable]]:
    lines = csv.reader(file)
    head = [one.strip().lower() for one in next(lines, [])]
    names = [_NAMES.get(one, one) for one in head]
    for needed in _NEEDED:
        if needed not in names:
            raise StartError(f"{path} has no column {needed}: its first line names name, lat, lon")
    for row in lines:
        if any(row):
            values = dict(zip(names, row, strict=False))
            yield f"line {lines.line_num}", _of_line(values)


def _of_line(values: Mapping[str, str]) -> Place | Unusable:
    try:
        point = _point(values.get("lat", ""), values.get("lon", ""))
        return _place(values.get("name", ""), values.get("detail", ""), point)
    except Unusable as err:
        return err


def _geojson(file: TextIO) -> Iterator[tuple[str, Place | Unusable]]:
    first = file.readline()
    try:
        one = json.loads(first)
    except ValueError:
        one = json.loads(first + file.read())
    if one.get("type") != "Feature":
        features = enumerate(one.get("features") or [], 1)
        yield from ((f"feature {index}", _of_feature(each)) for index, each in features)
        return
    # One feature a line, as OpenAddresses writes them.
    yield "line 1", _of_feature(one)
    for index, line in enumerate(file, 2):
        if line.strip():
            yield f"line {index}", _of_feature(json.loads(line))


def _of_feature(feature: Any) -> Place | Unusable:  # noqa: ANN401 - anything may stand there
    try:
        said = feature.get("properties") or {}
        number, street = _first(said, _NUMBER), _first(said, _STREET)
        name = _first(said, ("name",)) or f"{number} {street}" * bool(street)
        detail = _first(said, ("detail",)) or ", ".join(
            found for names in _REST if (found := _first(said, names))
        )
        return _place(name, detail, _middle(feature.get("geometry")))
    except Unusable as err:
        return err
    except AttributeError:
        return Unusable("is no feature")


def _first(said: Mapping[str, Any], names: Iterable[str]) -> str:
    for name in names:
        value = said.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)
    return ""


def _middle(geometry: Any) -> Point:  # noqa: ANN401 - anything may stand there
    """Return the middle of what a geometry covers; of a point, itself."""
    found = list(_positions((geometry or {}).get("coordinates")))
    if not found:
        raise Unusable("has no place")
    lons, lats = [lon for lon, _ in found], [lat for _, lat in found]
    return _point((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)


def _positions(value: Any) -> Iterator[tuple[float, float]]:  # noqa: ANN401 - lists in lists
    match value:
        case [int() | float() as lon, int() | float() as lat, *_]:
            yield lon, lat
        case list():
            for one in value:
                yield from _positions(one)


def _point(lat: str | float, lon: str | float) -> Point:
    try:
        point = Point(float(lat), float(lon))
    except ValueError:
        raise Unusable(f"{lat!r}, {lon!r} is no latitude and longitude") from None
    if not (math.isfinite(point.lat) and abs(point.lat) <= 90 and abs(point.lon) <= 180):  # noqa: PLR2004
        raise Unusable(f"there is no place {point.lat}, {point.lon}")
    return point


def _place(name: str, detail: str, point: Point) -> Place:
    if not (named := _clean(name)):
        raise Unusable("has no name")
    return Place(named, _clean(detail), point)


def _clean(text: str) -> str:
    shown = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(shown.split())[:LONGEST]
