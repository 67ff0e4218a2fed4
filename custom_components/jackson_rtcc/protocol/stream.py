"""Streams: what a request for live video carries beside any other look, and how it is played."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from .claims import Fields, malformed

LONGEST_SDP = 12_000
"""Bytes; Chromium's offer of audio, video and a data channel has 6,400."""
LEASE = timedelta(seconds=60)
"""How long a session lives that nobody renews."""
LONGEST_STREAM = timedelta(hours=1)
"""How long a session lives at most if the policy does not say."""
SLOWEST_STILL_S = 3_600
_MOST_SERVERS = 8
_LONGEST_URL = 200
# RFC 7064 section 3.1 and RFC 7065 section 3.1: nothing that could be more than an address.
_URL = re.compile(r"stuns?:[\w.:\[\]-]+|turns?:[\w.:\[\]-]+(\?transport=(udp|tcp))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """What whoever makes an offer must know before a camera answers it.

    `data_channel` is the name of the one that the camera wants, `audio` whether it wants a line
    for sound, which comes first and ends inactive. With `relay_only` nobody learns where the home
    is: all media goes through a relay.
    """

    data_channel: str | None = None
    audio: bool = False
    relay_only: bool = False

    def claims(self) -> dict[str, object]:
        """Write it as a claim."""
        value: dict[str, object] = {"audio": self.audio, "relay_only": self.relay_only}
        if self.data_channel is not None:
            value["data_channel"] = self.data_channel
        return value

    @classmethod
    def read(cls, fields: Fields) -> Player:
        """Read the claim.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        return _player(
            fields.text("data_channel", 64) if "data_channel" in fields else None,
            fields.flag("audio"),
            fields.flag("relay_only"),
        )


# A city holds hundreds of thousands of grants and few ways to play a camera. Any home may make up
# more of them, so that not all are kept.
@lru_cache(maxsize=256)
def _player(data_channel: str | None, audio: bool, relay_only: bool) -> Player:
    return Player(data_channel=data_channel, audio=audio, relay_only=relay_only)


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server (RFC 7064, RFC 7065) with the credentials of one session."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None

    def claims(self) -> dict[str, object]:
        """Write it in the shape of the browser's `RTCIceServer`."""
        value: dict[str, object] = {"urls": list(self.urls)}
        if self.username is not None and self.credential is not None:
            value |= {"username": self.username, "credential": self.credential}
        return value

    @classmethod
    def read(cls, value: object) -> IceServer:
        """Read one server.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(value)
        urls = tuple(_url(url) for url in fields.items("urls", _MOST_SERVERS))
        if not urls:
            raise malformed("urls is empty")
        if "username" not in fields and "credential" not in fields:
            return cls(urls)
        return cls(urls, fields.text("username", 200), fields.text("credential", 200))


@dataclass(frozen=True, slots=True)
class Offer:
    """A WebRTC offer (RFC 8829) to a camera, and the city's servers that may help it through.

    With `trickle` whoever made it takes candidates after the answer, so that nobody waits for them.
    """

    sdp: str
    ice: tuple[IceServer, ...] = ()
    trickle: bool = False

    def claims(self) -> dict[str, object]:
        """Write it as a claim."""
        value: dict[str, object] = {
            "sdp": self.sdp,
            "ice": [server.claims() for server in self.ice],
        }
        return value | ({"trickle": True} if self.trickle else {})

    @classmethod
    def read(cls, fields: Fields) -> Offer:
        """Read the claim; the home looks into the SDP by itself.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        servers = tuple(IceServer.read(each) for each in fields.items("ice", _MOST_SERVERS))
        trickle = "trickle" in fields and fields.flag("trickle")
        return cls(fields.lines("sdp", LONGEST_SDP), servers, trickle)


def candidate_claims(candidates: tuple[Candidate, ...]) -> list[Mapping[str, object]]:
    """Write candidates in the shape of the browser's `RTCIceCandidateInit`."""
    return [
        {"candidate": each.line, "sdpMid": each.mid, "sdpMLineIndex": each.index}
        for each in candidates
    ]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One ICE candidate (RFC 8839 section 5.1) and the media line that it belongs to.

    An empty `line` is the end of candidates; any other begins with `candidate:`, so that a line
    that goes into an SDP can be nothing else there.
    """

    line: str
    mid: str | None = None
    index: int | None = None

    @classmethod
    def read(cls, value: object) -> Candidate:
        """Read one candidate.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(value)
        line = fields.text("candidate", 500) if fields.raw("candidate") != "" else ""
        if line and not line.startswith("candidate:"):
            raise malformed("candidate is none")
        return cls(
            line=line,
            mid=fields.text("sdpMid", 64) if "sdpMid" in fields else None,
            index=fields.integer("sdpMLineIndex", 0, 15) if "sdpMLineIndex" in fields else None,
        )


def _url(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not _URL.fullmatch(value):
        raise malformed("an ICE server is not a stun or turn address")
    return value
