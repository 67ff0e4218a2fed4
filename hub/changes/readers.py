"""Those who hear the feed: each with its own place in the ring, and its own streams' events."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from hub.operators.tokens import Caller

_MOST_EVENTS = 1_000
LOCKED = "locked"
RESET = "reset"


@dataclass(eq=False, slots=True)
class Reader:
    """One who hears the feed. `over` says with which word it ends; None while it goes on."""

    caller: Caller
    over: str | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    events: deque[bytes] = field(default_factory=deque)
    """What happened to streams of their own and is not sent yet."""

    def tell(self, event: bytes) -> None:
        """Add an event of an own stream."""
        if len(self.events) >= _MOST_EVENTS:
            self.end(RESET)
            return
        self.events.append(event)
        self.wake.set()

    def end(self, word: str) -> None:
        """Let it end with this word."""
        self.over = self.over or word
        self.wake.set()


class Readers:
    """All of them."""

    def __init__(self) -> None:
        """Start with none."""
        self._readers: set[Reader] = set()

    def add(self, reader: Reader) -> None:
        """Take one more."""
        self._readers.add(reader)

    def drop(self, reader: Reader) -> None:
        """Let one go."""
        self._readers.discard(reader)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._readers)

    def callers(self) -> frozenset[Caller]:
        """Return who they are."""
        return frozenset(reader.caller for reader in self._readers)

    def of(self, caller: Caller) -> list[Reader]:
        """Return those of one caller."""
        return [reader for reader in self._readers if reader.caller == caller]

    def wake(self) -> None:
        """Tell all that there is something new."""
        for reader in self._readers:
            reader.wake.set()

    def keep(self, callers: frozenset[Caller]) -> None:
        """End those who are not among these: they are signed out, or locked."""
        for reader in self._readers:
            if reader.caller not in callers:
                reader.end(LOCKED)

    def reset(self) -> None:
        """End all: they shall come back."""
        for reader in self._readers:
            reader.end(RESET)
