"""The access log for those who may read it: pages of entries, one entry, and its proof."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.operators.tokens import Caller
from hub.protocol.entries import Entry, EntryKind, write_time
from hub.protocol.proofs import Logged
from hub.store.tables import log_entries
from hub.transparency.log import AccessLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are wanted; None does not matter. `start` is the newest index to show."""

    kind: EntryKind | None = None
    actor: str | None = None
    home: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    start: int | None = None

    def about(self) -> dict[str, object]:
        """Write what was asked for, so that the log can tell it."""
        asked = {
            "kind": self.kind,
            "actor": self.actor,
            "home": self.home,
            "since": None if self.since is None else write_time(self.since),
            "until": None if self.until is None else write_time(self.until),
            "start": self.start,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def narrow(self, query: Select[tuple[int, bytes]]) -> Select[tuple[int, bytes]]:
        """Return the query with the conditions that the filter stands for."""
        columns = log_entries.c
        if self.kind is not None:
            query = query.where(columns.kind == self.kind)
        if self.actor is not None:
            query = query.where(columns.actor == self.actor)
        if self.home is not None:
            query = query.where(columns.home == self.home)
        if self.since is not None:
            query = query.where(columns.time >= self.since)
        if self.until is not None:
            query = query.where(columns.time < self.until)
        if self.start is not None:
            query = query.where(columns.index <= self.start)
        return query


class Reading:
    """Reads the log for auditors, each time with an entry of it, and proves what others hold."""

    def __init__(self, log: AccessLog, engine: AsyncEngine) -> None:
        """Take the log and its store."""
        self._log = log
        self._engine = engine

    async def page(self, wanted: Filter, limit: int, caller: Caller) -> list[tuple[int, bytes]]:
        """Return up to `limit` entries, newest first, after writing who reads them.

        Raises:
            SQLAlchemyError: if the log cannot be read or written; nothing is told then.

        """
        query = wanted.narrow(select(log_entries.c.index, log_entries.c.data))
        rows = await self._select(query.order_by(log_entries.c.index.desc()).limit(limit))
        await self._write(caller, {"filter": wanted.about(), "limit": limit, "count": len(rows)})
        return rows

    async def entry(self, index: int, since: int, caller: Caller) -> Logged | None:
        """Return one entry with its proof, after writing who reads it; None if there is none.

        Raises:
            SQLAlchemyError: as `page`.

        """
        columns = log_entries.c
        rows = await self._select(
            select(columns.index, columns.data).where(columns.index == index).limit(1)
        )
        await self._write(caller, {"index": index, "count": len(rows)})
        return await self._prove(rows, since)

    async def prove(self, data: bytes, since: int) -> Logged | None:
        """Return the proof of an entry that the asker holds; None if it is not in the log.

        Raises:
            Rejected: `malformed` if it is no entry.
            SQLAlchemyError: if the log cannot be read.

        """
        entry, columns = Entry.parse(data), log_entries.c
        # By its time, for which there is an index; the hash decides.
        query = select(columns.index, columns.data).where(
            columns.time == entry.time, columns.hash == entry.hash
        )
        return await self._prove(await self._select(query.limit(1)), since)

    async def _prove(self, rows: list[tuple[int, bytes]], since: int) -> Logged | None:
        for index, data in rows:
            if index >= len(self._log):
                # Another process wrote it.
                await self._log.load()
            return self._log.book.logged(Entry.parse(data), index, since)
        return None

    async def _write(self, caller: Caller, about: dict[str, object]) -> None:
        await self._log.write(
            EntryKind.LOG_READ,
            actor=caller.pseudonym,
            role=caller.role,
            outcome="done",
            about=about,
        )

    async def _select(self, query: Select[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(query)
            return [(index, bytes(data)) for index, data in rows]
