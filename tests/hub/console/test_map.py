"""The city's map file: ranges of bytes, tiles with their coding, clear words if it is neither."""

import asyncio
import gzip
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from hub.config import Map
from hub.console.map_api import MapApi
from hub.console.maps import MapSource, map_source
from hub.console.mbtiles import MbTiles
from hub.console.page_api import PageApi
from hub.console.ranges import BeyondEndError, wanted
from hub.console.rules import page_headers
from hub.console.settings_api import SettingsApi
from hub.errors import StartError
from tests.hub.console.serving import served

CONTENT = b"PMTiles\x03" + os.urandom(600_000)
VECTOR = gzip.compress(b"a tile")


@pytest.fixture
def pmtiles(tmp_path: Path) -> Path:
    path = tmp_path / "map.pmtiles"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def mbtiles(tmp_path: Path) -> Path:
    return tiles_in(tmp_path / "map.mbtiles", "pbf", VECTOR)


def tiles_in(path: Path, kind: str, data: bytes, **more: str) -> Path:
    """Write an MBTiles file that holds the tile 2/1/0 (from the north)."""
    about = {"format": kind, "name": "Jackson", "minzoom": "2", "maxzoom": "14"} | more
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE metadata (name text, value text)")
        connection.execute(
            "CREATE TABLE tiles"
            " (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
        )
        connection.executemany("INSERT INTO metadata VALUES (?, ?)", about.items())
        connection.execute("INSERT INTO tiles VALUES (2, 1, 3, ?)", (data,))
    connection.close()
    return path


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-99", range(100)),
        ("bytes=90-", range(90, 100)),
        ("bytes=90-1000", range(90, 100)),
        ("bytes=-10", range(90, 100)),
        ("bytes=-1000", range(100)),
        ("bytes = 5 - 6", range(5, 7)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-5", None),
        ("bytes=0-1,5-6", None),
        ("pages=1-2", None),
        ("bytes=99999999999999999999-", None),
    ],
)
def test_what_a_range_asks_for(header: str, found: range | None) -> None:
    assert wanted(header, 100) == found


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end(header: str) -> None:
    with pytest.raises(BeyondEndError):
        wanted(header, 100)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-16383", 0, 16_383), ("bytes=100-599999", 100, 599_999), ("bytes=-5", 600_003, None)],
)
async def test_ranges_of_a_pmtiles_file(
    pmtiles: Path, asked: str, first: int, last: int | None
) -> None:
    async with served(MapApi(MapSource("pmtiles", pmtiles)).routes()) as client:
        answer = await client.get("/console/map/city.pmtiles", headers={"Range": asked})
        last = len(CONTENT) - 1 if last is None else last
        assert answer.status == 206
        assert await answer.read() == CONTENT[first : last + 1]
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
        assert answer.headers["Content-Length"] == str(last - first + 1)
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert "Content-Encoding" not in answer.headers


async def test_the_rest_of_http_for_a_pmtiles_file(pmtiles: Path) -> None:
    async with served(MapApi(MapSource("pmtiles", pmtiles)).routes()) as client:

        async def get(**headers: str) -> tuple[int, bytes, str]:
            path = "/console/map/city.pmtiles"
            said = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = await client.get(path, headers=said)
            return answer.status, await answer.read(), answer.headers.get("ETag", "")

        status, data, tag = await get()
        assert (status, data) == (200, CONTENT)
        assert (await get(If_None_Match=tag))[0] == 304
        assert (await get(Range="bytes=0-9", If_Range=tag))[:2] == (206, CONTENT[:10])
        assert (await get(Range="bytes=0-9", If_Range='"older"'))[0] == 200
        assert (await get(Range="bytes=9000000-"))[0] == 416
        os.truncate(pmtiles, 100)
        assert (await get())[2] != tag
        await asyncio.to_thread(pmtiles.unlink)
        assert (await get())[0] == 404


