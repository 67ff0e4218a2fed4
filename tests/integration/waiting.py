"""Waiting for what a test is about, never for a time."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.jackson_rtcc.home import Home

LIMIT_S = 20


class Log(logging.Handler):
    """The log, to be waited for."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        super().__init__()
        self.caplog = caplog
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self._loop.call_soon_threadsafe(self._news.set)

    def count(self, text: str) -> int:
        return self.caplog.text.count(text)

    async def until(self, text: str) -> None:
        """Return when the text was logged."""
        async with asyncio.timeout(LIMIT_S):
            while text not in self.caplog.text:
                self._news.clear()
                await self._news.wait()


async def until_idle(home: Home) -> None:
    """Return when a home asks its city nothing more, and its broker has what it said.

    A jump in time cuts off what is under way.
    """
    for asking in (home.standing, home.log_check):
        async with asyncio.timeout(LIMIT_S), asking._turn:
            pass
    async with asyncio.timeout(LIMIT_S):
        while (group := home.link._group) is not None and group._tasks:
            await asyncio.wait(list(group._tasks))


async def until_state(hass: HomeAssistant, entity_id: str, wanted: str) -> None:
    """Return when the entity's state is `wanted`."""
    reached = asyncio.Event()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) and state.state == wanted:
            reached.set()

    unsubscribe = async_track_state_change_event(hass, entity_id, changed)
    try:
        state = hass.states.get(entity_id)
        if state is None or state.state != wanted:
            async with asyncio.timeout(LIMIT_S):
                await reached.wait()
    finally:
        unsubscribe()


async def until_told(
    listen: Callable[[Callable[[], None]], Callable[[], None]], reached: Callable[[], bool]
) -> None:
    """Return when `reached`; asked now, and again whenever what `listen` listens to tells."""
    news = asyncio.Event()
    unsubscribe = listen(news.set)
    try:
        async with asyncio.timeout(LIMIT_S):
            while not reached():
                await news.wait()
                news.clear()
    finally:
        unsubscribe()
