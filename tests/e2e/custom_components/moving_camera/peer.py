"""One session of a camera: its end of a WebRTC connection, with aiortc."""

import asyncio
import time

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

from .pattern import RATE, draw, milliseconds

_CANDIDATE = "a=candidate:"
_END = "a=end-of-candidates"


class MovingPicture(VideoStreamTrack):
    """The pattern, drawn anew for every frame."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._begun = time.monotonic()
        self._count = 0

    async def recv(self) -> VideoFrame:
        """Wait until the next one is due and draw it."""
        # A clock that tests put forward makes no frames for the time between.
        self._count = max(self._count + 1, int((time.monotonic() - self._begun) * RATE))
        await asyncio.sleep(self._begun + self._count / RATE - time.monotonic())
        frame = draw(milliseconds(), self._number)
        frame.pts = self._count * VIDEO_CLOCK_RATE // RATE
        frame.time_base = VIDEO_TIME_BASE
        return frame


class Peer:
    """Answers one offer and sends the moving picture until it is closed."""

    def __init__(self, number: int, codec: str, relays: list[RTCIceServer]) -> None:
        # Its own STUN server would be one of the internet, and aiortc gathers before it answers.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=relays))
        video = self._connection.addTransceiver(MovingPicture(number), direction="sendonly")
        # After the offer it would be too late: aiortc ignores preferences from then on.
        video.setCodecPreferences(
            [
                each
                for each in RTCRtpSender.getCapabilities("video").codecs
                if each.mimeType.lower() in {f"video/{codec.lower()}", "video/rtx"}
            ]
        )

    async def answer(self, offer: str) -> tuple[str, list[str]]:
        """Return the answer without candidates, and these apart."""
        await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for each in self._connection.getTransceivers():
            if each.kind == "audio":
                each.direction = "inactive"
        await self._connection.setLocalDescription()
        return split(self._connection.localDescription.sdp)

    async def add(self, line: str, name: str | None, index: int | None) -> None:
        """Take a candidate of the viewer's; an empty line is the end of them."""
        if not line:
            await self._connection.addIceCandidate(None)
            return
        candidate = candidate_from_sdp(line.removeprefix("candidate:"))
        candidate.sdpMid, candidate.sdpMLineIndex = name, index
        await self._connection.addIceCandidate(candidate)

    async def close(self) -> None:
        """End the connection."""
        await self._connection.close()


def split(answer: str) -> tuple[str, list[str]]:
    """Return an answer without its candidates, and these apart.

    All media lines share one transport (BUNDLE), and aiortc tells its candidates with each.
    """
    lines = answer.splitlines()
    candidates = [line.removeprefix("a=") for line in lines if line.startswith(_CANDIDATE)]
    kept = [line for line in lines if not line.startswith((_CANDIDATE, _END))]
    return "\r\n".join(kept) + "\r\n", list(dict.fromkeys(candidates))
