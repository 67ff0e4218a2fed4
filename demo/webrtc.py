"""A camera's end of a WebRTC connection, with aiortc: answers one offer and sends a picture."""

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import VideoStreamTrack
from aiortc.sdp import candidate_from_sdp

_CANDIDATE = "a=candidate:"
_END = "a=end-of-candidates"


class Peer:
    """Answers one offer and sends the moving picture until it is closed."""

    def __init__(self, picture: VideoStreamTrack, codec: str, relays: list[RTCIceServer]) -> None:
        """Take what to send, the one format that it is sent in, and relays, if any."""
        # Its own STUN server would be one of the internet, and aiortc gathers before it answers.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=relays))
        video = self._connection.addTransceiver(picture, direction="sendonly")
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
