"""Fragments of SDP with further candidates: what players send is read, and nothing else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.protocol.stream import Candidate
from hub.streams.sdpfrag import (
    LONGEST_CANDIDATE,
    MOST_CANDIDATES,
    Fragment,
    FragmentError,
    read_fragment,
    write_fragment,
)

HOST = "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host"
MDNS = (
    "candidate:2 1 UDP 1677729535 0b7f.local 9 typ srflx raddr 0.0.0.0 rport 0 generation 0"
    " ufrag aBcD network-cost 999"
)
UFRAG, PASSWORD = "aBcD", "a" * 22
CHROMIUM = f"""a=group:BUNDLE 0 1
a=ice-ufrag:{UFRAG}
a=ice-pwd:{PASSWORD}
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a={HOST}
a={MDNS}
a=end-of-candidates
""".replace("\n", "\r\n")


def test_what_a_browser_sends() -> None:
    assert read_fragment(CHROMIUM) == Fragment(
        ufrag=UFRAG,
        password=PASSWORD,
        candidates=(Candidate(HOST, "0"), Candidate(MDNS, "0"), Candidate("", "0")),
    )


def test_players_differ() -> None:
    """Line feeds alone, credentials below the media line and repeated, no end, no mid."""
    below = f"m=video 9 RTP/SAVPF 0\na=mid:v\na=ice-ufrag:{UFRAG}\na={HOST}\na=ice-ufrag:{UFRAG}"
    assert read_fragment(below) == Fragment(ufrag=UFRAG, candidates=(Candidate(HOST, "v"),))
    assert read_fragment(f"a={HOST}\n").candidates == (Candidate(HOST),)
    assert read_fragment("a=end-of-candidates").candidates == (Candidate(""),)
    assert read_fragment("") == Fragment()


def test_each_candidate_belongs_to_its_line() -> None:
    two = f"m=audio 9 X 0\na=mid:0\na={HOST}\nm=video 9 X 0\na={HOST}\na=mid:1\na={HOST}\n"
    mids = [each.mid for each in read_fragment(two).candidates]
    assert mids == ["0", None, "1"]


@pytest.mark.parametrize(
    "line",
    [
        "candidate:1 1 sctp 1 192.0.2.1 50000 typ host",
        "candidate:1 1 udp 1 192.0.2.1 50000 typ host ufrag other",
    ],
)
def test_unknown_transports_and_other_generations_are_left_out(line: str) -> None:
    text = f"a={line}\na=ice-ufrag:{UFRAG}\na={HOST}\n"
    assert read_fragment(text).candidates == (Candidate(HOST),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "line 1 is not a line"),
        ("a=mid:0\na=x\x00", "line 2 is not a line"),
        ("a=mid:ü", "line 1 is not a line"),
        ("a=mid:", "no mid"),
        ("a=mid:a b", "no mid"),
        ("a=ice-ufrag:abc", "ICE credentials"),
        ("a=ice-pwd:short", "ICE credentials"),
        ("a=ice-ufrag:aaaa\na=ice-ufrag:bbbb", "line 2 has other ICE credentials"),
        ("a=candidate:1 1 udp", "not a candidate"),
        ("a=candidate:1 1 udp 1 192.0.2.1 50000 typ host odd", "not a candidate"),
        ("a=candidate:1 1 udp 1 192.0.2.1 port typ host", "not a candidate"),
        (f"a={HOST} x {'y' * LONGEST_CANDIDATE}", "not a candidate"),
        (f"a={HOST}\n" * (MOST_CANDIDATES + 1), "more than 50 candidates"),
        ("a=x\n" * 401, "more than 400 lines"),
    ],
)
def test_what_is_out_of_shape_is_refused_by_its_line(text: str, says: str) -> None:
    with pytest.raises(FragmentError, match=says):
        read_fragment(text)


@given(st.text(max_size=400) | st.lists(st.sampled_from(CHROMIUM.split("\r\n"))).map("\n".join))
@example("a=candidate:\r\r\n")
def test_nothing_else_comes_through(text: str) -> None:
    try:
        fragment = read_fragment(text)
    except FragmentError:
        return
    for each in fragment.candidates:
        # What a home will put into an SDP can be nothing else there.
        assert each.line == "" or each.line.startswith("candidate:")
        assert each.line.isascii()
        assert each.line.isprintable()
        # And it passes there.
        assert Candidate.read({"candidate": each.line, "sdpMid": each.mid}) == each


_TOKENS = st.text("abcXYZ019+/", min_size=4, max_size=20)
_MIDS = st.none() | st.sampled_from(["0", "1", "audio"])
_LINES = st.just("") | st.builds(
    "candidate:{} {} {} {} {} {} typ host".format,
    _TOKENS,
    st.integers(1, 256),
    st.sampled_from(["udp", "UDP", "tcp"]),
    st.integers(0, 2**31 - 1),
    st.sampled_from(["192.0.2.1", "2001:db8::1", "x.local"]),
    st.integers(0, 65_535),
)


@given(
    st.none() | _TOKENS,
    st.none() | st.text("abc/+9", min_size=22, max_size=40),
    st.lists(st.builds(Candidate, _LINES, _MIDS), max_size=MOST_CANDIDATES),
)
def test_what_is_written_is_read(
    ufrag: str | None, password: str | None, candidates: list[Candidate]
) -> None:
    # In the order in which they are written: by their lines.
    mids = [None, *dict.fromkeys(each.mid for each in candidates if each.mid is not None)]
    ordered = tuple(each for mid in mids for each in candidates if each.mid == mid)
    fragment = Fragment(ufrag=ufrag, password=password, candidates=ordered)
    assert read_fragment(write_fragment(fragment)) == fragment


def test_a_line_can_be_named_without_candidates() -> None:
    written = write_fragment(Fragment(ufrag=UFRAG), ["0"])
    assert written.split("\r\n")[1:3] == ["m=video 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0"]
