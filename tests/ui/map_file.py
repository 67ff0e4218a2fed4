"""A map file for a hub: empty vector tiles around the place where the map begins."""

import gzip
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from hub.config import Map

DEEPEST = 14


def write_map(path: Path) -> None:
    """Write an MBTiles file of streets that nobody built yet."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE metadata (name text, value text)")
        connection.execute(
            "CREATE TABLE tiles"
            " (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
        )
        layers = '{"vector_layers": [{"id": "roads"}]}'
        about = {"format": "pbf", "maxzoom": str(DEEPEST), "json": layers}
        connection.executemany("INSERT INTO metadata VALUES (?, ?)", about.items())
        tile = gzip.compress(b"")
        connection.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)", ((*one, tile) for one in _around())
        )
    connection.close()


def _around() -> Iterator[tuple[int, int, int]]:
    lat, lon = math.radians(Map().lat), Map().lon
    for zoom in range(DEEPEST + 1):
        column = int((lon + 180) / 360 * 2**zoom)
        row = int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * 2**zoom)
        # The file counts rows from the south.
        yield zoom, column, 2**zoom - 1 - row
