"""Ring's signalling as its library's published code speaks it: one socket for each viewer."""

import asyncio
import json
from typing import Any

from ring_doorbell.const import APP_API_URI, RTC_STREAMING_TICKET_ENDPOINT

from tests.integration.sdp_samples import HOST, REFLEXIVE, answer_to

TICKET = APP_API_URI + RTC_STREAMING_TICKET_ENDPOINT


class RingSocket:
    """The far end: tells of a session, answers `sendrecv`, and wants pings until it is closed."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()

    def methods(self) -> list[str]:
        """Return what was asked, in order."""
        return [each["method"] for each in self.sent]

    def tell(self, method: str, **body: Any) -> None:
        """Send a message."""
        self._inbox.put_nowait(json.dumps({"method": method, "body": body}))

    async def send(self, message: str) -> None:
        found = json.loads(message)
        self.sent.append(found)
        if found["method"] == "live_view":
            self.tell("session_created", session_id="s" * 40)
            text = answer_to(found["body"]["sdp"], HOST)
            for direction in ("inactive", "sendonly"):
                text = text.replace(f"a={direction}", "a=sendrecv")
            self.tell("sdp", sdp=text)
            self.tell("ice", ice=REFLEXIVE, mlineindex=1)

    async def close(self) -> None:
        self.closed.set()
        self._inbox.put_nowait(None)

    def __aiter__(self) -> RingSocket:
        return self

    async def __anext__(self) -> str:
        if (message := await self._inbox.get()) is None:
            raise StopAsyncIteration
        return message


class Signalling:
    """Where the library connects to."""

    def __init__(self) -> None:
        self.sockets: list[RingSocket] = []
        self.connecting = asyncio.Event()
        self.slow: asyncio.Event | None = None

    async def connect(self, *_: Any, **__: Any) -> RingSocket:
        self.connecting.set()
        if self.slow is not None:
            await self.slow.wait()
        self.sockets.append(RingSocket())
        return self.sockets[-1]