async def test_tiles_of_an_mbtiles_file(mbtiles: Path) -> None:
    async with served(MapApi(MapSource("mbtiles", mbtiles)).routes()) as client:
        about = await (await client.get("/console/map/tiles.json")).json()
        assert about["tiles"] == ["/console/map/{z}/{x}/{y}"]
        assert (about["minzoom"], about["maxzoom"], about["name"]) == (2, 14, "Jackson")
        tile = await client.get("/console/map/2/1/0")
        assert tile.headers["Content-Type"] == "application/x-protobuf"
        assert tile.headers["Content-Encoding"] == "gzip"
        assert await tile.read() == VECTOR
        assert (await client.get("/console/map/2/1/3")).status == 204


@pytest.mark.parametrize("path", ["2/9/0", "99/0/0", "2/-1/0", "2/1", "2/1/0x", "2/1/123456789"])
async def test_there_is_no_such_tile(mbtiles: Path, path: str) -> None:
    routes = [
        *MapApi(MapSource("mbtiles", mbtiles)).routes(),
        *PageApi({}, page_headers()).routes(),
    ]
    async with served(routes) as client:
        answer = await client.get(URL(f"/console/map/{path}", encoded=True))
        assert answer.status in (204, 404)
        assert b"tile" not in await answer.read() or answer.status == 404


def test_pictures_as_tiles_and_a_hostile_description(tmp_path: Path) -> None:
    path = tiles_in(
        tmp_path / "map.mbtiles",
        "png",
        b"\x89PNG",
        bounds="-91,32,-90,33",
        center="x,1",
        minzoom="-3",
        maxzoom="many",
        json="[1]",
        attribution="<script>",
    )
    tiles = MbTiles.open(path)
    tile = tiles.tile(2, 1, 0)
    assert tile is not None
    assert (tile.media, tile.coding) == ("image/png", "")
    about: dict[str, Any] = tiles.description("/t")
    assert about["bounds"] == [-91, 32, -90, 33]
    assert "center" not in about
    assert (about["minzoom"], about["maxzoom"], about["vector_layers"]) == (0, 14, [])
    tiles.close()


def test_layers_are_told(tmp_path: Path) -> None:
    path = tiles_in(tmp_path / "m", "pbf", VECTOR, json='{"vector_layers": [{"id": "roads"}]}')
    tiles = MbTiles.open(path)
    assert tiles.description("/t")["vector_layers"] == [{"id": "roads"}]
    tiles.close()


def test_the_map_is_what_is_configured_or_what_lies_there(pmtiles: Path, mbtiles: Path) -> None:
    here, empty = pmtiles.parent, pmtiles.parent / "empty"
    empty.mkdir()
    assert map_source(Map(), empty) is None
    assert map_source(Map(), here) == MapSource("pmtiles", pmtiles)
    assert map_source(Map(file=str(mbtiles)), empty) == MapSource("mbtiles", mbtiles)
    style = "https://maps.example.gov/style.json"
    assert map_source(Map(style=style), here) == MapSource("style", style=style)


def test_a_map_that_is_none_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is not there"):
        map_source(Map(file=str(tmp_path / "none")), tmp_path)
    (tmp_path / "map.pmtiles").write_text("something else")
    with pytest.raises(StartError, match="neither PMTiles"):
        map_source(Map(), tmp_path)
    (tmp_path / "map.mbtiles").write_bytes(b"SQLite format 3\0" + bytes(100))
    with pytest.raises(StartError, match="cannot be read"):
        MapApi(MapSource("mbtiles", tmp_path / "map.mbtiles"))


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (MapSource("pmtiles", Path("a")), "/console/map/city.pmtiles"),
        (MapSource("mbtiles", Path("a")), "/console/map/tiles.json"),
        (MapSource("style", style="https://m.example.gov/s"), "https://m.example.gov/s"),
    ],
)
async def test_the_console_is_told_where_its_map_is(source: MapSource, url: str) -> None:
    async def yes() -> bool:
        return True

    settings = SettingsApi(source, Map(lat=1, lon=2), "1.2", yes, webhook=True)
    async with served(settings.routes()) as client:
        assert await (await client.get("/api/v1/console")).json() == {
            "map": {"kind": source.kind, "url": url},
            "webhook": True,
            "places": True,
            "centre": {"lat": 1.0, "lon": 2.0},
            "version": "1.2",
        }


async def test_without_a_map_there_are_no_routes() -> None:
    assert MapApi(None).routes() == []
    assert MapApi(MapSource("style", style="https://maps.example.gov/a")).routes() == []
