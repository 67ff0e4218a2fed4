"""The hub's words to homes on streams that run there."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import batched
from secrets import token_urlsafe
from typing import Any

from hub.messaging.bus import Bus, Disconnected
from hub.protocol import topics
from hub.protocol.session import MOST_CANDIDATES, Act, Word, sign_word
from hub.protocol.stream import Candidate
from hub.protocol.tokens import Signer
from hub.streams.told import Over


class Words:
    """Signs and sends them. What cannot be sent is lost: then the home ends the stream by itself.

    A home whose broker is gone ends all its streams, and one that nobody renews when its lease is
    over.
    """

    def __init__(self, bus: Bus, signer: Signer, now: Callable[[], datetime]) -> None:
        """Take the bus, the hub's key and the clock."""
        self._bus = bus
        self._signer = signer
        self._now = now

    def renew(self, home: str, look: str, until: datetime) -> None:
        """Let a stream live until then."""
        self._send(home, look, Act.RENEW, until=until)

    def close(self, home: str, look: str, reason: Over) -> None:
        """End a stream, or one that the home was asked for and has not begun."""
        self._send(home, look, Act.CLOSE, reason=reason)

    def candidates(self, home: str, look: str, candidates: tuple[Candidate, ...]) -> None:
        """Pass candidates of the player on."""
        for some in batched(candidates, MOST_CANDIDATES, strict=False):
            self._send(home, look, Act.CANDIDATES, candidates=some)

    def _send(self, home: str, look: str, act: Act, **what: Any) -> None:  # noqa: ANN401 - of `Word`
        word = Word(
            id=token_urlsafe(16),
            sender=self._signer.kid,
            receiver=home,
            session=look,
            act=act,
            issued=self._now(),
            **what,
        )
        with suppress(Disconnected):
            self._bus.publish(topics.requests(home), sign_word(self._signer, word))
