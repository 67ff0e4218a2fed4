"""What the page that plays a stream is told while it plays."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.protocol.stream import Candidate


class Over(StrEnum):
    """Why a stream is over, as anyone may know it.

    All that speaks of the owner, of the home or of where the camera stands is one word (rule 7).
    The same words are in the access log and the metrics, so that nobody learns more there.
    """

    STOPPED = "stopped"
    LEASE_OVER = "lease_over"
    LONGEST = "longest"
    INCIDENT_CLOSED = "incident_closed"
    NOT_ALLOWED = "not_allowed"
    SIGNED_OUT = "signed_out"
    CAMERA_FAILED = "camera_failed"
    NO_LONGER_AVAILABLE = "no_longer_available"
    HUB_STOPPED = "hub_stopped"


@dataclass(frozen=True, slots=True)
class Leased:
    """The stream lives until `until` unless it is renewed, and never longer than `ends`."""

    until: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates of the camera that came after its answer."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The stream is over; nothing comes after this."""

    reason: Over


type Event = Leased | Found | Ended


class Listener:
    """What one page is told, in order. It may stop waiting at any time, and go on later."""

    def __init__(self, before: Iterable[Event]) -> None:
        """Begin with what was told before."""
        self._events = deque(before)
        self._more = asyncio.Event()
        self._over = False
        self._left = False

    def tell(self, event: Event) -> None:
        """Add an event."""
        self._events.append(event)
        self._more.set()

    def leave(self) -> None:
        """Tell nothing more than what was told already."""
        self._left = True
        self._more.set()

    def __aiter__(self) -> Listener:
        """Go over the events."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event as soon as there is one; after `Ended` there is none."""
        if self._over:
            raise StopAsyncIteration
        while not self._events:
            if self._left:
                raise StopAsyncIteration
            self._more.clear()
            await self._more.wait()
        event = self._events.popleft()
        self._over = isinstance(event, Ended)
        return event
