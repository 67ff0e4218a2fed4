"""HTTP: the city's map file, as ranges of bytes (PMTiles) or as tiles (MBTiles).

For whoever may read incidents: where an operator looks at the map is nobody else's business, and
the hub is nobody else's server of maps.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec

from hub.console.maps import MapSource
from hub.console.mbtiles import MbTiles
from hub.console.ranges import BeyondEndError, wanted
from hub.console.settings_api import PMTILES, TILEJSON
from hub.errors import NOT_FOUND, RANGE, Problem
from hub.http.routes import OCTETS, Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope

TILES = "/console/map/{z}/{x}/{y}"
_AT_ONCE = 256 * 1024
_PARTIAL, _NOTHING, _NOT_MODIFIED = 206, 204, 304
_DAY = "private, max-age=86400"


class Address(msgspec.Struct, frozen=True):
    """What a file's address may hold; players of maps add marks of their own."""


class MapApi:
    """The routes of one map file."""

    def __init__(self, source: MapSource | None) -> None:
        """Take the source and open its file.

        Raises:
            StartError: if it cannot be read.

        """
        file = None if source is None else source.file
        self._pmtiles = file if source is not None and source.kind == "pmtiles" else None
        self._mbtiles = (
            MbTiles.open(file)
            if source is not None and source.kind == "mbtiles" and file is not None
            else None
        )

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        if self._pmtiles is not None:
            return [self._route(PMTILES, self.get_map, "The map's file, by ranges of bytes")]
        if self._mbtiles is not None:
            tile = r"/console/map/{z:\d{1,2}}/{x:\d{1,8}}/{y:\d{1,8}}"
            return [
                self._route(TILEJSON, self.get_map_description, "What the map's tiles are"),
                self._route(tile, self.get_tile, "One tile of the map"),
            ]
        return []

    def _route(self, path: str, handler: Any, summary: str) -> Route:  # noqa: ANN401
        return Route(
            method="GET",
            path=path,
            handler=handler,
            summary=summary,
            scope=TokenScope.INCIDENTS_READ,
            query=Address,
            media=OCTETS,
            listed=False,
            background=True,
        )

    async def get_map(self, call: Call[Address, Nothing]) -> Answer:
        """Send the bytes that are asked for."""
        assert self._pmtiles is not None  # noqa: S101 - it has no route without
        found = await asyncio.to_thread(_stat, self._pmtiles)
        tag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
        headers = {"Accept-Ranges": "bytes", "ETag": tag, "Cache-Control": "private, no-cache"}
        asked = call.request.headers
        if asked.get("If-None-Match", "") == tag:
            return Answer(b"", headers, _NOT_MODIFIED)
        try:
            part = wanted(asked.get("Range", ""), found.st_size)
        except BeyondEndError:
            raise Problem(RANGE, f"The map has {found.st_size} bytes.") from None
        if part is not None and asked.get("If-Range", tag) != tag:
            part = None
        if part is None:
            part, status = range(found.st_size), None
        else:
            status = _PARTIAL
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.st_size}"
        if len(part) <= _AT_ONCE:
            data = await asyncio.to_thread(_read, self._pmtiles, part)
            return Answer(data, headers, status)
        headers["Content-Length"] = str(len(part))
        return Answer(_pieces(self._pmtiles, part), headers, status)

    async def get_map_description(self, _call: Call[Address, Nothing]) -> Answer:
        """Describe the tiles (TileJSON)."""
        assert self._mbtiles is not None  # noqa: S101 - it has no route without
        return Answer(
            self._mbtiles.description(TILES),
            {"Cache-Control": "private, no-cache"},
            media="application/json",
        )

    async def get_tile(self, call: Call[Address, Nothing]) -> Answer:
        """Send one tile; where the map has none there is nothing to draw."""
        assert self._mbtiles is not None  # noqa: S101 - it has no route without
        zoom, column, row = (int(call.path[name]) for name in "zxy")
        tile = await asyncio.to_thread(self._mbtiles.tile, zoom, column, row)
        if tile is None:
            return Answer(b"", {"Cache-Control": _DAY}, _NOTHING)
        headers = {"Cache-Control": _DAY}
        if tile.coding:
            headers["Content-Encoding"] = tile.coding
        return Answer(tile.data, headers, media=tile.media)


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as err:
        raise Problem(NOT_FOUND, "The map's file is gone.") from err


def _read(path: Path, part: range) -> bytes:
    with path.open("rb") as file:
        return os.pread(file.fileno(), len(part), part.start)


async def _pieces(path: Path, part: range) -> AsyncGenerator[bytes]:
    for begin in range(part.start, part.stop, _AT_ONCE):
        piece = range(begin, min(begin + _AT_ONCE, part.stop))
        yield await asyncio.to_thread(_read, path, piece)
