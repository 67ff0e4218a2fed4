"""What happens to streams, told to those who opened them on the feed that they hear anyway.

A browser has six connections to a hub: one event stream for each tile would not fit.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from hub.changes.readers import Reader, Readers
from hub.changes.written import written
from hub.operators.tokens import Caller
from hub.streams.events_api import said
from hub.streams.sessions import Session
from hub.streams.streams import Streams
from hub.streams.told import Ended, Event

_REMEMBERED = timedelta(minutes=2)
"""An end is told again to whoever comes back so soon."""


class OwnStreams:
    """The events of streams on their way to the feed."""

    def __init__(self, streams: Streams, readers: Readers, now: Callable[[], datetime]) -> None:
        """Take the streams, those who hear, and the clock."""
        self._streams = streams
        self._readers = readers
        self._now = now
        self._ended: dict[str, tuple[Caller, bytes, datetime]] = {}
        streams.on_begun = self._begun

    def join(self, reader: Reader) -> None:
        """Tell a new reader how their streams stand."""
        self._forget()
        for caller, told, _ in self._ended.values():
            if caller == reader.caller:
                reader.tell(told)
        for session in self._streams.of(reader.caller):
            for event in session.so_far():
                reader.tell(_told(session, event))

    def _begun(self, session: Session) -> None:
        session.follow(lambda event: self._tell(session, event))
        for event in session.so_far():
            self._tell(session, event)

    def _tell(self, session: Session, event: Event) -> None:
        told = _told(session, event)
        if isinstance(event, Ended):
            self._forget()
            self._ended[session.look] = (session.caller, told, self._now())
        for reader in self._readers.of(session.caller):
            reader.tell(told)

    def _forget(self) -> None:
        before = self._now() - _REMEMBERED
        for look in [look for look, (_, _, at) in self._ended.items() if at < before]:
            del self._ended[look]


def _told(session: Session, event: Event) -> bytes:
    kind, data = said(event)
    return written("stream", {"look": session.look, "kind": kind} | data)
