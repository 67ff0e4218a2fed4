"""The streams that run: each ends once, at once for its home and its page, then in the log."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from hub.access.ends import Ends, lasted
from hub.access.looks import End, UnderWay
from hub.protocol.vocabulary import Outcome
from hub.streams.sessions import Session
from hub.streams.told import Over
from hub.streams.words import Words

_LOGGER = logging.getLogger(__name__)
_REMEMBERED = timedelta(minutes=2)
"""Longer than a home may take for an answer, and its answer for its way."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A stream that is over and why; `seconds` is the home's word, if it was the home that said so.

    Otherwise the home does not know yet.
    """

    session: Session
    reason: Over
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class _Past:
    home: str
    reason: Over
    until: datetime


class Running:
    """The streams of this hub, those that are being opened too."""

    def __init__(
        self,
        ends: Ends,
        words: Words,
        count: Callable[[str], None],
        now: Callable[[], datetime],
    ) -> None:
        """Take what writes ends, what tells homes, what counts streams by their end, the clock."""
        self._ends = ends
        self._words = words
        self._count = count
        self._now = now
        self._sessions: dict[str, Session] = {}
        self._secrets: dict[str, Session] = {}
        self._past: dict[str, _Past] = {}
        self._owed: dict[str, tuple[UnderWay, End]] = {}

    def add(self, session: Session) -> None:
        """Take a stream that is being opened: from now on its home may speak of it."""
        self._sessions[session.look] = session

    def begin(self, session: Session, answer: str, now: datetime) -> None:
        """Let a stream run that its home answered."""
        session.answer, session.began = answer, now
        self._secrets[session.secret] = session

    def drop(self, session: Session, reason: Over, *, close: bool) -> None:
        """Forget a stream that did not begin; with `close` its home may think that it did."""
        del self._sessions[session.look]
        session.over = reason
        if close:
            self._close(session, reason)

    def find(self, secret: str) -> Session | None:
        """Return the running stream with this secret."""
        return self._secrets.get(secret)

    def of(self, look: str) -> Session | None:
        """Return the stream of a look, that is being opened or runs."""
        return self._sessions.get(look)

    def all(self) -> list[Session]:
        """Return all that run, oldest first."""
        return list(self._secrets.values())

    @property
    def busy(self) -> bool:
        """Tell whether there is anything to look after."""
        return bool(self._secrets or self._owed or self._past)

    def past(self, look: str) -> bool:
        """Tell whether a stream was here until a moment ago."""
        return look in self._past

    def late(self, home: str, look: str) -> None:
        """Tell a home again that a stream is over: it answered when nobody waited any more."""
        past = self._past.get(look)
        if past is not None and past.home == home:
            self._words.close(home, look, past.reason)

    async def end(self, endings: Iterable[Ending]) -> None:
        """End streams. The home and the page learn of it before anything else is waited for."""
        now = self._now()
        for each in endings:
            session, reason = each.session, each.reason
            if session.over is not None or session.began is None:
                continue
            del self._sessions[session.look], self._secrets[session.secret]
            if each.seconds is None:
                self._close(session, reason)
                seconds = lasted(session.began, min(now, session.until))
            else:
                self._remember(session, reason)
                seconds = min(each.seconds, lasted(session.asked.at, min(now, session.until)))
            session.ended(reason)
            self._count(reason)
            _LOGGER.info("Stream %s: %s after %s s", session.look, reason, seconds)
            end = End(outcome=Outcome.OK, reason=reason, seconds=seconds)
            self.owe(session.under_way, end)
        await self.settle()

    def owe(self, look: UnderWay, end: End) -> None:
        """Note an end that is to be written."""
        self._owed[look.look] = (look, end)

    async def settle(self) -> None:
        """Write the ends that are not written; what cannot be written is, later."""
        if not (owed := dict(self._owed)):
            return
        try:
            await self._ends.end(list(owed.values()))
        except (SQLAlchemyError, OSError) as err:
            _LOGGER.error("The ends of %s streams wait for the log: %s", len(owed), err)  # noqa: TRY400
            return
        for look in owed:
            self._owed.pop(look, None)

    def sweep(self) -> None:
        """Forget what was over long ago."""
        now = self._now()
        for look in [look for look, past in self._past.items() if past.until <= now]:
            del self._past[look]

    def _close(self, session: Session, reason: Over) -> None:
        self._remember(session, reason)
        self._words.close(session.under_way.home, session.look, reason)

    def _remember(self, session: Session, reason: Over) -> None:
        home = session.under_way.home
        self._past[session.look] = _Past(home, reason, self._now() + _REMEMBERED)
