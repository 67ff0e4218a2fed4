"""The access log in the store: order, transactions, several writers, and what it proves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.data import DataFolder
from hub.protocol.entries import LONGEST, EntryKind
from hub.protocol.errors import Rejected
from hub.protocol.proofs import Seen
from hub.protocol.tokens import Signer
from hub.store.tables import documents, log_checkpoints
from hub.transparency.log import HUB, AccessLog, Page
from tests.hub.migrated import open_migrated

SIGNER = Signer(Ed25519PrivateKey.generate())


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = await open_migrated(DataFolder.open(tmp_path))
    yield engine
    await engine.dispose()


async def opened(engine: AsyncEngine) -> AccessLog:
    log = AccessLog(engine, SIGNER, lambda: datetime.now(UTC))
    await log.load()
    return log


def note(page: Page, number: int) -> None:
    page.add(EntryKind.EXPORT, actor=HUB, outcome="done", about={"number": number})


async def both(log: AccessLog, number: int, row: dict[str, object]) -> None:
    async with log.writing() as page:
        note(page, number)
        await page.connection.execute(insert(documents).values(**row))


async def test_what_is_written_is_proved(engine: AsyncEngine) -> None:
    log, seen = await opened(engine), Seen()
    for number in range(20):
        written = await log.write(
            EntryKind.EXPORT, actor=HUB, outcome="done", about={"number": number}
        )
        logged = log.book.logged(written.entry, written.index, seen.size)
        seen = logged.verify(SIGNER.key.public_key(), SIGNER.kid, seen)
        assert seen.size == number + 1


async def test_a_body_that_fails_leaves_nothing(engine: AsyncEngine) -> None:
    log = await opened(engine)
    await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    before = log.book.note.text
    with pytest.raises(SQLAlchemyError):
        await both(log, 1, {"digest": "d"})
    assert log.book.note.text == before
    assert log.writable
    written = await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    assert written.index == 1


async def test_state_and_entry_are_one_transaction(engine: AsyncEngine) -> None:
    log = await opened(engine)
    row = {"digest": "d", "kind": "policy", "first": datetime.now(UTC), "document": "{}"}
    await both(log, 1, row)
    with pytest.raises(SQLAlchemyError):
        await both(log, 2, row)
    assert len(log) == 1


async def test_a_log_that_cannot_be_written_raises_an_alarm(engine: AsyncEngine) -> None:
    log, alarms = await opened(engine), []
    log.on_alarm = alarms.append
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE log_entries RENAME TO elsewhere"))
    for _ in range(2):
        with pytest.raises(SQLAlchemyError):
            await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    assert (alarms, log.writable) == ([False], False)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO log_entries"))
    assert (await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})).index == 0
    assert alarms == [False, True]


async def test_two_writers_make_one_log(engine: AsyncEngine) -> None:
    """A command beside the hub, or a second hub."""
    logs = [await opened(engine), await opened(engine)]
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            log = logs[number % 2]
            group.create_task(
                log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={"number": number})
            )
    again = await opened(engine)
    assert len(again) == 20
    async with engine.connect() as connection:
        sizes = (await connection.execute(select(log_checkpoints.c.size))).scalars().all()
    assert sorted(sizes) == list(range(1, 21))
    async with logs[0].writing():
        pass
    assert logs[0].book.note.text == again.book.note.text


async def test_times_never_go_back(engine: AsyncEngine) -> None:
    clock = [datetime(2026, 11, 21, 12, 0, 1, 987_654, UTC), datetime(2026, 11, 21, 12, tzinfo=UTC)]
    log = AccessLog(engine, SIGNER, lambda: clock.pop(0))
    first = await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    second = await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    assert first.entry.time == second.entry.time
    assert b"12:00:01.98Z" in first.entry.data


async def test_a_page_knows_where_its_entries_will_stand(engine: AsyncEngine) -> None:
    log, other = await opened(engine), await opened(engine)
    await other.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    async with log.writing() as page:
        assert page.start == 1
        note(page, 1)
        note(page, 2)
    assert [written.index for written in page.written] == [1, 2]


async def test_what_another_process_wrote_is_not_lacking(engine: AsyncEngine) -> None:
    log, other = await opened(engine), await opened(engine)
    await other.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    assert len(log) == 0
    assert not await log.lacks(1)
    assert len(log) == 1
    assert await log.lacks(2)


@pytest.mark.parametrize(
    "changes",
    [
        {"about": {"words": "x" * LONGEST}},
        {"about": {"fraction": 0.5}},
        {"actor": "a" * 65},
        {"actor": ""},
        {"outcome": "two\nlines"},
    ],
)
async def test_an_entry_that_nobody_could_read_is_not_written(
    engine: AsyncEngine, changes: dict[str, Any]
) -> None:
    log = await opened(engine)
    with pytest.raises(Rejected):
        await log.write(
            EntryKind.EXPORT, **({"actor": HUB, "outcome": "done", "about": {}} | changes)
        )
    assert (len(await opened(engine)), log.writable) == (0, True)


async def test_a_store_that_is_not_there_raises_the_alarm(engine: AsyncEngine) -> None:
    log, alarms = await opened(engine), list[bool]()
    log.on_alarm = alarms.append
    await engine.dispose()

    def refuse(*_: object) -> None:
        # As the driver of a database server does that was stopped.
        raise ConnectionRefusedError(111, "Connect call failed")

    event.listen(engine.sync_engine, "do_connect", refuse)
    with pytest.raises(ConnectionRefusedError):
        await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    assert (alarms, log.writable) == ([False], False)
    event.remove(engine.sync_engine, "do_connect", refuse)
    await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={})
    assert (alarms, log.writable) == ([False, True], True)
