"""HTTP: what a home asks about itself: how the log stands, and the entries about this home."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.access.shown import Shown
from hub.errors import HOME_UNKNOWN, REFUSED_STATEMENT, Problem
from hub.http.routes import Answer, Call, Nothing, Route
from hub.protocol.entries import Entry
from hub.protocol.errors import Reason, Rejected
from hub.protocol.mine import PAGE, Mine, verify_question
from hub.protocol.tokens import Verifier
from hub.store.tables import log_entries
from hub.transparency.log import AccessLog


class LogQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A home's signed question about its entries."""

    home: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=16_384)]


class LogAdvance(msgspec.Struct, frozen=True):
    """The newest checkpoint, and the proof that it continues the log of size `since`."""

    checkpoint: str
    since: int
    consistency: list[str]


class LogProof(msgspec.Struct, frozen=True):
    """An entry as canonical JSON, its index, and its path to the checkpoint's root."""

    entry: str
    index: int
    inclusion: list[str]


class LogAnswer(msgspec.Struct, frozen=True):
    """The log as it stands, entries about the home in their order, and whether there are more."""

    log: LogAdvance
    entries: list[LogProof]
    more: bool


class MineApi:
    """The public route on which homes check the log."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        shown: Shown,
        hub: str,
        verifier_of: Callable[[str], Verifier | None],
        doubted: Callable[[str, str], None],
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, the log, what homes were shown of it, their keys and the clock.

        `doubted(home, reason)` hears of a home that has seen a log that is not here.
        """
        self._engine = engine
        self._log = log
        self._shown = shown
        self._hub = hub
        self._verifier_of = verifier_of
        self._doubted = doubted
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="POST",
                path="/api/v1/log/mine",
                handler=self.mine,
                summary="The log's checkpoint and a home's own entries, for this home alone",
                scope=None,
                body=LogQuestion,
                answer=LogAnswer,
                problems=(HOME_UNKNOWN, REFUSED_STATEMENT),
            )
        ]

    async def mine(self, call: Call[Nothing, LogQuestion]) -> Answer:
        """Show a home what is about it, with proofs."""
        home = call.body.home
        verifier = self._verifier_of(home)
        if verifier is None:
            raise Problem(HOME_UNKNOWN, "this home is not enrolled, or was removed: enrol again")
        try:
            question = verify_question(call.body.token, verifier, home, self._hub, self._now())
        except Rejected as err:
            raise Problem(REFUSED_STATEMENT, err.detail, reason=err.reason) from err
        if await self._log.lacks(question.since):
            self._doubted(home, Reason.LOG_BEHIND)
        # One book for the whole answer; what is written meanwhile is for the next.
        book = self._log.book
        size = book.note.checkpoint.size
        async with self._engine.connect() as connection:
            rows = (
                await connection.execute(
                    select(log_entries.c.index, log_entries.c.data)
                    .where(
                        log_entries.c.home == home,
                        log_entries.c.index >= question.start,
                        log_entries.c.index < size,
                    )
                    .order_by(log_entries.c.index)
                    .limit(PAGE + 1)
                )
            ).all()
        proofs = tuple(book.prove(Entry.parse(data), index) for index, data in rows[:PAGE])
        mine = Mine(advance=book.advance(question.since), proofs=proofs, more=len(rows) > PAGE)
        self._shown.showed(home, size)
        return Answer(mine.claims())
