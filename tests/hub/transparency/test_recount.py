"""Counting again from a copy of the database: what is published is the log, or it is found."""

import argparse
import copy
import json
import shutil
import sqlite3
from asyncio import to_thread
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub import cli
from hub.data import DataFolder
from hub.transparency import recount
from tests.hub.whole import WholeHub

type Change = Callable[[Any], object]


@pytest.fixture
async def published(whole: WholeHub) -> dict[str, Any]:
    """What a hub publishes after a little of everything."""
    home = await whole.home()
    incident = await whole.incident()
    looked = await whole.look(incident, home.identity.camera)
    await whole.ask("POST", f"looks/{looked.headers['RTCC-Look']}/attachment")
    await whole.look(incident, "no such camera".replace(" ", "-"))
    await whole.ask("POST", f"incidents/{incident}/close")
    return dict((await whole.ask("GET", "transparency")).json)


@pytest.fixture
async def database(published: dict[str, Any], whole: WholeHub, tmp_path: Path) -> Path:
    """A copy of the hub's database."""
    async with whole.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        path = tmp_path / "copy.db"
        await raw.driver_connection.execute(f"VACUUM INTO '{path}'")  # type: ignore[union-attr]
    return path


def page_of(published: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(published))
    return path


def test_the_published_figures_are_those_of_the_log(
    published: dict[str, Any], database: Path
) -> None:
    assert recount.differences(published, database) == []
    assert published["total"]["pictures"]["kept"] == 1


def months(page: Any) -> Any:
    return page["months"][0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda page: page["total"]["looks"].update(allowed=0), "total.looks.allowed"),
        (lambda page: months(page)["looks"].update(seconds=99), "looks.seconds"),
        (lambda page: months(page)["incidents"].update(fire=1), "incidents.fire"),
        (lambda page: months(page)["incidents"].clear(), "incidents.robbery"),
        (lambda page: page["total"].pop("homes"), "total.homes"),
        (lambda page: page["total"]["policies"][0].update(version="other"), "version"),
        (lambda page: page["months"].clear(), "months"),
        (lambda page: page["total"]["looks"].update(allowed=True), "total.looks.allowed"),
        (lambda page: page["log"].update(root="AAAA"), "root"),
        (lambda page: page["log"].update(size=page["log"]["size"] + 1), "newer copy"),
    ],
)
def test_every_difference_is_found(
    published: dict[str, Any], database: Path, change: Change, says: str
) -> None:
    page = copy.deepcopy(published)
    change(page)
    found = recount.differences(page, database)
    assert any(says in line for line in found), found


async def test_a_copy_that_has_grown_since_is_counted_up_to_the_page(
    published: dict[str, Any], whole: WholeHub, folder: DataFolder
) -> None:
    await whole.incident()
    assert recount.differences(published, folder.path / "hub.db") == []


def change_database(database: Path, statement: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(statement)
    connection.close()


def test_an_entry_that_was_changed_shows(published: dict[str, Any], database: Path) -> None:
    change_database(
        database,
        "UPDATE log_entries SET data = CAST(replace(CAST(data AS TEXT), 'robbery', 'arson12')"
        " AS BLOB) WHERE kind = 'incident_opened'",
    )
    found = recount.differences(published, database)
    assert any("root" in line for line in found)
    assert any("incidents.robbery" in line for line in found)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ('DELETE FROM log_entries WHERE "index" = 1', "entry 1 is missing"),
        ("UPDATE log_entries SET data = X'00' WHERE \"index\" = 2", "entry 2 is none"),
        ("DROP TABLE log_entries", "cannot be read"),
    ],
)
def test_a_copy_that_is_no_log_is_told(
    published: dict[str, Any], database: Path, statement: str, says: str
) -> None:
    change_database(database, statement)
    with pytest.raises(recount.RecountError, match=says):
        recount.differences(published, database)


def test_the_command_answers_by_its_status(
    published: dict[str, Any],
    database: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = page_of(published, tmp_path)
    arguments = ["recount", "--database", str(database)]
    assert cli.main([*arguments, "--page", str(page)]) == 0
    assert "are those of the log" in capsys.readouterr().out
    published["total"]["looks"]["refused"] += 1
    page_of(published, tmp_path)
    assert recount.main([*arguments[1:], "--page", str(page)]) == 1
    assert "DIFFERENT  total.looks.refused" in capsys.readouterr().out
    assert cli.main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["total"]["looks"]["allowed"] == 1


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", '{"log": {"size": "x", "root": ""}}'])
def test_a_page_that_is_none_is_one_line(
    database: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.json"
    page.write_text(text)
    options = argparse.Namespace(database=database, page=str(page), ca=None)
    assert recount.run(options) == 1
    assert capsys.readouterr().err.startswith("recount: ")


def test_a_copy_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    options = argparse.Namespace(database=Path("/nowhere/hub.db"), page=None, ca=None)
    assert recount.run(options) == 1
    assert "/nowhere/hub.db" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["", "/", "/api/v1/transparency"])
async def test_a_page_is_fetched_from_its_hub(path: str) -> None:
    app = web.Application()

    async def serve(_request: web.Request) -> web.Response:
        return web.json_response({"good": True})

    app.router.add_get("/api/v1/transparency", serve)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/") + path
        assert await to_thread(recount.published, url, None) == {"good": True}


def test_a_hub_that_is_not_there_is_one_line() -> None:
    with pytest.raises(recount.RecountError, match="cannot read https://localhost:1"):
        recount.published("https://localhost:1", None)


def test_a_ca_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(recount.RecountError, match="cannot read"):
        recount.published("https://localhost:1", tmp_path / "none.pem")


def test_it_needs_nothing_of_a_hub(database: Path, tmp_path: Path) -> None:
    """A copy in a folder that nobody may write to, without the hub's files."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    shutil.copy(database, place / "copy.db")
    place.chmod(0o500)
    options = argparse.Namespace(database=place / "copy.db", page=None, ca=None)
    assert recount.run(options) == 0
    place.chmod(0o700)
