"""One stream that is being opened or runs, as the hub keeps it in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe

from hub.access.looks import Asked, UnderWay
from hub.operators.tokens import Caller
from hub.protocol.session import Word
from hub.protocol.stream import Candidate, IceServer
from hub.streams.lasting import Lease
from hub.streams.told import Ended, Event, Found, Leased, Listener, Over

MOST_CANDIDATES = 200
"""Of each side; what comes after that is dropped."""
MOST_LISTENERS = 8
"""To one stream: who opens more lets the oldest go."""
_SECRET_BYTES = 32


@dataclass(eq=False, slots=True, kw_only=True)
class Session:
    """A stream. Whoever knows its `secret` may end it; nobody else learns of it.

    `began` is when its home answered, None until then; `until` is when its lease ends, and `ends`
    when it is over however often it is renewed. `over` is why it is over, None while it is not.
    """

    asked: Asked
    under_way: UnderWay
    ice: tuple[IceServer, ...]
    until: datetime
    ends: datetime
    secret: str = field(default_factory=lambda: token_urlsafe(_SECRET_BYTES), repr=False)
    etag: str = field(default_factory=lambda: f'"{token_urlsafe(12)}"')
    answer: str = field(default="", repr=False)
    began: datetime | None = None
    over: Over | None = None
    early: Word | None = None
    """The home's word that it is over, if it came before its answer was dealt with."""
    sent: int = 0
    """How many candidates of the player were passed on."""
    _found: list[Candidate] = field(default_factory=list)
    _listeners: list[Listener] = field(default_factory=list)
    _followers: list[Callable[[Event], None]] = field(default_factory=list)

    @property
    def look(self) -> str:
        """Return the id of the look, which names the session between hub and home."""
        return self.asked.id

    @property
    def caller(self) -> Caller:
        """Return who opened it, and alone may renew it."""
        return self.asked.caller

    @property
    def lease(self) -> Lease:
        """Return until when it lives."""
        return Lease(self.until, self.ends)

    def events(self) -> Listener:
        """Listen: the lease as it is, the candidates found so far, then all that comes."""
        listener = Listener(self.so_far())
        if len(self._listeners) >= MOST_LISTENERS:
            # The oldest: a page that comes back is still let in where a proxy holds the old line.
            self._listeners.pop(0).leave()
        self._listeners.append(listener)
        return listener

    def follow(self, tell: Callable[[Event], None]) -> None:
        """Tell all that comes."""
        self._followers.append(tell)

    def so_far(self) -> list[Event]:
        """Return how things stand, as events."""
        before: list[Event] = [Leased(self.until, self.ends)]
        if self._found:
            before.append(Found(tuple(self._found)))
        if self.over is not None:
            before.append(Ended(self.over))
        return before

    def deaf(self, listener: Listener) -> None:
        """Let a listener go that is not read any more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def renewed(self, until: datetime) -> None:
        """Note that it lives longer."""
        self.until = until
        self._tell(Leased(until, self.ends))

    def found(self, candidates: tuple[Candidate, ...]) -> None:
        """Pass late candidates of the camera on."""
        taken = candidates[: MOST_CANDIDATES - len(self._found)]
        if taken:
            self._found += taken
            self._tell(Found(taken))

    def ended(self, reason: Over) -> None:
        """Note that it is over."""
        self.over = reason
        self._tell(Ended(reason))

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener.tell(event)
        for tell in self._followers:
            tell(event)
