"""The camera entities, each with the manners of one kind of real camera."""

import asyncio
from typing import Any, override

from aiortc import RTCIceServer
from homeassistant.components.camera import (
    Camera,
    CameraEntityFeature,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCClientConfiguration,
    WebRTCError,
    WebRTCSendMessage,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddEntitiesCallback, async_get_current_platform
from homeassistant.helpers.typing import ConfigType, DiscoveryInfoType
from homeassistant.util import slugify
from webrtc_models import RTCIceCandidateInit

from demo.webrtc import Peer

from .pattern import still
from .peer import MovingPicture

BETWEEN_CANDIDATES_S = 0.02
"""Go2rtc's come one by one after its answer, and it never says which was the last."""


async def async_setup_platform(
    hass: HomeAssistant,
    config: ConfigType,
    async_add_entities: AddEntitiesCallback,
    discovery_info: DiscoveryInfoType | None = None,
) -> None:
    """Make the cameras of configuration.yaml."""
    kinds = {each.shape: each for each in (MovingCamera, RingLike, NestLike, H265Only, Source)}
    wanted = (discovery_info or {})["cameras"]
    async_add_entities([kinds[one.get("shape", MovingCamera.shape)](one) for one in wanted])
    platform = async_get_current_platform()
    platform.async_register_entity_service("hold", None, "async_hold")
    platform.async_register_entity_service("release", None, "async_release")


class _Still(Camera):
    """What all have in common: a name, a number in the picture, and stills."""

    _attr_supported_features = CameraEntityFeature.STREAM
    _attr_should_poll = False

    def __init__(self, wish: dict[str, Any]) -> None:
        super().__init__()
        self._attr_name = str(wish["name"])
        self._attr_unique_id = slugify(self._attr_name)
        self._number = int(wish["number"])
        self._wish = wish

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the picture of now."""
        return await self.hass.async_add_executor_job(still, self._number)


class Source(_Still):
    """A camera without WebRTC of its own: another one's stream is what it has (RTSP)."""

    shape = "source"

    @override
    async def stream_source(self) -> str | None:
        """Return where the stream is."""
        return str(self._wish["source"])

    async def async_hold(self) -> None:
        """Do nothing: it is not asked."""

    async_release = async_hold


class MovingCamera(_Still):
    """Answers as go2rtc does: first without candidates, which follow one by one without an end."""

    shape = "trickling"

    def __init__(self, wish: dict[str, Any]) -> None:
        super().__init__(wish)
        self._codec = str(wish.get("codec", "VP8"))
        self._peers: dict[str, Peer] = {}
        self._told = {"offers": 0, "answering": 0, "closes": 0, "candidates": 0}
        self._free = asyncio.Event()
        self._free.set()

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Tell what is open, and what was asked so far."""
        return self._told | {"open": sorted(self._peers)}

    async def async_hold(self) -> None:
        """Answer no offer until told so, as a camera that has to wake first."""
        self._free.clear()

    async def async_release(self) -> None:
        """Answer what waits, and what comes."""
        self._free.set()

    @override
    async def async_handle_async_webrtc_offer(
        self, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        """Answer an offer; only an answered session can be closed, as with Ring."""
        self._count(offers=1, answering=1)
        peer = Peer(MovingPicture(self._number), self._codec, self._relays())
        try:
            await self._free.wait()
            answer, candidates = await peer.answer(self._accepted(offer_sdp))
        except BaseException:
            await peer.close()
            raise
        finally:
            self._count(answering=-1)
        self._peers[session_id] = peer
        self.async_write_ha_state()
        await self._send(answer, candidates, send_message)

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        """Pass the viewer's candidate on."""
        self._count(candidates=1)
        if peer := self._peers.get(session_id):
            await peer.add(candidate.candidate, candidate.sdp_mid, candidate.sdp_m_line_index)

    @callback
    @override
    def close_webrtc_session(self, session_id: str) -> None:
        """Close a session if there is one."""
        self._count(closes=1)
        if peer := self._peers.pop(session_id, None):
            self.async_write_ha_state()
            self.hass.async_create_task(peer.close())

    def _accepted(self, offer: str) -> str:
        return offer

    async def _send(self, answer: str, candidates: list[str], send: WebRTCSendMessage) -> None:
        send(WebRTCAnswer(answer))
        for line in candidates:
            await asyncio.sleep(self._wish.get("between_s", BETWEEN_CANDIDATES_S))
            send(WebRTCCandidate(RTCIceCandidateInit(line)))

    def _relays(self) -> list[RTCIceServer]:
        configuration = self.async_get_webrtc_client_configuration().configuration
        return [
            RTCIceServer(urls=url, username=server.username, credential=server.credential)
            for server in configuration.ice_servers
            for url in ([server.urls] if isinstance(server.urls, str) else server.urls)
            if url.startswith("turn:") and "transport=tcp" not in url
        ][:1]

    @callback
    def _count(self, **more: int) -> None:
        self._told = {name: count + more.get(name, 0) for name, count in self._told.items()}
        self.async_write_ha_state()


class RingLike(MovingCamera):
    """Answers as Ring does: sound that nobody asked for, and `sendrecv` for the picture."""

    shape = "ring"

    @override
    async def _send(self, answer: str, candidates: list[str], send: WebRTCSendMessage) -> None:
        turned = answer.replace("a=sendonly", "a=sendrecv").replace("a=inactive", "a=sendonly")
        await super()._send(turned, candidates, send)


class NestLike(MovingCamera):
    """Wants audio, video and a data channel in that order; takes no candidates and sends none."""

    shape = "nest"

    @override
    def _async_get_webrtc_client_configuration(self) -> WebRTCClientConfiguration:
        return WebRTCClientConfiguration(data_channel="dataSendChannel")

    @override
    def _accepted(self, offer: str) -> str:
        lines = [line[2:].split()[0] for line in offer.splitlines() if line.startswith("m=")]
        if lines != ["audio", "video", "application"]:
            raise HomeAssistantError("Nest API error: Bad Request response from API (400)")
        return offer

    @override
    async def async_on_webrtc_candidate(
        self, session_id: str, candidate: RTCIceCandidateInit
    ) -> None:
        """Ignore it."""

    @override
    async def _send(self, answer: str, candidates: list[str], send: WebRTCSendMessage) -> None:
        head, audio, video = answer.split("m=", 2)
        lines = "".join(f"a={line}\r\n" for line in candidates)
        send(WebRTCAnswer(f"{head}m={audio}{lines}m={video}"))


class H265Only(MovingCamera):
    """Fails as go2rtc does when a browser offers no codec that the camera has."""

    shape = "h265"

    @override
    async def async_handle_async_webrtc_offer(
        self, offer_sdp: str, session_id: str, send_message: WebRTCSendMessage
    ) -> None:
        """Say that there is no common codec."""
        self._count(offers=1)
        send_message(
            WebRTCError(
                "go2rtc_webrtc_offer_failed",
                "webrtc/offer: codecs not matched: video:H265 => video:VP8, video:VP9, video:H264",
            )
        )
