"""A camera that streams in words only, and a city that asks for live video and speaks of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import orjson
from homeassistant.components.camera import (
    CameraEntityFeature,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCError,
    WebRTCSendMessage,
)
from homeassistant.core import callback
from webrtc_models import RTCIceCandidateInit

from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.request import Request
from custom_components.jackson_rtcc.protocol.session import (
    SESSION,
    Act,
    Word,
    sign_word,
    verify_word,
)
from custom_components.jackson_rtcc.protocol.stream import LEASE, Candidate, Offer
from custom_components.jackson_rtcc.protocol.tokens import Signer, Token
from custom_components.jackson_rtcc.protocol.vocabulary import Scope
from tests.integration.cameras import FakeCamera
from tests.integration.city import City

HOST = "candidate:1 1 udp 2130706431 192.0.2.7 4711 typ host"
LATER = "candidate:2 1 udp 2130706431 192.0.2.8 4712 typ host"


def sdp(*lines: str, direction: str = "recvonly") -> str:
    """Return a session description of one video line."""
    return "\r\n".join(
        (
            "v=0",
            "o=- 1 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "m=video 9 UDP/TLS/RTP/SAVPF 96",
            "c=IN IP4 0.0.0.0",
            "a=mid:0",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa",
            "a=fingerprint:sha-256 " + ":".join(["AA"] * 32),
            "a=setup:actpass",
            "a=rtcp-mux",
            "a=rtpmap:96 VP8/90000",
            f"a={direction}",
            *lines,
            "",
        )
    )


OFFER = Offer(sdp())


@dataclass
class _Kept:
    """What a camera keeps of its sessions."""

    sends: dict[str, WebRTCSendMessage] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class StreamingCamera(FakeCamera):
    """A camera with WebRTC of its own, which answers at once, later, or not."""

    _attr_supported_features = CameraEntityFeature.STREAM

    def __init__(self, name: str = "Porch", unique_id: str | None = "porch") -> None:
        super().__init__(name, unique_id)
        self.kept = _Kept()
        self.offered = asyncio.Event()
        self.hold_answer: asyncio.Event | None = None
        self.refuses: Exception | None = None

    async def async_handle_async_webrtc_offer(
        self,
        offer_sdp: str,  # noqa: ARG002
        session_id: str,
        send_message: WebRTCSendMessage,
    ) -> None:
        self.offered.set()
        if self.hold_answer is not None:
            await self.hold_answer.wait()
        if self.refuses is not None:
            raise self.refuses
        self.kept.sends[session_id] = send_message
        answer = sdp(f"a={HOST}", "a=end-of-candidates", direction="sendonly")
        send_message(WebRTCAnswer(answer))

    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        assert session_id in self.kept.sends
        self.kept.candidates.append(candidate.candidate)
        self.kept.news.set()

    @callback
    def close_webrtc_session(self, session_id: str) -> None:
        self.kept.closed.append(session_id)
        self.kept.news.set()

    async def until(self, reached: Callable[[_Kept], bool]) -> None:
        """Return when what it keeps is as wanted."""
        async with asyncio.timeout(10):
            while not reached(self.kept):
                self.kept.news.clear()
                await self.kept.news.wait()

    def find_later(self, session: str, *lines: str) -> None:
        """Find more candidates, by default one."""
        for line in lines or (LATER,):
            self.kept.sends[session](
                WebRTCCandidate(RTCIceCandidateInit(line, sdp_mid="0", sdp_m_line_index=0))
            )

    def give_up(self, session: str) -> None:
        """Fail in the middle of a session."""
        self.kept.sends[session](WebRTCError("broken", "the cable was cut"))


def ask_to_stream(city: City, grant: Grant, /, **changes: Any) -> Request:
    """Return a request for live video."""
    return city.request(grant, **({"action": Scope.STREAM, "offer": OFFER} | changes))


async def watch(city: City, grant: Grant, /, **changes: Any) -> Request:
    """Ask for live video, and return the request once it was answered with a stream."""
    request = ask_to_stream(city, grant, **changes)
    await city.ask(request)
    assert (await city.reply(request)).answer is not None
    return request


async def say(
    city: City, request: Request, act: Act, /, signer: Signer | None = None, **more: Any
) -> None:
    """Say a word on a session as the hub."""
    word = Word(
        id=token_hex(16),
        sender=city.signer.kid,
        receiver=request.home,
        session=request.id,
        act=act,
        issued=more.pop("issued", city.now),
        **more,
    )
    await city.publish(topics.requests(request.home), sign_word(signer or city.signer, word))


async def renew(city: City, request: Request) -> None:
    """Renew a session by one lease."""
    await say(city, request, Act.RENEW, until=city.now + LEASE)


async def close(city: City, request: Request) -> None:
    """Close a session."""
    await say(city, request, Act.CLOSE, reason="closed")


def words(city: City, request: Request) -> list[Word]:
    """Return what the home has said of a session, verified."""
    topic = topics.replies(request.home, request.id)
    return [
        verify_word(
            payload,
            city.homes[request.home].verifier,
            request.home,
            city.signer.kid,
            _said_at(payload),
            request.id,
        )
        for at, payload in city.history
        if at == topic and Token.parse(payload.partition(b"\n")[0]).header["typ"] == SESSION
    ]


def _said_at(payload: bytes) -> datetime:
    """Return when a word was said: a test may have moved the time since."""
    claims = orjson.loads(Token.parse(payload).payload)
    return datetime.fromtimestamp(claims["iat"], UTC)


async def said(city: City, request: Request, act: Act) -> Word:
    """Return the first word of this kind that the home says of a session."""
    return await city.until(
        lambda: next((word for word in words(city, request) if word.act is act), None)
    )


async def ended(city: City, request: Request) -> Word:
    """Return how the home says that a session ended."""
    return await said(city, request, Act.ENDED)


def candidates(*lines: str) -> tuple[Candidate, ...]:
    """Return candidates of the one media line."""
    return tuple(Candidate(line, "0", 0) for line in lines)
