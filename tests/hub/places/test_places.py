"""Places are found by the beginnings of their words, the best and then the nearest first."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub import cli
from hub.data import DataFolder
from hub.places import folding, places
from hub.places.places import Places, words_begin
from hub.places.reading import Place
from hub.protocol.geo import Point
from hub.protocol.vocabulary import Role
from hub.store import tables
from tests.hub.migrated import open_migrated
from tests.hub.whole import WholeHub

HERE = Point(32.3, -90.18)


def at(name: str, north: float = 0.0, detail: str = "Jackson") -> Place:
    return Place(name, detail, Point(HERE.lat + north, HERE.lon))


GAZETTEER = [
    at("219 S President St", 0.01, "Jackson, 39201"),
    at("2190 S President St", 0.001),
    at("227 S President St", 0.02),
    at("219 N State St", 0.03),
    at("State Street Cafe", 0.04),
    at("Peña Ávila Ballroom", 0.05),
    at("St. Mary's Church", 0.06),
    at("12-B O\N{RIGHT SINGLE QUOTATION MARK}Ferrell Avenue", 0.07),
    at("Mill", 0.09),
    at("Mill Street Viaduct", 0.01),
    at("Windmill", 0.001),
    at("Mount Olive Cemetery", 0.01),
    at("Elm St", 0.08, "Clinton"),
    at("Elm St", 0.02, "Jackson"),
]


@pytest.fixture
async def engine(folder: DataFolder) -> AsyncIterator[AsyncEngine]:
    engine = await open_migrated(folder)
    yield engine
    await engine.dispose()


@pytest.fixture
async def loaded(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(places, "_AT_ONCE", 4)
    room = Places(engine)
    assert await room.load(GAZETTEER) == len(GAZETTEER)
    return room


CASES = [
    ("219 s president", ["219 S President St", "2190 S President St"]),
    ("219 SOUTH PRESIDENT STREET", ["219 S President St", "2190 S President St"]),
    ("219 s pres 39201", ["219 S President St"]),
    ("21", ["2190 S President St", "219 S President St", "219 N State St"]),
    ("219", ["219 S President St", "219 N State St", "2190 S President St"]),
    # No such number: the nearest ones of that street.
    ("225 s president st", ["227 S President St", "219 S President St", "2190 S President St"]),
    ("pena avila", ["Peña Ávila Ballroom"]),
    ("PEÑA", ["Peña Ávila Ballroom"]),
    ("saint marys", ["St. Mary's Church"]),
    ("12 oferrell ave", ["12-B O\N{RIGHT SINGLE QUOTATION MARK}Ferrell Avenue"]),
    ("mill", ["Mill", "Mill Street Viaduct"]),
    ("mt olive", ["Mount Olive Cemetery"]),
    ("viaduct mill", ["Mill Street Viaduct"]),
    ("zebra", []),
    ("999 zebra", []),
    ("m", []),
    ("?!", []),
    ('" OR 1 --', []),
    ("elm* NOT st", []),
]


@pytest.mark.parametrize(("typed", "names"), CASES)
async def test_what_is_found(loaded: Places, typed: str, names: list[str]) -> None:
    assert [place.name for place in await loaded.search(typed, HERE)] == names


@pytest.mark.parametrize(("typed", "names"), CASES)
async def test_another_database_finds_the_same(
    loaded: Places, typed: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded, "_sqlite", False)
    assert [place.name for place in await loaded.search(typed, HERE)] == names


async def test_among_equals_the_nearest_is_first(loaded: Places) -> None:
    assert [place.detail for place in await loaded.search("elm st", HERE)] == ["Jackson", "Clinton"]
    there = Point(HERE.lat + 0.1, HERE.lon)
    assert [place.detail for place in await loaded.search("elm st", there)] == [
        "Clinton",
        "Jackson",
    ]


async def test_loading_again_replaces_all(loaded: Places, engine: AsyncEngine) -> None:
    assert await loaded.load([at("Only One")]) == 1
    assert await loaded.search("mill", HERE) == []
    assert [place.name for place in await loaded.search("only", HERE)] == ["Only One"]
    await loaded.clear()
    assert (await loaded.any(), await loaded.count()) == (False, 0)
    assert await loaded.search("only", HERE) == []
    async with engine.connect() as connection:
        rows = await connection.execute(select(tables.places.c.id).where(words_begin(["only"])))
        assert rows.all() == []


async def test_nothing_is_found_where_nothing_was_loaded(engine: AsyncEngine) -> None:
    assert await Places(engine).search("mill", HERE) == []


async def test_at_most_ten(engine: AsyncEngine) -> None:
    room = Places(engine)
    await room.load([at(f"{number} Farish St") for number in range(1, 50)])
    assert len(await room.search("farish", HERE)) == 10


def test_a_long_text_is_cut() -> None:
    assert len(folding.asked("a " * 50)) == folding.MOST_WORDS
    assert folding.asked("x" * 100) == ["x" * 40]


async def test_an_operator_searches(whole: WholeHub) -> None:
    officer = await whole.operator(Role.OFFICER)
    settings = (await whole.ask("GET", "console", headers=officer)).json
    assert settings["places"] is False
    await Places(whole.engine).load(GAZETTEER)
    settings = (await whole.ask("GET", "console", headers=officer)).json
    assert settings == {
        "map": None,
        "webhook": False,
        "places": True,
        "centre": {"lat": 32.2988, "lon": -90.1848},
        "version": "test",
    }
    found = await whole.ask("GET", "places?q=elm+st&lat=32.4&lon=-90.18", headers=officer)
    assert [place["detail"] for place in found.json["places"]] == ["Clinton", "Jackson"]
    found = await whole.ask("GET", "places?q=mill", headers=officer)
    assert found.json["places"][0] == {
        "name": "Mill",
        "detail": "Jackson",
        "lat": 32.39,
        "lon": -90.18,
    }


@pytest.mark.parametrize(
    "query", ["", "q=", f"q={'x' * 101}", "q=mill&lat=91&lon=0", "q=mill&lat=x&lon=0", "q=a&more=1"]
)
async def test_a_query_out_of_shape_is_refused(whole: WholeHub, query: str) -> None:
    assert (await whole.ask("GET", f"places?{query}")).problem == "malformed"


async def test_who_may_not_search(whole: WholeHub) -> None:
    administrator = await whole.operator(Role.ADMINISTRATOR)
    refused = await whole.ask("GET", "places?q=mill", headers=administrator)
    assert refused.problem == "forbidden"
    assert (await whole.ask("GET", "places?q=mill", headers={})).problem == "unauthenticated"


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> tuple[int, str]:
        status = cli.main(["--data", str(tmp_path / "data"), "places", *words])
        said = capsys.readouterr()
        return status, said.out + said.err

    path = tmp_path / "places.csv"
    path.write_text("name,lat,lon\nMill St,32,-90\n" + ",1,2\n" * 5)
    status, said = run("load", str(path))
    assert status == 0
    assert "1 places are loaded" in said
    assert "5 were left out" in said
    assert "line 3: has no name" in said
    assert "and so on" in said
    assert run("count") == (0, "1 places\n")
    status, said = run("load", str(tmp_path / "none"))
    assert (status, said.startswith("rtcc-hub: cannot read")) == (1, True)
    assert run("count") == (0, "1 places\n")
    assert run("clear")[0] == 0
    assert run("count") == (0, "0 places\n")
