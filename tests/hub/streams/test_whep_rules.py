"""WHEP's rules: whether a state is the expected one, what is an offer, and what is a restart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.stream import Candidate, IceServer
from hub.streams.sdpfrag import Fragment
from hub.streams.whep_rules import (
    Line,
    Match,
    Offered,
    OfferError,
    ice_links,
    if_match,
    read_offer,
)

ETAG = '"a1b2"'
OFFER = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=ice-ufrag:aBcD
a=recvonly
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=inactive
m=video 9 UDP/TLS/RTP/SAVPF 96 97
a=mid:1
a=ice-ufrag:eFgH
"""


@pytest.mark.parametrize(
    ("header", "lax", "strict"),
    [
        (None, Match.MET, Match.MISSING),
        ("*", Match.MET, Match.MET),
        (ETAG, Match.MET, Match.MET),
        (f'"x" , {ETAG}', Match.MET, Match.MET),
        (f"W/{ETAG}", Match.STALE, Match.STALE),
        ('"other"', Match.STALE, Match.STALE),
        ("a1b2", Match.STALE, Match.STALE),
        ("", Match.STALE, Match.STALE),
    ],
)
def test_if_match(header: str | None, lax: Match, strict: Match) -> None:
    assert if_match(header, ETAG, strict=False) is lax
    assert if_match(header, ETAG, strict=True) is strict


@given(st.text(max_size=40), st.booleans())
def test_no_other_tag_matches(header: str, strict: bool) -> None:
    met = if_match(header, ETAG, strict=strict) is Match.MET
    assert met <= (ETAG in header or header.strip() == "*")


def test_an_offer_is_read_as_far_as_it_matters() -> None:
    sdp, offered = read_offer(OFFER.replace("\n", "\r\n").encode())
    assert sdp == OFFER.replace("\n", "\r\n")
    assert offered.lines == (
        Line("audio", "0", "inactive", "aBcD"),
        Line("video", "1", "recvonly", "eFgH"),
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: "", "is empty"),
        (lambda text: text + "a=x\x00\n", "characters that no SDP has"),
        (lambda text: text.replace("v=0\n", ""), "does not begin with v=0"),
        (lambda _: "v=0\n", "does not ask for video"),
        (lambda text: text.replace("a=recvonly", "a=sendonly"), "does not ask for video"),
        (lambda text: text.replace("a=recvonly", "a=inactive"), "does not ask for video"),
        (lambda text: text.replace("m=video", "m=text"), "does not ask for video"),
        (lambda text: text.replace("m=video 9 ", "m=video "), "media line"),
        (lambda text: text.replace("ice-ufrag", "ice-options"), "no ice-ufrag"),
        (lambda text: text + "m=video 9 X 0\n" * 15, "more than 16 media lines"),
    ],
)
def test_what_no_camera_can_answer_is_refused(change: object, says: str) -> None:
    assert callable(change)
    with pytest.raises(OfferError, match=says):
        read_offer(change(OFFER).encode())


def test_an_offer_is_text() -> None:
    with pytest.raises(OfferError, match="not text"):
        read_offer(b"v=0\n\xff")


def test_an_offer_that_would_also_send_asks_for_video() -> None:
    read_offer(OFFER.replace("a=recvonly", "a=sendrecv").encode())
    read_offer(OFFER.replace("a=recvonly\n", "").encode())


@given(st.binary(max_size=200) | st.text(OFFER, max_size=200).map(str.encode))
def test_any_bytes_are_an_offer_or_refused(body: bytes) -> None:
    try:
        sdp, offered = read_offer(body)
    except OfferError:
        return
    assert sdp.encode() == body
    assert offered.ufrags


@pytest.mark.parametrize(("ufrag", "restarts"), [(None, False), ("aBcD", False), ("zzzz", True)])
def test_a_restart_is_told_by_other_credentials(ufrag: str | None, restarts: bool) -> None:
    _, offered = read_offer(OFFER.encode())
    assert offered.restarts(Fragment(ufrag=ufrag)) is restarts


def test_candidates_get_their_place_in_the_offer() -> None:
    _, offered = read_offer(OFFER.encode())
    line = "candidate:1 1 udp 1 192.0.2.1 1 typ host"
    sent = (
        Candidate(line, "1"),
        Candidate(line),
        Candidate(line, "of another"),
        Candidate("", "0"),
    )
    assert offered.placed(sent) == (
        Candidate(line, "1", 1),
        Candidate(line, None, 0),
        Candidate("", "0", 0),
    )
    assert Offered(()).placed(()) == ()


def test_servers_are_told_as_the_draft_writes_them() -> None:
    turn = IceServer(("turn:t.example:3478?transport=udp", "turns:t.example"), "9:x", "a+/=")
    assert ice_links((IceServer(("stun:s.example",)), turn)) == [
        '<stun:s.example>; rel="ice-server"',
        '<turn:t.example:3478?transport=udp>; rel="ice-server"; username="9:x";'
        ' credential="a+/="; credential-type="password"',
        '<turns:t.example>; rel="ice-server"; username="9:x"; credential="a+/=";'
        ' credential-type="password"',
    ]
