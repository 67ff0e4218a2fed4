"""The streams of a simulated home: a canned answer, and the words that belong to a real one."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe

from hub.protocol.request import Request
from hub.protocol.session import Act, Word
from hub.protocol.stream import LEASE, Candidate

ANSWER = """\
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=SIMULATED
t=0 0
a=group:BUNDLE 0
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:sIm4
a=ice-pwd:simulatedsimulatedsimula
a=fingerprint:sha-256 \
00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:\
00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF
a=setup:active
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=candidate:1 1 udp 2130706431 192.0.2.10 50000 typ host
a=end-of-candidates
""".replace("\n", "\r\n")


@dataclass(slots=True)
class _Stream:
    began: datetime
    until: datetime
    over: asyncio.TimerHandle
    candidates: list[Candidate] = field(default_factory=list)


class SimulatedStreams:
    """The streams that run in one home: each ends by itself when nobody renews it."""

    def __init__(
        self, home: str, hub: str, send: Callable[[Word], None], now: Callable[[], datetime]
    ) -> None:
        """Take who talks to whom, what signs and sends a word, and the clock."""
        self._home = home
        self._hub = hub
        self._send = send
        self._now = now
        self._running: dict[str, _Stream] = {}
        self.heard: asyncio.Queue[Word] = asyncio.Queue()
        """The hub's words in their order."""

    def __contains__(self, session: str) -> bool:
        """Tell whether a stream runs."""
        return session in self._running

    def candidates(self, session: str) -> list[Candidate]:
        """Return the player's candidates that came for a stream."""
        return self._running[session].candidates

    def begin(self, request: Request) -> None:
        """Let a stream run until its lease is over."""
        until = request.issued + LEASE
        self._running[request.id] = _Stream(self._now(), until, self._alarm(request.id, until))

    def take(self, word: Word) -> None:
        """Do as the hub says."""
        stream = self._running.get(word.session)
        if stream is not None:
            match word.act:
                case Act.CLOSE:
                    self.end(word.session, "closed")
                case Act.RENEW if word.until is not None and word.until > stream.until:
                    stream.over.cancel()
                    stream.until = word.until
                    stream.over = self._alarm(word.session, word.until)
                case Act.CANDIDATES:
                    stream.candidates += word.candidates
                case _:
                    pass
        self.heard.put_nowait(word)

    def end(self, session: str, reason: str) -> None:
        """End a stream, and tell the hub."""
        stream = self._running.pop(session)
        stream.over.cancel()
        seconds = math.ceil((self._now() - stream.began).total_seconds())
        self.say(session, Act.ENDED, reason=reason, seconds=seconds)

    def end_all(self, reason: str) -> None:
        """End all streams."""
        for session in list(self._running):
            self.end(session, reason)

    def drop_all(self) -> None:
        """End all streams of a home that cannot tell."""
        for stream in self._running.values():
            stream.over.cancel()
        self._running.clear()

    def say(self, session: str, act: Act, **what: object) -> None:
        """Send the hub any word on a session."""
        word = Word(
            id=token_urlsafe(16),
            sender=self._home,
            receiver=self._hub,
            session=session,
            act=act,
            issued=self._now(),
            **what,  # type: ignore[arg-type]
        )
        self._send(word)

    def _alarm(self, session: str, until: datetime) -> asyncio.TimerHandle:
        left = (until - self._now()).total_seconds()
        return asyncio.get_running_loop().call_later(left, self.end, session, "lease_over")
