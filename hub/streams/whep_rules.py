"""What WHEP's headers and bodies mean (draft-ietf-wish-whep-04): decisions without any I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from hub.protocol.stream import Candidate, IceServer
from hub.streams.sdpfrag import Fragment

SDP = "application/sdp"

_TAG = re.compile(r'(?P<weak>W/)?(?P<tag>"[!#-~\x80-\xff]*")')
_MEDIA = re.compile(r"m=([a-z]+) (\d+) (\S+) (.+)")
_MOST_LINES = 16
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_WATCHES = frozenset({"recvonly", "sendrecv"})


class Match(StrEnum):
    """How the state that a caller expects stands to the state that is (RFC 9110, 13.1.1)."""

    MET = "met"
    MISSING = "missing"
    STALE = "stale"


def if_match(header: str | None, etag: str, *, strict: bool) -> Match:
    """Decide about `If-Match`; only the `strict` miss it, because most players never send it."""
    if header is None:
        return Match.MISSING if strict else Match.MET
    if header.strip() == "*":
        return Match.MET
    # A weak tag is equal to nothing here: the comparison is the strong one.
    strong = {found["tag"] for found in _TAG.finditer(header) if not found["weak"]}
    return Match.MET if etag in strong else Match.STALE


class OfferError(ValueError):
    """An offer that no camera can answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One media line of an offer, as far as it matters here."""

    kind: str
    mid: str | None
    direction: str
    ufrag: str | None


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer that can be passed on: its media lines, in order."""

    lines: tuple[Line, ...]

    @property
    def ufrags(self) -> frozenset[str]:
        """Return by which names its ICE agent goes."""
        return frozenset(line.ufrag for line in self.lines if line.ufrag is not None)

    def restarts(self, fragment: Fragment) -> bool:
        """Tell whether a fragment is of another ICE generation: a restart, whatever its tag."""
        return fragment.ufrag is not None and fragment.ufrag not in self.ufrags

    def placed(self, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        """Return the candidates that belong to a line of the offer, with its place in it."""
        places = {line.mid: index for index, line in enumerate(self.lines)}
        return tuple(
            replace(each, index=places[each.mid])
            if each.mid is not None
            else replace(each, index=0)
            for each in candidates
            if each.mid is None or each.mid in places
        )


def read_offer(body: bytes) -> tuple[str, Offered]:
    """Read the offer of a player who wants to watch.

    Raises:
        OfferError: if it is not one.

    """
    try:
        sdp = body.decode("utf-8")
    except UnicodeDecodeError as err:
        raise OfferError("it is not text") from err
    if not sdp:
        raise OfferError("it is empty: the hub makes no offers of its own")
    if not sdp.replace("\r", "").replace("\n", "").isprintable():
        raise OfferError("it holds characters that no SDP has")
    session, *sections = _sections(sdp.replace("\r\n", "\n").split("\n"))
    if len(sections) > _MOST_LINES:
        raise OfferError(f"it has more than {_MOST_LINES} media lines")
    if session[:1] != ["v=0"]:
        raise OfferError("it does not begin with v=0")
    offered = Offered(tuple(_line(section, session) for section in sections))
    if not any(line.kind == "video" and line.direction in _WATCHES for line in offered.lines):
        raise OfferError("it does not ask for video: a line of video must be recvonly")
    if not offered.ufrags:
        raise OfferError("it has no ice-ufrag")
    return sdp, offered


def _sections(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            found.append([])
        found[-1].append(line)
    return found


def _line(section: list[str], session: list[str]) -> Line:
    media = _MEDIA.fullmatch(section[0])
    if media is None:
        raise OfferError("it has a media line that is out of shape")
    attributes = [line[2:] for line in (*session, *section) if line.startswith("a=")]
    # The section's own come last, and hold.
    said = dict(each.partition(":")[::2] for each in attributes)
    directions = [each for each in attributes if each in _DIRECTIONS]
    return Line(
        kind=media[1],
        mid=said.get("mid"),
        direction=directions[-1] if directions else "sendrecv",
        ufrag=said.get("ice-ufrag"),
    )


def ice_links(servers: Iterable[IceServer]) -> list[str]:
    """Return a `Link` for each address of each server, in the words of the draft."""
    return [_ice_link(url, server) for server in servers for url in server.urls]


def _ice_link(url: str, server: IceServer) -> str:
    link = f'<{url}>; rel="ice-server"'
    if server.username is None or server.credential is None:
        return link
    return (
        f'{link}; username="{server.username}"; credential="{server.credential}";'
        ' credential-type="password"'
    )
