"""The console's page and files: strict headers, lasting copies, and no way out of the folder."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from yarl import URL

from hub.config import Map
from hub.console.built import read_built
from hub.console.page_api import PageApi
from hub.console.rules import map_hosts, page_headers
from tests.hub.console.serving import served
from tests.hub.whole import WholeHub

SCRIPT = b"export const one = 1;\n" * 100
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
    " connect-src 'self'; font-src 'self'; worker-src 'self' blob:; media-src 'self' blob:;"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>RTCC</title>")
    (folder / "assets/main-abc.js").write_bytes(SCRIPT)
    (folder / "assets/main-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets/alert-abc.wav").write_bytes(b"RIFF")
    (folder / "stamp").write_text("not for anybody")
    (tmp_path / "secret.js").write_text("not for anybody")
    return folder


@pytest.fixture
async def client(built: Path) -> AsyncIterator[TestClient[Any, Any]]:
    async with served(PageApi(read_built(built), page_headers()).routes()) as client:
        yield client


@pytest.mark.parametrize("path", ["/console", "/console/", "/console?lang=es"])
async def test_the_page_is_strict(client: TestClient[Any, Any], path: str) -> None:
    answer = await client.get(path)
    assert answer.status == 200
    assert await answer.read() == b"<!doctype html><title>RTCC</title>"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("name", "media"),
    [("main-abc.js", "text/javascript; charset=utf-8"), ("alert-abc.wav", "audio/wav")],
)
async def test_a_file_says_what_it_is_and_lasts(
    client: TestClient[Any, Any], name: str, media: str
) -> None:
    answer = await client.get(f"/console/assets/{name}")
    assert answer.headers["Content-Type"] == media
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("", None), ("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("gzip;q=0", None), ("br", None)],
)
async def test_a_file_comes_in_a_coding_that_is_taken(
    client: TestClient[Any, Any], accepted: str, coding: str | None
) -> None:
    headers = {"Accept-Encoding": accepted}
    answer = await client.get("/console/assets/main-abc.js", headers=headers)
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    data = await answer.read()
    assert (gzip.decompress(data) if coding else data) == SCRIPT
    again = await client.get(
        "/console/assets/main-abc.js",
        headers={**headers, "If-None-Match": f'"other", {answer.headers["ETag"]}'},
    )
    assert (again.status, await again.read()) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/console/../secret.js",
        "/console/%2e%2e/secret.js",
        "/console/assets/..%2f..%2fsecret.js",
        "/console/assets/%2e%2e/%2e%2e/secret.js",
        "/console//etc/passwd",
        "/console/assets",
        "/console/stamp",
        "/console/assets/main-abc.js.gz",
        "/console/assets/main-abc.js%00",
    ],
)
async def test_nothing_else_is_served(client: TestClient[Any, Any], path: str) -> None:
    answer = await client.get(URL(path, encoded=True))
    assert answer.status == 404
    assert b"not for anybody" not in await answer.read()


@pytest.mark.parametrize(("accepted", "said"), [("en", b"was not built"), ("es", b"construida")])
async def test_a_console_that_was_not_built_says_how(
    tmp_path: Path, accepted: str, said: bytes
) -> None:
    async with served(PageApi(read_built(tmp_path), page_headers()).routes()) as client:
        answer = await client.get("/console", headers={"Accept-Language": accepted})
        assert answer.status == 503
        page = await answer.read()
        assert said in page
        assert b"script/setup" in page
        assert (await client.get("/console/assets/main.js")).status == 404


def test_a_style_of_the_city_may_be_loaded_from_where_it_is() -> None:
    settings = Map(style="https://maps.example.gov/style.json", hosts=("https://t.example.gov",))
    rules = page_headers(map_hosts(settings))["Content-Security-Policy"]
    both = "https://maps.example.gov https://t.example.gov"
    assert f"connect-src 'self' {both};" in rules
    assert f"img-src 'self' blob: data: {both};" in rules
    assert "script-src 'self';" in rules


async def test_the_page_is_there_for_whoever_is_not_signed_in(whole: WholeHub) -> None:
    page = await whole.ask("GET", "/console", headers={})
    assert page.status in (200, 503)
    assert (await whole.ask("GET", "console", headers={})).problem == "unauthenticated"
