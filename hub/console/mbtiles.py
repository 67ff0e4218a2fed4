"""Reads tiles and their description (TileJSON) from an MBTiles file, which is a SQLite database."""

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hub.errors import StartError

MOST_ZOOM = 24
_GZIP = b"\x1f\x8b"
_MEDIA: Mapping[str, str] = {
    "pbf": "application/x-protobuf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile as it lies in the file; `coding` is how it is compressed, if it is."""

    data: bytes
    media: str
    coding: str


class MbTiles:
    """One file of tiles, opened to read. Safe to use from several threads."""

    def __init__(self, connection: sqlite3.Connection, about: Mapping[str, str]) -> None:
        """Take the open file and its table of metadata."""
        self._connection = connection
        self._lock = threading.Lock()
        self._about = about
        self._media = _MEDIA.get(about.get("format", "pbf"), "application/octet-stream")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file.

        Raises:
            StartError: if it holds no tiles.

        """
        try:
            # Nothing is ever written beside the city's file.
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            about = dict(connection.execute("SELECT name, value FROM metadata"))
            connection.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles")
        except sqlite3.Error as err:
            raise StartError(f"the map {path} cannot be read: {err}") from err
        return cls(connection, {str(name): str(value) for name, value in about.items()})

    def tile(self, zoom: int, column: int, row: int) -> Tile | None:
        """Return a tile, rows counted from the north; None if the file has none there."""
        if not 0 <= zoom <= MOST_ZOOM or not 0 <= column < 2**zoom or not 0 <= row < 2**zoom:
            return None
        with self._lock:
            found = self._connection.execute(
                "SELECT tile_data FROM tiles"
                " WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                # The file counts rows from the south.
                (zoom, column, 2**zoom - 1 - row),
            ).fetchone()
        if found is None or not found[0]:
            return None
        data = bytes(found[0])
        return Tile(data, self._media, "gzip" if data.startswith(_GZIP) else "")

    def description(self, tiles: str) -> dict[str, Any]:
        """Return the TileJSON document; `tiles` is the address of the tiles."""
        about = self._about
        said: dict[str, Any] = {
            "tilejson": "3.0.0",
            "scheme": "xyz",
            "tiles": [tiles],
            "minzoom": _number(about.get("minzoom"), 0),
            "maxzoom": _number(about.get("maxzoom"), 14),
        }
        for name in ("name", "description", "attribution", "format"):
            if about.get(name):
                said[name] = about[name]
        for name, count in (("bounds", 4), ("center", 3)):
            if (numbers := _numbers(about.get(name, ""), count)) is not None:
                said[name] = numbers
        said["vector_layers"] = _layers(about.get("json", ""))
        return said

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _number(text: str | None, otherwise: int) -> int:
    try:
        return min(max(int(text or otherwise), 0), MOST_ZOOM)
    except ValueError:
        return otherwise


def _numbers(text: str, count: int) -> list[float] | None:
    try:
        numbers = [float(one) for one in text.split(",")]
    except ValueError:
        return None
    return numbers if len(numbers) == count else None


def _layers(text: str) -> list[object]:
    try:
        layers = json.loads(text or "{}").get("vector_layers", [])
    except ValueError, AttributeError:
        return []
    return layers if isinstance(layers, list) else []
