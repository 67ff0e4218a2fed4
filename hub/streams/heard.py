"""What homes say of streams: of their ends, and of candidates that their cameras found late."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from hub.protocol.claims import malformed
from hub.protocol.errors import Reason, Rejected
from hub.protocol.session import SESSION, Act, Word, verify_word
from hub.protocol.tokens import LONGEST, Token, Verifier
from hub.rejections import Rejections


class Hears(Protocol):
    """Who deals with a home's words."""

    async def heard(self, home: str, word: Word) -> None:
        """Deal with a word that the home signed for us."""
        ...

    def answered(self, home: str, look: str) -> None:
        """Deal with a reply for which nobody waits any more."""
        ...


class Heard:
    """Reads homes' words and hands them on; nothing that a home sends can raise here."""

    def __init__(
        self,
        streams: Hears,
        hub: str,
        verifier_of: Callable[[str], Verifier | None],
        rejections: Rejections,
        now: Callable[[], datetime],
    ) -> None:
        """Take who deals with them, this hub's id, the homes' keys, the refusals and the clock."""
        self._streams = streams
        self._hub = hub
        self._verifier_of = verifier_of
        self._rejections = rejections
        self._now = now

    async def take(self, home: str, look: str, payload: bytes) -> None:
        """Deal with a word on `rtcc/v1/{home}/replies/{look}`."""
        now = self._now()
        try:
            word = self._read(home, look, payload, now)
        except Rejected as rejected:
            self._rejections.note(home, rejected, now)
            return
        await self._streams.heard(home, word)

    def _read(self, home: str, look: str, payload: bytes, now: datetime) -> Word:
        verifier = self._verifier_of(home)
        if verifier is None:
            raise Rejected(Reason.UNKNOWN_HOME, "no such home is enrolled")
        word = verify_word(payload, verifier, home, self._hub, now, look)
        if word.act not in (Act.ENDED, Act.CANDIDATES):
            raise malformed(f"{word.act} is no word of a home's")
        return word

    def late(self, home: str, look: str) -> None:
        """Note that a reply came for which nobody waits any more."""
        self._streams.answered(home, look)


def is_word(payload: bytes) -> bool:
    """Tell whether a message calls itself a word on a session, and no reply; nothing is proved."""
    if len(payload) > LONGEST or b"\n" in payload:
        return False
    try:
        return Token.parse(payload).header.get("typ") == SESSION
    except Rejected:
        return False
