"""The feed itself: follows the live set, the store and the log, and tells all who hear it.

It runs from its first reader on. If it fails, all begin anew: nobody looks at a screen that stood
still without a word.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.changes.city import CAMERAS, DECIDE, CityWork
from hub.changes.live import LiveCameras
from hub.changes.readers import Reader, Readers
from hub.changes.ring import Ring
from hub.grants.cameras import Cameras
from hub.operators.presence import present
from hub.operators.tokens import Caller

_LOGGER = logging.getLogger(__name__)
TICK_S = 1.0
"""How often what nobody told of is looked for: time, and what other processes wrote."""
COALESCE_S = 0.25
"""Cameras are told of so often at most."""
_PAUSE_S = 0.02
"""Between two reads of the store: what is written together is told together."""


class Feed:
    """What is told, and those who hear it."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        cameras: Cameras,
        city: CityWork,
        size: Callable[[], int],
        idle: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        """Take what is followed, the log's size, how long operators may be idle, and the clock."""
        self._engine = engine
        self._cameras = cameras
        self._city = city
        self._size = size
        self._idle = idle
        self.now = now
        self.ring = Ring()
        self.readers = Readers()
        self._live: LiveCameras | None = None
        self._touched = asyncio.Event()
        self._grown = asyncio.Event()
        self._checking = asyncio.Event()
        self._starting = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        cameras.on_changed = self._camera_changed

    async def ready(self) -> None:
        """Begin to follow, if nobody did.

        Raises:
            SQLAlchemyError: if the store cannot be read.

        """
        async with self._starting:
            if self._task is not None and not self._task.done():
                return
            self.ring.clear()
            self._live = LiveCameras(self._cameras)
            self._live.changes(self.now())
            await self._city.load(self._size(), self.now())
            self._task = asyncio.create_task(self._follow(), name="changes")

    async def stop(self) -> None:
        """Follow no more, and let all who hear go."""
        self.readers.reset()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def running(self) -> bool:
        """Tell whether what it tells is true."""
        return self._live is not None and self._task is not None and not self._task.done()

    def grown(self) -> None:
        """Look into the log: something was entered."""
        self._grown.set()

    def check(self) -> None:
        """Look whether all who hear are still signed in."""
        self._checking.set()

    def everything(self, caller: Caller) -> dict[str, object]:
        """Return all that this caller may know, as it was told last."""
        work, live = self._city.work, self._live
        sees, decides = CAMERAS in caller.scopes, DECIDE in caller.scopes
        return {
            "cameras": live.all() if live is not None and sees else [],
            "incidents": list(work.incidents.values()),
            "sightings": list(work.sightings.values()),
            "looks": list(self._city.looks.values()) if sees else [],
            "messages": list(work.messages.values()),
            "waiting": work.waiting if decides else [],
            "open_reviews": work.open_reviews if decides else 0,
        }

    def _camera_changed(self, camera: str) -> None:
        if self._live is not None:
            self._live.touch(camera)
            self._touched.set()

    async def _follow(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_cameras())
                group.create_task(self._follow_city())
                group.create_task(self._follow_readers())
        except* (SQLAlchemyError, OSError) as errors:
            _LOGGER.error("The store cannot be read for the feed: %s", errors.exceptions[0])  # noqa: TRY400
        except* Exception:
            _LOGGER.exception("The feed broke off")
        finally:
            self._live = None
            self.readers.reset()

    async def _follow_cameras(self) -> None:
        while True:
            await _either(self._touched, TICK_S)
            live = self._live
            changed = live.changes(self.now()) if live is not None else None
            if changed is not None:
                self.ring.add("cameras", CAMERAS, changed)
                self.readers.wake()
                await asyncio.sleep(COALESCE_S)

    async def _follow_city(self) -> None:
        while True:
            await _either(self._grown, TICK_S)
            for kind, needs, value in await self._city.changes(self.now()):
                self.ring.add(kind, needs, value)
            self.readers.wake()
            await asyncio.sleep(_PAUSE_S)

    async def _follow_readers(self) -> None:
        while True:
            await _either(self._checking, TICK_S)
            if len(self.readers):
                async with self._engine.connect() as connection:
                    here = await present(connection, self.readers.callers(), self.now(), self._idle)
                self.readers.keep(here)


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but not for longer than that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()


async def hear(reader: Reader) -> None:
    """Wait until there is something for a reader, a second at most."""
    await _either(reader.wake, TICK_S)
