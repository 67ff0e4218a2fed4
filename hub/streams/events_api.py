"""HTTP: what happens to a stream, as server-sent events for the page that plays it.

Whoever connects hears first how things stand and then what comes, so there is nothing to say
about the events before (`Last-Event-ID`): to come back is to begin anew.
"""

import asyncio
from collections.abc import AsyncGenerator

from hub.errors import NOT_FOUND
from hub.http.routes import EVENTS, Answer, Call, Nothing, Route
from hub.http.server import encode
from hub.operators.tokens import TokenScope
from hub.protocol.stream import candidate_claims
from hub.streams.sessions import Session
from hub.streams.stream_api import SESSION, session_of
from hub.streams.streams import Streams
from hub.streams.told import Event, Found, Leased

KEEP_ALIVE_S = 15.0
"""Proxies hang up on what is silent for a minute or so; a page that is gone is noticed by it."""
_AGAIN = b"retry: 1000\n\n"
_NOTHING = b": nothing new\n\n"


class EventsApi:
    """The route of a stream's events."""

    def __init__(self, streams: Streams, every_s: float = KEEP_ALIVE_S) -> None:
        """Take the streams, and after how much silence a comment is sent."""
        self._streams = streams
        self._every_s = every_s

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path=f"{SESSION}/events",
                handler=self.stream_events,
                summary="What happens to a stream: `lease`, `candidates`, `ended`",
                scope=TokenScope.LOOKS_WRITE,
                media=EVENTS,
                problems=(NOT_FOUND,),
                background=True,
            )
        ]

    async def stream_events(self, call: Call[Nothing, Nothing]) -> Answer:
        """Tell them as they come, until the stream is over."""
        return Answer(_told(session_of(self._streams, call), self._every_s))


async def _told(session: Session, every_s: float) -> AsyncGenerator[bytes]:
    listener = session.events()
    try:
        yield _AGAIN
        while True:
            try:
                async with asyncio.timeout(every_s):
                    event = await anext(listener)
            except TimeoutError:
                yield _NOTHING
            except StopAsyncIteration:
                return
            else:
                yield written(event)
    finally:
        session.deaf(listener)


def written(event: Event) -> bytes:
    """Write an event as it is sent."""
    name, data = said(event)
    return b"event: %s\ndata: %s\n\n" % (name.encode(), encode(data))


def said(event: Event) -> tuple[str, dict[str, object]]:
    """Return an event's name, and what it tells."""
    match event:
        case Leased():
            return "lease", {"until": event.until, "ends": event.ends}
        case Found():
            return "candidates", {"candidates": candidate_claims(event.candidates)}
        case _:
            return "ended", {"reason": event.reason}
