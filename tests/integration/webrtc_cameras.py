"""Cameras with WebRTC, each with the manners of a brand, as its published code and words tell."""

import asyncio
from typing import Any, override

from homeassistant.components.camera import (
    Camera,
    CameraEntityFeature,
    CameraWebRTCProvider,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCClientConfiguration,
    WebRTCError,
    WebRTCMessage,
    WebRTCSendMessage,
)
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from webrtc_models import RTCIceCandidateInit, RTCIceServer

from tests.integration.cameras import FakeCamera
from tests.integration.sdp_samples import HOST, REFLEXIVE, answer_to

GO2RTC_H265 = (
    "webrtc/offer: streams: codecs not matched: video:H265 => video:VP8, video:VP9, video:H264"
)
"""internal/streams/add_consumer.go, behind the name of the message that failed."""
GO2RTC_UNREACHABLE = "webrtc/offer: streams: dial tcp 192.168.7.20:554: connect: no route to host"
NEST_BAD_OFFER = (
    "Nest API error: Bad Request response from API (400): "
    "{'message': 'Offer SDP must contain audio, video and application, in that order'}"
)


class Peers:
    """What is known of the sessions at a camera, and a way to speak in its name."""

    def __init__(self) -> None:
        self.offers: dict[str, str] = {}
        self.servers: list[RTCIceServer] = []
        self.candidates: list[RTCIceCandidateInit] = []
        self.open: set[str] = set()
        self.closes: list[str] = []
        self.offered = asyncio.Event()
        self._sends: dict[str, WebRTCSendMessage] = {}

    def take(self, camera: Camera, offer: str, session: str, send: WebRTCSendMessage) -> None:
        """Take an offer; the session is not open yet."""
        configuration = camera.async_get_webrtc_client_configuration().configuration
        self.servers = list(configuration.ice_servers)
        self.offers[session] = offer
        self._sends[session] = send
        self.offered.set()

    def say(self, session: str, message: WebRTCMessage) -> None:
        """Send a message on a session, whether it is open or not."""
        self._sends[session](message)

    def answer(self, session: str, *candidates: str, **options: Any) -> None:
        """Send a plain answer."""
        self.say(session, WebRTCAnswer(answer_to(self.offers[session], *candidates, **options)))

    def trickle(self, session: str, line: str, **place: Any) -> None:
        """Send a candidate."""
        self.say(session, WebRTCCandidate(RTCIceCandidateInit(line, **place)))

    def close(self, session: str) -> None:
        """Close a session if it is open."""
        self.closes.append(session)
        self.open.discard(session)


class LiveCamera(FakeCamera):
    """A camera with WebRTC of its own that opens a session and leaves the rest to the test."""

    _attr_supported_features = CameraEntityFeature.STREAM

    def __init__(self, name: str = "Porch", unique_id: str | None = "porch") -> None:
        super().__init__(name, unique_id)
        self.peers = Peers()
        self.error: BaseException | None = None
        self.closing_error: Exception | None = None

    @override
    async def async_handle_async_webrtc_offer(
        self, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        self.peers.take(self, offer_sdp, session_id, send_message)
        await self.answered(session_id)

    async def answered(self, session: str) -> None:
        """Do what this kind of camera does with an offer."""
        self.peers.open.add(session)
        if self.error is not None:
            raise self.error

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        self.peers.candidates.append(candidate)

    @callback
    @override
    def close_webrtc_session(self, session_id: str) -> None:
        self.peers.close(session_id)
        if self.closing_error is not None:
            raise self.closing_error


class SleepingCamera(LiveCamera):
    """A camera that has to wake, and has no session until it has: closed before, it opens."""

    def __init__(self, name: str = "Porch", unique_id: str | None = "porch") -> None:
        super().__init__(name, unique_id)
        self.awake = asyncio.Event()
        self.stubborn = False

    @override
    async def answered(self, session: str) -> None:
        try:
            await self.awake.wait()
        except asyncio.CancelledError:
            if not self.stubborn:
                raise
            await self.awake.wait()
        self.peers.open.add(session)
        self.peers.answer(session, HOST)


class RingCamera(LiveCamera):
    """Answers `sendrecv` for every line, sound too, and takes candidates by number only."""

    @override
    async def answered(self, session: str) -> None:
        self.peers.open.add(session)
        text = answer_to(self.peers.offers[session], HOST)
        for direction in ("inactive", "sendonly"):
            text = text.replace(f"a={direction}", "a=sendrecv")
        self.peers.say(session, WebRTCAnswer(text))
        self.peers.trickle(session, REFLEXIVE, sdp_m_line_index=0)

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        if candidate.sdp_m_line_index is None:
            raise HomeAssistantError("sdp_m_line_index_required")
        await super().async_on_webrtc_candidate(session_id, candidate)


class NestCamera(LiveCamera):
    """Wants audio, video, application in this order; answers late, whole; takes no candidates."""

    def __init__(self, name: str = "Porch", unique_id: str | None = "porch") -> None:
        super().__init__(name, unique_id)
        self.cloud = asyncio.Event()

    @override
    def _async_get_webrtc_client_configuration(self) -> WebRTCClientConfiguration:
        return WebRTCClientConfiguration(data_channel="dataSendChannel")

    @override
    async def answered(self, session: str) -> None:
        lines = [line for line in self.peers.offers[session].split("\r\n") if line[:2] == "m="]
        if [line[2:].split()[0] for line in lines] != ["audio", "video", "application"]:
            raise HomeAssistantError(NEST_BAD_OFFER)
        await self.cloud.wait()
        self.peers.open.add(session)
        self.peers.answer(session, HOST)

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        """Ignore it."""


class Go2rtc(CameraWebRTCProvider):
    """Streams for cameras without WebRTC: answers at once, trickles, never says it is done.

    Its messages come by a connection of its own, after Home Assistant's call has returned.
    """

    def __init__(self) -> None:
        self.peers = Peers()
        self.error: str | None = None
        self.trickled = (HOST, REFLEXIVE)

    @property
    @override
    def domain(self) -> str:
        return "go2rtc"

    @callback
    @override
    def async_is_supported(self, stream_source: str) -> bool:
        return stream_source.startswith("rtsp:")

    @override
    async def async_handle_async_webrtc_offer(
        self, camera: Camera, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        await camera.stream_source()
        self.peers.take(camera, offer_sdp, session_id, send_message)
        self.peers.open.add(session_id)
        camera.hass.loop.call_soon(self._answered, session_id)

    def _answered(self, session: str) -> None:
        if self.error is not None:
            self.peers.say(session, WebRTCError("go2rtc_webrtc_offer_failed", self.error))
            return
        self.peers.answer(session)
        for line in self.trickled:
            self.peers.trickle(session, line)

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        self.peers.candidates.append(candidate)

    @callback
    @override
    def async_close_session(self, session_id: str) -> None:
        self.peers.close(session_id)


class RtspCamera(FakeCamera):
    """A camera on the network, which Go2rtc streams."""

    _attr_supported_features = CameraEntityFeature.STREAM
