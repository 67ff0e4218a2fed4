"""One home that streams, an open incident, and someone who looks: what tests of streams share."""

import asyncio
from dataclasses import dataclass

from hub.operators.csrf import COOKIE
from hub.operators.tokens import Caller
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.session import Act, Word
from hub.protocol.vocabulary import Role
from hub.streams.sessions import Session
from hub.streams.told import Ended, Event, Over
from tests.hub.waiting import LIMIT
from tests.hub.whole import ScriptedHome, WholeHub

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"


@dataclass
class Streaming:
    """A hub, a home, an incident and a caller."""

    whole: WholeHub
    home: ScriptedHome
    incident: str
    caller: Caller

    @property
    def camera(self) -> str:
        return self.home.identity.camera

    async def open(self, caller: Caller | None = None) -> Session:
        return await self.whole.hub.streams.open(
            self.incident, self.camera, OFFER, caller or self.caller
        )

    async def word(self) -> Word:
        """Return the hub's next word to the home."""
        return await asyncio.wait_for(self.home.streams.heard.get(), LIMIT)

    async def closed(self, session: Session) -> str | None:
        """Wait until the home was told to close a stream, and return why."""
        word = await self.word()
        assert (word.act, word.session) == (Act.CLOSE, session.look)
        return word.reason

    async def end(self) -> Entry:
        """Wait until the end of a look is in the log, and return its entry."""
        async with asyncio.timeout(LIMIT):
            while not (found := await self.whole.entries(EntryKind.LOOK_ENDED)):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return found[-1]

    async def receipt(self) -> tuple[str, str, int]:
        """Wait for the home's next receipt: the look, its outcome, its seconds."""
        await asyncio.wait_for(self.home.receipted.get(), LIMIT)
        receipt = self.home.receipts[-1]
        return receipt.look, receipt.outcome, receipt.seconds


async def streaming(whole: WholeHub) -> Streaming:
    """Make all that a stream needs."""
    home = await whole.home(streaming=True)
    caller = await whole.tokens.authenticate(whole.bearer, whole.clock())
    return Streaming(whole, home, await whole.incident(), caller)


async def signed_in(whole: WholeHub, role: Role = Role.OFFICER) -> tuple[Caller, dict[str, str]]:
    """Make an operator with a session; return the caller and the headers of the browser."""
    headers = await whole.operator(role)
    cookie = headers["Cookie"].removeprefix(f"{COOKIE}=")
    sessions = whole.hub.operators.sessions
    return await sessions.caller(cookie, whole.clock(), locked=False, active=True), headers


async def told(session: Session) -> list[Event]:
    """Return all that the page is told until the end."""
    async with asyncio.timeout(LIMIT):
        return [event async for event in session.events()]


async def over(session: Session) -> Over:
    """Wait until a stream is over, and return what the page is told."""
    last = (await told(session))[-1]
    assert isinstance(last, Ended)
    assert last.reason is session.over
    return last.reason
