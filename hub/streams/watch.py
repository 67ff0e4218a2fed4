"""Watches over the streams that run: each is judged again whenever something may have changed."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.access.decide import Decision, Denial
from hub.access.judge import Judge, Judged
from hub.access.looks import Asked
from hub.operators.presence import present
from hub.streams.lasting import why_over
from hub.streams.running import Ending, Running
from hub.streams.sessions import Session

_LOGGER = logging.getLogger(__name__)
TICK_S = 1.0
"""How often what nobody told of is looked for: time, and what other processes did."""
_PAUSE_S = 0.05
"""Between two rounds: a busy hub writes many entries, and most change nothing here."""


class Watch:
    """Ends what may not go on."""

    def __init__(
        self,
        engine: AsyncEngine,
        judge: Judge,
        running: Running,
        idle: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, who decides, the streams, how long operators may be idle, the clock."""
        self._engine = engine
        self._judge = judge
        self._running = running
        self._idle = idle
        self._now = now
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._watch(), name="streams")

    async def stop(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def recheck(self) -> None:
        """Judge all again at once: something changed."""
        self._changed.set()

    async def present(self, connection: AsyncConnection, session: Session, now: datetime) -> bool:
        """Tell whether whoever opened a stream is still signed in."""
        return bool(await present(connection, [session.caller], now, self._idle))

    async def round(self) -> None:
        """Judge every running stream, and end those that may not go on."""
        sessions, now = self._running.all(), self._now()
        if sessions:
            await self._running.end(await self._over(sessions, now))
        else:
            await self._running.settle()
        self._running.sweep()

    async def _over(self, sessions: list[Session], now: datetime) -> list[Ending]:
        callers = {session.caller for session in sessions}
        judged: dict[str, Judged] = {}
        here: Iterable[object] = callers
        try:
            async with self._engine.connect() as connection:
                here = await present(connection, callers, now, self._idle)
                asked = [session.asked for session in sessions]
                judged = await self._judge.judge_all(connection, asked, now)
        except SQLAlchemyError as err:
            # No lease is renewed meanwhile, so none of them runs for long.
            _LOGGER.warning("The streams cannot be judged: %s", err)
        endings = []
        for session in sessions:
            found = judged.get(session.look)
            decision = found.decision if found else self._by_memory(session.asked, now)
            over = why_over(session.lease, decision, present=session.caller in here, now=now)
            if over is not None:
                endings.append(Ending(session, over))
        return endings

    def _by_memory(self, asked: Asked, now: datetime) -> Decision | None:
        """Decide what can be decided without the store: a camera that is not live is none."""
        live = self._judge.live(asked.camera, now)
        return None if live is not None else Decision(False, Denial.NOT_LIVE)

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S if self._running.busy else None):
                    await self._changed.wait()
            self._changed.clear()
            try:
                await self.round()
            except Exception:
                # Whatever it is, the next round comes.
                _LOGGER.exception("The streams could not be looked after")
                await asyncio.sleep(TICK_S)
            await asyncio.sleep(_PAUSE_S)
