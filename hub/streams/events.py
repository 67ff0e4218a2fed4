"""What happens to one session, kept in order for the page that plays it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

MOST = 1_000
"""A renewal every 20 s for an hour, and every candidate there may be, are far fewer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: its number from 1 on, its name, and what it tells."""

    number: int
    name: str
    data: Mapping[str, object]


class Events:
    """The events of one session: told to all who listen, and again to who comes back."""

    def __init__(self) -> None:
        """Start with none."""
        self._all: list[Event] = []
        self._over = False
        self._more = asyncio.Event()

    @property
    def over(self) -> bool:
        """Tell whether nothing will happen any more."""
        return self._over

    def tell(self, name: str, data: Mapping[str, object], *, last: bool = False) -> None:
        """Add one; after the `last` one nothing is added, nor is it if there are too many."""
        if self._over or (len(self._all) >= MOST and not last):
            return
        self._all.append(Event(len(self._all) + 1, name, dict(data)))
        self._over = last
        self._more.set()
        # Whoever waits holds the old one.
        self._more = asyncio.Event()

    async def after(self, number: int = 0) -> AsyncIterator[Event]:
        """Return the events after this number as they come, until the last."""
        at = max(0, number)
        while True:
            while at < len(self._all):
                at += 1
                yield self._all[at - 1]
            if self._over:
                return
            await self._more.wait()
