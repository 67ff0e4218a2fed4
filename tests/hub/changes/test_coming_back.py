"""Whoever comes back goes on from where they were, if what they missed is still there."""

import asyncio
from typing import Any

import pytest

from hub.changes.ring import Ring
from hub.operators.tokens import TokenScope
from hub.protocol.entries import EntryKind
from hub.transparency.log import HUB
from tests.hub.changes.listening import listening
from tests.hub.whole import WholeHub


async def test_what_was_missed_is_told_and_no_more(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
        first = await whole.incident()
        await ear.until("incident", id=first)
    second = await whole.incident(reference="CAD-2026-2")
    async with listening(whole, since=ear.last) as again:
        told = await again.first("incident")
        await again.until("beat")
    assert told["id"] == second
    assert "everything" not in {kind for kind, _ in again.heard}
    assert again.last != ear.last


async def test_a_browser_says_where_it_was_in_a_header(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
    headers = {"Authorization": f"Bearer {whole.bearer}", "Last-Event-ID": ear.last}
    async with listening(whole, headers) as again:
        assert (await again.next())[0] == "beat"


@pytest.mark.parametrize("since", ["other-1", "nonsense", "-1", "{last}9999", "{instance}-x"])
async def test_who_was_somewhere_else_begins_anew(whole: WholeHub, since: str) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
    instance = ear.last.partition("-")[0]
    async with listening(whole, since=since.format(last=ear.last, instance=instance)) as again:
        assert (await again.next())[0] == "everything"


async def test_who_missed_too_much_begins_anew(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
    ring = whole.hub.changes.feed.ring
    for _ in range(5_001):
        ring.add("incident", TokenScope.INCIDENTS_READ, {})
    async with listening(whole, since=ear.last) as again:
        assert (await again.next())[0] == "everything"


async def test_a_slow_reader_is_let_go_and_keeps_nothing_in_memory(whole: WholeHub) -> None:
    feed = whole.hub.changes.feed
    large: Any = {"id": "x" * 60_000}
    async with listening(whole) as ear:
        await ear.until("everything")
        for _ in range(200):
            # More than any buffer on the way takes, and nobody reads.
            feed.ring.add("sighting", TokenScope.INCIDENTS_READ, large)
        feed.readers.wake()
        for _ in range(5_001):
            feed.ring.add("sighting", TokenScope.INCIDENTS_READ, {})
        assert (await ear.rest())[-1] == "reset"
    async with asyncio.timeout(5):
        while len(feed.readers):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_if_the_feed_breaks_off_everybody_begins_anew(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = whole.hub.changes.feed

    async def fails(_now: object) -> list[Any]:
        raise RuntimeError("broken")

    async with listening(whole) as ear:
        await ear.until("everything")
        with monkeypatch.context() as patch:
            patch.setattr(feed._city, "changes", fails)
            assert (await ear.rest())[-1] == "reset"
    async with listening(whole, since=ear.last) as again:
        assert (await again.next())[0] == "everything"


async def test_without_the_store_there_is_no_feed(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
        async with whole.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE incidents RENAME TO elsewhere")
        await whole.hub.log.write(EntryKind.REVIEW, actor=HUB, outcome="filed", about={})
        assert (await ear.rest())[-1] == "reset"
        assert (await whole.ask("GET", "changes")).problem == "store-failed"
        async with whole.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO incidents")
    async with listening(whole) as again:
        assert (await again.next())[0] == "everything"


async def test_a_hub_that_stops_lets_all_go(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
        await whole.hub.changes.feed.stop()
        assert (await ear.rest())[-1] == "reset"


def test_the_ring_keeps_the_newest() -> None:
    ring = Ring(3)
    for number in range(5):
        ring.add("incident", TokenScope.INCIDENTS_READ, {"id": number})
    assert ring.after(1, 10) is None
    kept = ring.after(2, 10)
    assert kept is not None
    assert [change.number for change in kept] == [3, 4, 5]
    assert ring.after(5, 10) == []
    assert ring.after(6, 10) is None
    assert ring.read(ring.written(4)) == 4
    assert ring.read(f"{ring.instance}-{'9' * 40}") is None
