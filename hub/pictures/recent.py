"""Stills that were just looked at: in memory, a few minutes, and never more than a limit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.operators.tokens import Caller
from hub.protocol.reply import Picture

MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A still that an operator was just shown, and the home's signed reply that it came with."""

    look: str
    incident: str
    camera: str
    home: str
    caller: Caller
    picture: Picture
    reply: str
    at: datetime


class Recent:
    """The stills that may still be attached, oldest first."""

    def __init__(
        self, life: timedelta, now: Callable[[], datetime], most_bytes: int = MOST_BYTES
    ) -> None:
        """Take how long a still is held (the policy's), the clock, and the limit of all."""
        self._life = life
        self._now = now
        self._most_bytes = most_bytes
        self._held: dict[str, Fresh] = {}
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many stills are held."""
        return len(self._held)

    def hold(self, shown: Fresh) -> None:
        """Hold a still; the oldest ones make room for it."""
        self.drop(shown.look)
        size = len(shown.picture.data)
        while self._held and self._bytes + size > self._most_bytes:
            self.drop(next(iter(self._held)))
        if size <= self._most_bytes:
            self._held[shown.look] = shown
            self._bytes += size

    def find(self, look: str) -> Fresh | None:
        """Return the still of a look, unless its time is over or it had to make room."""
        self.sweep()
        return self._held.get(look)

    def drop(self, look: str) -> None:
        """Forget the still of a look, if it is held."""
        if (shown := self._held.pop(look, None)) is not None:
            self._bytes -= len(shown.picture.data)

    def sweep(self) -> None:
        """Forget what was held long enough."""
        now = self._now()
        for look in [one.look for one in self._held.values() if now - one.at >= self._life]:
            self.drop(look)
