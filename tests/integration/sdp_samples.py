"""Session descriptions as browsers and cameras write them, in parts that a test may change."""

from collections.abc import Iterable

HOST = "candidate:1 1 udp 2122260223 192.168.7.20 50001 typ host generation 0"
REFLEXIVE = (
    "candidate:2 1 udp 1686052607 203.0.113.9 50002 typ srflx raddr 192.168.7.20 rport 50001"
)
RELAYED = "candidate:3 1 udp 41885695 198.51.100.4 60003 typ relay raddr 203.0.113.9 rport 50002"
RELAYED_HIDDEN = "candidate:3 1 udp 41885695 198.51.100.4 60003 typ relay raddr 0.0.0.0 rport 9"

FORMATS = {"VP8": 96, "H264": 102, "VP9": 98, "AV1": 45, "H265": 126}
BROWSERS = ("VP8", "VP9", "H264", "AV1")
_SECURITY = (
    "a=ice-ufrag:aB3d",
    "a=ice-pwd:0123456789abcdefghijklmn",
    "a=ice-options:trickle",
    "a=fingerprint:sha-256 " + ":".join(["5A"] * 32),
)


def audio(direction: str = "recvonly", mid: str = "0") -> list[str]:
    """Return a line for sound, as Chromium writes it."""
    return [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *_SECURITY,
        "a=setup:actpass",
        f"a=mid:{mid}",
        f"a={direction}",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:0 PCMU/8000",
    ]


def video(
    direction: str = "recvonly", mid: str = "1", codecs: Iterable[str] = BROWSERS
) -> list[str]:
    """Return a line for video, as Chromium writes it."""
    formats = [(FORMATS[codec], codec) for codec in codecs]
    repair = [(97, "rtx"), (114, "red"), (115, "ulpfec")]
    numbers = " ".join(str(number) for number, _ in formats + repair)
    return [
        f"m=video 9 UDP/TLS/RTP/SAVPF {numbers}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *_SECURITY,
        "a=setup:actpass",
        f"a=mid:{mid}",
        "a=extmap:4 urn:3gpp:video-orientation",
        f"a={direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *(f"a=rtpmap:{number} {name}/90000" for number, name in formats + repair),
    ]


def application(mid: str = "2") -> list[str]:
    """Return a line for a data channel, as Chromium writes it."""
    return [
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        *_SECURITY,
        "a=setup:actpass",
        f"a=mid:{mid}",
        "a=sctp-port:5000",
    ]


def description(*sections: list[str], session: Iterable[str] = ()) -> str:
    """Return a session description of these media lines."""
    lines = ["v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", *session]
    return "\r\n".join([*lines, *(line for section in sections for line in section)]) + "\r\n"


def offer(direction: str = "recvonly") -> str:
    """Return an offer of a player that knows nothing of the camera."""
    return description(video(direction, "0"))


def nest_offer() -> str:
    """Return an offer of a player that has asked how a Nest camera is played."""
    return description(audio(), video(), application())


def answer_to(asked: str, *candidates: str, codecs: Iterable[str] | None = None) -> str:
    """Return a plain answer to an offer, with what the offer left open decided."""
    turned = {
        "a=recvonly": "a=sendonly",
        "a=sendonly": "a=recvonly",
        "a=setup:actpass": "a=setup:active",
    }
    lines = [turned.get(line, line) for line in asked.split("\r\n")[:-1]]
    lines = [line for line in lines if not line.startswith("a=candidate:")]
    text = "\r\n".join([*lines, *(f"a={line}" for line in candidates)]) + "\r\n"
    for codec in set(FORMATS) - set(codecs) if codecs is not None else ():
        text = text.replace(f"a=rtpmap:{FORMATS[codec]} {codec}/90000\r\n", "")
    return text


def attributes(text: str) -> dict[str, list[str]]:
    """Return the lines of each kind of media, by its name."""
    found: dict[str, list[str]] = {}
    for section in text.split("\r\nm=")[1:]:
        kind, _, rest = section.partition(" ")
        found[kind] = rest.rstrip("\r\n").split("\r\n")
    return found
