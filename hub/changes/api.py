"""HTTP: the change feed, as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Annotated

import msgspec

from hub.changes.feed import TICK_S, Feed, hear
from hub.changes.own_streams import OwnStreams
from hub.changes.readers import RESET, Reader
from hub.changes.written import sent, written
from hub.http.routes import EVENTS, Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope

_BATCH = 100
_AGAIN = b"retry: 300\n\n"


class Since(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of the last change that was heard; without it, or if it is too old, all is told."""

    since: Annotated[str, msgspec.Meta(max_length=64)] = ""


class ChangesApi:
    """The route of the feed."""

    def __init__(self, feed: Feed, streams: OwnStreams) -> None:
        """Take the feed, and what tells of the callers' own streams."""
        self._feed = feed
        self._streams = streams

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/api/v1/changes",
                handler=self.changes,
                summary="All that the console shows, and then each change of it",
                scope=TokenScope.INCIDENTS_READ,
                query=Since,
                media=EVENTS,
                background=True,
            )
        ]

    async def changes(self, call: Call[Since, Nothing]) -> Answer:
        """Tell them as they come, until the session is over."""
        await self._feed.ready()
        since = call.request.headers.get("Last-Event-ID") or call.query.since
        return Answer(self._told(Reader(call.who), self._feed.ring.read(since)))

    async def _told(self, reader: Reader, number: int | None) -> AsyncGenerator[bytes]:
        feed, ring, clock = self._feed, self._feed.ring, asyncio.get_running_loop().time
        feed.readers.add(reader)
        try:
            self._streams.join(reader)
            yield _AGAIN
            if not feed.running:
                reader.end(RESET)
            elif number is None or ring.after(number, 1) is None:
                number = ring.last
                yield written("everything", feed.everything(reader.caller), ring.written(number))
            beat = clock()
            while reader.over is None and number is not None:
                if clock() >= beat:
                    beat = clock() + TICK_S
                    yield written("beat", {"now": feed.now()})
                for event in _waiting(reader):
                    yield event
                if (changes := ring.after(number, _BATCH)) is None:
                    # It read so slowly that some are not kept any more.
                    reader.end(RESET)
                    break
                for change in changes:
                    number = change.number
                    if change.needs in reader.caller.scopes:
                        yield sent(change.kind, change.value, ring.written(number))
                if not changes:
                    await hear(reader)
            for event in _waiting(reader):
                yield event
            yield written(reader.over or RESET, {})
        finally:
            feed.readers.drop(reader)


def _waiting(reader: Reader) -> Iterator[bytes]:
    while reader.events:
        yield reader.events.popleft()
