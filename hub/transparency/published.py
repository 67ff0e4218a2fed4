"""The figures as they stand now: counted once per entry, kept for the log's size."""

import asyncio
import base64
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import STORE_FAILED, Problem
from hub.protocol.entries import Entry
from hub.store.tables import log_entries
from hub.transparency.figures import Figures
from hub.transparency.log import AccessLog

_AT_ONCE = 1_000


class Published:
    """Counts what the log has grown by, when somebody asks."""

    def __init__(self, engine: AsyncEngine, log: AccessLog, city: str) -> None:
        """Take the store, the log and the city's name."""
        self._engine = engine
        self._log = log
        self._city = city
        self._figures = Figures()
        self._counting = asyncio.Lock()
        self._latest: Mapping[str, object] | None = None

    async def latest(self) -> Mapping[str, object]:
        """Return the figures with the checkpoint that they were counted at.

        Raises:
            SQLAlchemyError: if the store cannot be read.
            Problem: `store-failed` if entries are missing in it.

        """
        async with self._counting:
            note = self._log.book.note
            size = note.checkpoint.size
            if self._latest is None or self._figures.size != size:
                while self._figures.size < size:
                    if not (rows := await self._next(size)):
                        raise Problem(STORE_FAILED, "The access log has a gap: it was changed.")
                    # Reading an entry checks its form: in another thread, so that nobody waits.
                    await asyncio.to_thread(self._add, rows)
                self._latest = self._figures.written()
            return {
                "city": self._city,
                "log": {
                    "size": size,
                    "root": base64.b64encode(note.checkpoint.root).decode(),
                    "checkpoint": note.text,
                },
                **self._latest,
            }

    async def _next(self, size: int) -> Sequence[bytes]:
        start = self._figures.size
        async with self._engine.connect() as connection:
            rows = await connection.scalars(
                select(log_entries.c.data)
                .where(log_entries.c.index >= start, log_entries.c.index < size)
                .order_by(log_entries.c.index)
                .limit(_AT_ONCE)
            )
            return rows.all()

    def _add(self, rows: Sequence[bytes]) -> None:
        for data in rows:
            self._figures.add(Entry.parse(data))
