"""The access log over HTTP: tiles for everybody, entries for auditors, proofs for holders."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from hub.operators.tokens import TokenScope
from hub.protocol.checkpoint import origin_of, verify_checkpoint
from hub.protocol.claims import Fields
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.keys import from_jwk
from hub.protocol.proofs import Logged, Seen
from hub.protocol.vocabulary import Role
from hub.transparency import verify
from hub.transparency.log import HUB, PUBLIC, AccessLog
from hub.transparency.tiles import Tile, rebuild
from tests.hub.whole import WholeHub

IMMUTABLE = "public, max-age=31536000, immutable"


async def add(whole: WholeHub, count: int = 1, **about: object) -> None:
    async with whole.hub.log.writing() as page:
        for number in range(count):
            page.add(EntryKind.EXPORT, actor=HUB, outcome="done", about={"n": number} | about)


async def checkpoint(whole: WholeHub) -> Seen:
    answer = await whole.ask("GET", "/log/checkpoint", bearer="")
    assert answer.status == 200
    key = from_jwk((await whole.ask("GET", "city", bearer="")).json["key"])
    found = verify_checkpoint(answer.body.decode(), key, origin_of((await whole.city()).hub))
    return Seen(found.checkpoint.size, found.checkpoint.root)


async def test_anyone_can_rebuild_the_tree(whole: WholeHub) -> None:
    await add(whole, 600)
    seen = await checkpoint(whole)
    loop = asyncio.get_running_loop()

    def read(tile: Tile) -> bytes:
        asked = whole.ask("GET", f"/log/tile/{tile.path}", bearer="")
        answer = asyncio.run_coroutine_threadsafe(asked, loop).result()
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == IMMUTABLE
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.body

    tree, wrong = await asyncio.to_thread(rebuild, seen.size, read)
    assert (tree.root(), wrong) == (seen.root, [])


async def test_the_command_checks_a_real_hub(
    whole: WholeHub, capsys: pytest.CaptureFixture[str]
) -> None:
    await add(whole, 300)
    url, database = str(whole.client.make_url("/")), str(whole.engine.url.database)
    status = await asyncio.to_thread(verify.main, ["--url", url, "--database", database])
    out = capsys.readouterr().out
    assert (status, "It adds up." in out) == (0, True), out


async def test_the_checkpoint_is_soon_old_and_says_what_it_is(whole: WholeHub) -> None:
    answer = await whole.ask("GET", "/log/checkpoint", bearer="")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=2"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_partial_tile_of_any_size_stays(whole: WholeHub) -> None:
    await add(whole, 300)
    for width in (1, 7, 255):
        answer = await whole.ask("GET", f"/log/tile/0/000.p/{width}", bearer="")
        assert len(answer.body) == 32 * width
    assert len((await whole.ask("GET", "/log/tile/0/000", bearer="")).body) == 8192


@pytest.mark.parametrize(
    "path",
    [
        "0/001",
        "0/000.p/256",
        "0/000.p/0",
        "0/0",
        "1/000",
        "64/000",
        "x/000",
        "0/x000/000",
        "0/000/",
        "entries/000",
        "entries/000.p/1",
        "9/x123/x123/x123/x123/x123/x123/x123/000",
    ],
)
async def test_a_tile_that_is_not_there_is_a_problem(whole: WholeHub, path: str) -> None:
    await add(whole, 3)
    assert (await whole.ask("GET", f"/log/tile/{path}", bearer="")).problem == "not-found"


async def test_what_another_process_wrote_is_shown(whole: WholeHub) -> None:
    """A second hub at the same store, or a command beside this one."""
    log = whole.hub.log
    other = AccessLog(whole.engine, log._signer, whole.clock)
    await other.load()
    before = (await checkpoint(whole)).size
    written = await other.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={"n": "other"})
    body = {"entry": written.entry.data.decode()}
    answer = await whole.ask("POST", "log/proof", body, bearer="")
    assert (answer.status, answer.json["index"]) == (200, before)
    assert (await checkpoint(whole)).size == before + 1


async def entries(whole: WholeHub, query: str = "", bearer: str | None = None) -> Any:
    answer = await whole.ask("GET", f"log/entries{query}", bearer=bearer)
    assert answer.status == 200, answer.json
    return answer.json


async def auditor(whole: WholeHub) -> tuple[str, str]:
    bearer, token = await whole.tokens.create(
        "audit", Role.AUDITOR, frozenset({TokenScope.LOG_READ}), whole.clock()
    )
    return bearer, token.caller.pseudonym


async def test_an_auditor_reads_page_by_page_and_each_page_is_an_entry(whole: WholeHub) -> None:
    await add(whole, 7)
    bearer, pseudonym = await auditor(whole)
    size = len(whole.hub.log)
    found, query, pages = [], "?limit=3", 0
    while True:
        page = await entries(whole, query, bearer)
        pages += 1
        found += page["entries"]
        if page["next"] is None:
            break
        query = f"?limit=3&start={page['next']}"
    assert [entry["index"] for entry in found] == list(reversed(range(size)))
    newest = (await entries(whole, "?kind=log_read", bearer))["entries"]
    assert len(newest) == pages
    read = Entry.parse(newest[0]["entry"].encode())
    assert (read.actor, read.role, read.outcome) == (pseudonym, "auditor", "done")
    first = Entry.parse(newest[-1]["entry"].encode())
    assert first.about == {"filter": {}, "limit": 3, "count": 3}


async def test_entries_are_found_by_what_they_say(whole: WholeHub) -> None:
    log = whole.hub.log
    await add(whole, 2)
    moved = whole.clock()
    whole.clock.moved = timedelta(hours=1)
    await log.write(EntryKind.HOME, actor=PUBLIC, outcome="done", about={}, home="home-1")
    whole.clock.moved = timedelta(hours=2)
    await log.write(EntryKind.EXPORT, actor="officer-7", outcome="done", about={})
    hour = (moved + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = (moved + timedelta(minutes=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query, count in (
        ("?home=home-1", 1),
        ("?home=home-2", 0),
        ("?actor=officer-7", 1),
        ("?kind=export", 3),
        (f"?kind=export&since={hour}", 1),
        (f"?kind=export&until={hour}", 2),
        (f"?kind=home&since={hour}&until={later}", 1),
        ("?kind=export&start=0", 0),
        ("?kind=export&actor=officer-7&limit=500", 1),
    ):
        assert len((await entries(whole, query))["entries"]) == count, query
    [newest, *_] = (await entries(whole, "?kind=log_read"))["entries"]
    asked = Entry.parse(newest["entry"].encode()).about
    assert asked == {"filter": {"kind": "export", "actor": "officer-7"}, "limit": 500, "count": 1}


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("kind=nonsense", "kind"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("start=-1", "start"),
        ("since=yesterday", "since"),
        ("since=2026-11-21T12:00:00", "since"),
        ("home=", "home"),
        ("actor=%00", "actor"),
        ("other=1", "other"),
    ],
)
async def test_a_bad_filter_is_told(whole: WholeHub, query: str, what: str) -> None:
    answer = await whole.ask("GET", f"log/entries?{query}")
    assert answer.problem == "malformed"
    assert what in answer.json["detail"]


async def test_who_may_not_read_the_log_reads_nothing(whole: WholeHub) -> None:
    others = frozenset(TokenScope) - {TokenScope.LOG_READ}
    bearer, _ = await whole.tokens.create("narrow", Role.AUDITOR, others, whole.clock())
    for path in ("log/entries", "log/entries/0"):
        assert (await whole.ask("GET", path, bearer=bearer)).problem == "forbidden"
        assert (await whole.ask("GET", path, bearer="")).problem == "unauthenticated"
    assert (await entries(whole, "?kind=log_read"))["entries"] == []


async def test_one_entry_comes_with_its_proof(whole: WholeHub) -> None:
    await add(whole, 20)
    seen = await checkpoint(whole)
    key, hub = whole.hub.log._signer.key.public_key(), (await whole.city()).hub
    for index, since in ((0, 0), (seen.size - 1, seen.size)):
        answer = await whole.ask("GET", f"log/entries/{index}?since={since}")
        logged = Logged.read(Fields(answer.json))
        before = seen if since else Seen()
        assert logged.verify(key, hub, before).size == len(whole.hub.log)
        assert logged.proof.index == index
    newest = (await entries(whole, "?kind=log_read"))["entries"]
    read = Entry.parse(newest[0]["entry"].encode())
    assert read.about == {"index": seen.size - 1, "count": 1}


@pytest.mark.parametrize("index", ["999999", "-1", "x", "9" * 30, "%D9%A1"])
async def test_an_entry_that_is_not_there(whole: WholeHub, index: str) -> None:
    assert (await whole.ask("GET", f"log/entries/{index}")).problem == "not-found"


async def test_who_holds_an_entry_gets_its_proof(whole: WholeHub) -> None:
    await add(whole, 20)
    held = (await entries(whole, "?kind=export"))["entries"][5]
    size = len(whole.hub.log)
    seen = await checkpoint(whole)
    await add(whole, 3)
    body = {"entry": held["entry"], "since": size}
    answer = await whole.ask("POST", "log/proof", body, bearer="")
    logged = Logged.read(Fields(answer.json))
    key, hub = whole.hub.log._signer.key.public_key(), (await whole.city()).hub
    assert logged.verify(key, hub, seen).size == size + 3
    assert logged.proof.index == held["index"]
    assert len(whole.hub.log) == size + 3


async def test_who_only_guesses_an_entry_gets_nothing(whole: WholeHub) -> None:
    await add(whole, 3)
    held = (await entries(whole, "?kind=export"))["entries"][0]["entry"]
    entry = Entry.parse(held.encode())
    guess = held.replace(entry.salt, "A" * len(entry.salt))
    for body, problem in (
        ({"entry": guess}, "not-found"),
        ({"entry": held.replace(":", ": ", 1)}, "malformed"),
        ({"entry": "nonsense"}, "malformed"),
        ({"entry": ""}, "malformed"),
        ({"entry": "x" * 9000}, "malformed"),
        ({"entry": held, "since": -1}, "malformed"),
        ({}, "malformed"),
    ):
        assert (await whole.ask("POST", "log/proof", body, bearer="")).problem == problem


async def test_what_cannot_be_logged_is_not_read(whole: WholeHub) -> None:
    await add(whole, 1)
    async with whole.engine.begin() as connection:
        await connection.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON log_entries "
                 "BEGIN SELECT RAISE(FAIL, 'full'); END")
        )  # fmt: skip
    answers = [await whole.ask("GET", path) for path in ("log/entries", "log/entries/0")]
    assert [answer.problem for answer in answers] == ["store-failed"] * 2
    assert all(b'"entry"' not in answer.body for answer in answers)
