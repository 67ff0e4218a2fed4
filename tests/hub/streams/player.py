"""A player that speaks WHEP by hand, so that tests say every header themselves."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.streams.sdpfrag import SDPFRAG
from hub.streams.whep_rules import SDP
from tests.hub.streams.streaming import Streaming
from tests.hub.whole import Answer, WholeHub

UFRAG = "aBcD"
OFFER = f"""v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=ice-ufrag:{UFRAG}
a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa
a=mid:0
a=recvonly
a=rtpmap:96 VP8/90000
""".replace("\n", "\r\n")
CANDIDATE = "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host"
FRAGMENT = f"a=ice-ufrag:{UFRAG}\r\nm=video 9 X 0\r\na=mid:0\r\na={CANDIDATE}\r\n"


@dataclass
class WhepPlayer:
    """One who plays a camera; `credentials` are headers."""

    whole: WholeHub
    incident: str
    camera: str
    credentials: Mapping[str, str]

    @classmethod
    def of(cls, here: Streaming) -> WhepPlayer:
        """Return one with the test's token."""
        bearer = {"Authorization": f"Bearer {here.whole.bearer}"}
        return cls(here.whole, here.incident, here.camera, bearer)

    @property
    def base(self) -> str:
        return f"/api/v1/incidents/{self.incident}/cameras/{self.camera}"

    @property
    def endpoint(self) -> str:
        return f"{self.base}/whep"

    async def send(
        self,
        method: str,
        path: str,
        data: str | bytes | None = None,
        media: str = "",
        headers: Mapping[str, str] | None = None,
        credentials: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send anything, by default with the player's credentials."""
        sent = dict(self.credentials if credentials is None else credentials)
        if media:
            sent["Content-Type"] = media
        async with self.whole.client.request(
            method, path, data=data, headers=sent | dict(headers or {})
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def offer(self, sdp: str | bytes = OFFER, **how: Mapping[str, str]) -> Answer:
        """Ask for a stream."""
        return await self.send("POST", self.endpoint, sdp, SDP, **how)

    async def start(self) -> tuple[str, Answer]:
        """Begin a stream; return its address and the answer."""
        answer = await self.offer()
        assert answer.status == 201, answer.body
        return answer.headers["Location"], answer

    async def trickle(
        self, address: str, fragment: str = FRAGMENT, **how: Mapping[str, str]
    ) -> Answer:
        """Send a fragment."""
        return await self.send("PATCH", address, fragment, SDPFRAG, **how)
