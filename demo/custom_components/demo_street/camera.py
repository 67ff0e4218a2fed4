"""The camera: stills, and a WebRTC stream of its own as many real cameras have one."""

import asyncio
import time
from datetime import datetime
from typing import override

import numpy as np
from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE, VideoStreamTrack
from av import VideoFrame
from homeassistant.components.camera import (
    Camera,
    CameraEntityFeature,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCSendMessage,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType
from webrtc_models import RTCIceCandidateInit

from demo.picture import ZONE, draw, paint
from demo.webrtc import Peer

NAME = "Demo street"
RATE = 12
_LOOK = 3
_CODEC = "VP8"


async def async_setup_platform(
    _hass: HomeAssistant,
    _config: ConfigType,
    async_add_entities: AddEntitiesCallback,
    _discovery_info: DiscoveryInfoType | None = None,
) -> None:
    """Add it."""
    async_add_entities([DemoStreet()])


class DrawnStreet(VideoStreamTrack):
    """The street, drawn anew for every frame."""

    def __init__(self) -> None:
        """Start its clock."""
        super().__init__()
        self._begun = time.monotonic()
        self._count = 0

    async def recv(self) -> VideoFrame:
        """Wait until the next frame is due and draw it."""
        self._count = max(self._count + 1, int((time.monotonic() - self._begun) * RATE))
        await asyncio.sleep(self._begun + self._count / RATE - time.monotonic())
        frame = VideoFrame.from_ndarray(
            np.asarray(paint(NAME, datetime.now(ZONE), look=_LOOK)), format="rgb24"
        )
        frame.pts = self._count * VIDEO_CLOCK_RATE // RATE
        frame.time_base = VIDEO_TIME_BASE
        return frame


class DemoStreet(Camera):
    """Answers offers, each with a connection of its own."""

    _attr_supported_features = CameraEntityFeature.STREAM
    _attr_should_poll = False
    _attr_name = NAME
    _attr_unique_id = "demo_street"

    def __init__(self) -> None:
        """Begin without viewers."""
        super().__init__()
        self._peers: dict[str, Peer] = {}

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the picture of now."""
        return await self.hass.async_add_executor_job(self._still)

    @override
    async def async_handle_async_webrtc_offer(
        self, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        """Answer an offer."""
        peer = self._peers[session_id] = Peer(DrawnStreet(), _CODEC, [])
        answer, candidates = await peer.answer(offer_sdp)
        send_message(WebRTCAnswer(answer))
        for line in candidates:
            send_message(WebRTCCandidate(RTCIceCandidateInit(line)))

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        """Pass the viewer's candidate on."""
        if peer := self._peers.get(session_id):
            await peer.add(candidate.candidate, candidate.sdp_mid, candidate.sdp_m_line_index)

    @callback
    @override
    def close_webrtc_session(self, session_id: str) -> None:
        """Close a session if there is one."""
        if peer := self._peers.pop(session_id, None):
            self.hass.async_create_task(peer.close())

    @staticmethod
    def _still() -> bytes:
        return draw(NAME, datetime.now(ZONE), look=_LOOK)
