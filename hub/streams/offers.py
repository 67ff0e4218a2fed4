"""Remembers what the player of each running stream offered, and how much it may still say."""

from collections.abc import Callable
from datetime import datetime

from hub.http.limits import Limiter
from hub.operators.tokens import Caller
from hub.streams.sessions import Session
from hub.streams.whep_rules import Offered

_STREAMS = (2.0, 40.0)
"""A second and at once, of one caller: a wall of cameras stays below."""
_FRAGMENTS = (10.0, 100.0)
"""The same of one player: a browser sends one for each candidate at worst."""


class Offers:
    """The offers of the streams that run."""

    def __init__(self, find: Callable[[str], Session | None], now: Callable[[], datetime]) -> None:
        """Take what tells which streams run, and the clock."""
        self._find = find
        self._held: dict[str, Offered] = {}
        self._streams = Limiter(*_STREAMS, now)
        self._fragments = Limiter(*_FRAGMENTS, now)

    def expect(self, caller: Caller) -> None:
        """Count one more of a caller.

        Raises:
            Problem: `rate-limited`.

        """
        self._streams.take(caller.session or caller.pseudonym)

    def keep(self, session: Session, offered: Offered) -> None:
        """Remember the offer of a stream that begins; forget those of streams that are over."""
        running = {secret: each for secret, each in self._held.items() if self._find(secret)}
        self._held = running | {session.secret: offered}

    def of(self, session: Session) -> Offered:
        """Return what the player of a stream offered, now that it says something further.

        Raises:
            Problem: `rate-limited`.

        """
        self._fragments.take(session.look)
        return self._held[session.secret]
