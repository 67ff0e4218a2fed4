"""Session descriptions: what passes from the city to a camera, and from a camera to the city."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.jackson_rtcc import candidates as ice
from custom_components.jackson_rtcc import negotiate
from custom_components.jackson_rtcc.hold import (
    LONGEST_FOR_RELAY_S,
    LONGEST_S,
    QUIET_S,
    whole_at,
)
from custom_components.jackson_rtcc.protocol.stream import LONGEST_SDP, Candidate
from custom_components.jackson_rtcc.sdp import (
    Description,
    MalformedError,
    NoCodecError,
    NotReceivingError,
    SdpError,
    parse,
)
from tests.integration import sdp_samples as sdp
from tests.integration.sdp_samples import HOST, REFLEXIVE, RELAYED, RELAYED_HIDDEN, attributes

DIRECTIONS = ["sendrecv", "sendonly", "recvonly", "inactive"]
TWO_WITH_ONE_MID = sdp.description(sdp.audio(mid="1"), sdp.video(mid="1"))


def accept(text: str, *, relay_only: bool = False) -> str:
    return str(negotiate.accept_offer(text, relay_only=relay_only))


def answered(
    text: str,
    asked: str,
    *found: Candidate,
    relay_only: bool = False,
    ended: bool = False,
) -> str:
    offer = negotiate.accept_offer(asked, relay_only=relay_only)
    answer = negotiate.accept_answer(text, offer)
    return negotiate.whole_answer(answer, found, ended=ended, relay_only=relay_only)


def directions(text: str) -> dict[str, list[str]]:
    return {
        kind: [line[2:] for line in lines if line[2:] in DIRECTIONS]
        for kind, lines in attributes(text).items()
    }


def test_an_offer_to_receive_a_video_passes_as_it_is() -> None:
    asked = sdp.description(sdp.video("recvonly", "0"), sdp.application("1"))
    assert attributes(accept(asked))["application"] == attributes(asked)["application"]
    assert sorted(accept(asked).split("\r\n")) == sorted(asked.split("\r\n"))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_line_for_sound_reaches_the_camera_inactive(direction: str) -> None:
    asked = sdp.description(sdp.audio(direction), sdp.video(), sdp.application())
    assert directions(accept(asked)) == {
        "audio": ["inactive"],
        "video": ["recvonly"],
        "application": [],
    }


def test_a_line_for_sound_without_a_direction_reaches_the_camera_inactive() -> None:
    sound = [line for line in sdp.audio() if line != "a=recvonly"]
    asked = sdp.description(sound, sdp.video())
    assert directions(accept(asked))["audio"] == ["inactive"]


@pytest.mark.parametrize(
    "twisted", ["a=recvonly:1", "a=recvonly ", "a= recvonly", "a=RecvOnly", "a=sendrecv :"]
)
@pytest.mark.parametrize("before", [True, False])
def test_no_other_spelling_of_a_direction_asks_for_sound(twisted: str, before: bool) -> None:
    # pion takes the first that it knows and aiortc the last, both by what is before a colon.
    heard = sdp.audio()
    heard.insert(heard.index("a=recvonly") + (not before), twisted)
    with pytest.raises(MalformedError, match="direction"):
        accept(sdp.description(heard, sdp.video()))


def test_a_direction_for_all_lines_counts() -> None:
    silent = [line for line in sdp.video() if line != "a=recvonly"]
    asked = sdp.description(sdp.audio("sendrecv"), silent, session=["a=recvonly"])
    assert directions(accept(asked)) == {"audio": ["inactive"], "video": ["recvonly"]}
    assert "recvonly" not in accept(asked).split("m=")[0]


def test_a_lines_own_direction_counts_before_that_for_all() -> None:
    asked = sdp.description(sdp.audio("recvonly"), sdp.video(), session=["a=sendrecv"])
    assert directions(accept(asked)) == {"audio": ["inactive"], "video": ["recvonly"]}


@pytest.mark.parametrize(
    "asked",
    [
        sdp.offer("sendrecv"),
        sdp.offer("sendonly"),
        sdp.offer("inactive"),
        sdp.description(sdp.audio()),
        sdp.description(sdp.application()),
        sdp.description([line for line in sdp.video() if line != "a=recvonly"]),
        sdp.offer().replace("m=video 9", "m=video 0"),
        sdp.description(
            [line for line in sdp.video() if line != "a=recvonly"], session=["a=sendrecv"]
        ),
    ],
    ids=["both", "sends", "nothing", "sound", "data", "unsaid", "refused", "all both"],
)
def test_an_offer_that_is_not_to_receive_is_told_so(asked: str) -> None:
    with pytest.raises(NotReceivingError):
        accept(asked)


def test_a_line_that_shares_its_transport_may_have_no_port() -> None:
    bundled = [*sdp.video(), "a=bundle-only"]
    asked = sdp.description(sdp.audio(), bundled).replace("m=video 9", "m=video 0")
    assert "m=video 0" in accept(asked)


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "hello",
        "\r\n",
        "v=0\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n",
        sdp.offer().replace("v=0", "v=1"),
        sdp.offer().replace("o=-", "x=-", 1),
        sdp.offer().replace("\r\n", "\r"),
        sdp.offer() + "\r\na=late:1\r\n",
        sdp.offer() + "no letter\r\n",
        sdp.offer() + "a=zero\0width\r\n",
        sdp.offer().replace("m=video 9", "m=video 70000"),
        sdp.offer().replace("m=video 9", "m=video 9/2"),
        sdp.offer().replace("m=video", "m=text"),
        sdp.offer().replace("m=video", "m=message"),
        sdp.offer().replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        sdp.nest_offer().replace("UDP/DTLS/SCTP", "UDP/TLS/RTP/SAVPF"),
        sdp.offer() + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n",
        sdp.offer() + "a=recvonly\r\n",
        sdp.offer().replace("ice-ufrag", "x-ufrag"),
        sdp.offer().replace("ice-pwd", "x-pwd"),
        sdp.offer().replace("fingerprint", "x-print"),
        sdp.description(sdp.video(mid="0"), sdp.video(mid="1")),
        sdp.description(sdp.video(), sdp.application("2"), sdp.application("3")),
        sdp.description(sdp.video("recvonly", "x"), *(sdp.audio(mid=str(n)) for n in range(8))),
        TWO_WITH_ONE_MID,
    ],
)
def test_an_offer_that_is_malformed_is_told_so(asked: str) -> None:
    with pytest.raises(MalformedError):
        accept(asked)


@given(
    st.lists(
        st.sampled_from(
            [
                *sdp.nest_offer().split("\r\n"),
                *sdp.offer("sendrecv").split("\r\n"),
                "m=video 0 UDP/TLS/RTP/SAVPF 96",
                "a=inactive",
                "a=bundle-only",
                "",
            ]
        ),
        max_size=60,
    ),
    st.booleans(),
)
def test_whatever_is_offered_only_one_video_is_received(lines: list[str], whole: bool) -> None:
    before = sdp.nest_offer().split("\r\n")[:-1] if whole else sdp.offer().split("\r\n")[:12]
    try:
        passed = negotiate.accept_offer("\r\n".join([*before, *lines]), relay_only=False)
    except SdpError:
        return
    said = [(each.media, passed.direction(each)) for each in passed.sections]
    assert said.count(("video", "recvonly")) == 1
    assert all(
        each in (("video", "recvonly"), ("audio", "inactive"))
        for each in said
        if each[0] != "application"
    )


@given(st.text(max_size=200) | st.text(alphabet="va=mo 0\r\n:", max_size=200))
def test_rubbish_is_malformed_and_nothing_else(text: str) -> None:
    with pytest.raises(SdpError):
        accept(text)


@pytest.mark.parametrize("kind", DIRECTIONS)
def test_an_answer_sends_video_and_nothing_else_whatever_the_camera_wrote(kind: str) -> None:
    asked = sdp.nest_offer()
    lines = sdp.answer_to(asked)
    wrong = re.sub(r"a=(sendonly|recvonly|inactive)", "a=sendrecv", lines)
    wrong = wrong.replace("a=sendrecv", f"a={kind}", 1)
    assert directions(answered(wrong, asked)) == {
        "audio": ["inactive"],
        "video": ["sendonly"],
        "application": [],
    }


def test_an_answer_with_a_direction_for_all_has_one_for_each() -> None:
    asked = sdp.nest_offer()
    text = re.sub(r"a=(sendonly|inactive)\r\n", "", sdp.answer_to(asked))
    text = text.replace("t=0 0\r\n", "t=0 0\r\na=sendrecv\r\n")
    whole = answered(text, asked)
    assert "sendrecv" not in whole
    assert directions(whole)["video"] == ["sendonly"]


@pytest.mark.parametrize(
    "text",
    [
        sdp.answer_to(sdp.nest_offer()),
        sdp.answer_to(sdp.offer()).replace("m=video", "m=audio"),
        sdp.answer_to(sdp.offer()).replace("a=sendonly", "a=inactive"),
        sdp.answer_to(sdp.offer()).replace("fingerprint", "x-print"),
        "no answer",
        "v=0",
        "",
    ],
    ids=["other lines", "other kind", "inactive", "unsafe", "words", "short", "nothing"],
)
def test_an_answer_that_is_none_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        answered(text, sdp.offer())


def test_an_answer_too_long_for_a_reply_is_malformed() -> None:
    text = sdp.answer_to(sdp.offer()) + f"a=x-long:{'x' * LONGEST_SDP}\r\n"
    with pytest.raises(MalformedError, match="longer"):
        answered(text, sdp.offer())


@pytest.mark.parametrize(
    "text",
    [
        sdp.answer_to(sdp.description(sdp.video(codecs=["H265"]))),
        sdp.answer_to(sdp.offer()).replace("m=video 9", "m=video 0"),
        sdp.answer_to(sdp.offer(), codecs=[]),
    ],
    ids=["another codec", "refused", "only repair"],
)
def test_an_answer_without_an_offered_codec_is_told_so(text: str) -> None:
    with pytest.raises(NoCodecError):
        answered(text, sdp.offer())


def test_a_browser_that_knows_h265_gets_it() -> None:
    asked = sdp.description(sdp.video(codecs=["VP8", "H265"]))
    assert answered(sdp.answer_to(asked, codecs=["H265"]), asked)


# ffmpeg's words, to which go2rtc gives nothing of a camera's sound that is not there.
NO_SOUND = (
    "exec/rtsp\n[rtsp @ 0x5581] method DESCRIBE failed: 404 Not Found\n"
    "Error opening input file rtsp://127.0.0.1:18554/porch?audio&source=ffmpeg:porch%23audio%3Dopus"
)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("webrtc/offer: streams: codecs not matched: video:H265 => video:VP8, video:H264", True),
        ("streams: codecs not matched: H265 => VP8, VP9, H264, OPUS, G722", True),
        ("codecs not match: H265,AAC", True),
        ("unable to start track, codec is not supported by remote", True),
        ("Failed to set remote video description send parameters", True),
        ("Unsupported codec: hevc", True),
        (f"webrtc: streams: {NO_SOUND}", True),
        (f"webrtc: streams: dial tcp 192.168.1.7:554: i/o timeout, {NO_SOUND}", False),
        (f"webrtc: streams: exec/rtsp\nConnection refused, {NO_SOUND}", False),
        ("webrtc: streams: exec/rtsp\nConnection refused", False),
        ("streams: unknown error", False),
        ("streams: dial tcp 192.168.1.7:554: connect: no route to host", False),
        ("webrtc: stream not found", False),
        ("", False),
    ],
)
def test_a_cameras_words_for_no_common_codec(words: str, told: bool) -> None:
    assert negotiate.is_codec_error(words) is told


def test_candidates_are_placed_by_name_then_by_number_then_first() -> None:
    asked = sdp.nest_offer()
    by = [
        Candidate(HOST, mid="1", index=0),
        Candidate(REFLEXIVE, index=2),
        Candidate(RELAYED, mid="unknown"),
    ]
    found = attributes(answered(sdp.answer_to(asked), asked, *by))
    assert found["video"][-1] == f"a={HOST}"
    assert found["application"][-1] == f"a={REFLEXIVE}"
    assert found["audio"][-1] == f"a={RELAYED}"


def test_a_candidate_of_a_refused_line_goes_to_one_that_is_used() -> None:
    asked = sdp.nest_offer()
    text = sdp.answer_to(asked).replace("m=audio 9", "m=audio 0")
    found = attributes(answered(text, asked, Candidate(HOST, index=0)))
    assert f"a={HOST}" in found["video"]
    assert not any("candidate" in line for line in found["audio"])


def test_a_candidate_stands_in_an_answer_once() -> None:
    text = sdp.answer_to(sdp.offer(), HOST)
    whole = answered(
        text, sdp.offer(), Candidate(HOST), Candidate(REFLEXIVE, "0"), Candidate(REFLEXIVE)
    )
    assert whole.count(HOST) == whole.count(REFLEXIVE) == 1


def test_the_end_of_candidates_is_said_only_if_it_is_known() -> None:
    text = sdp.answer_to(sdp.offer(), HOST) + "a=end-of-candidates\r\n"
    assert negotiate.has_ended(parse(text))
    assert "end-of-candidates" not in answered(text, sdp.offer())
    whole = answered(text, sdp.offer(), Candidate(REFLEXIVE), ended=True)
    assert whole.endswith(f"a={REFLEXIVE}\r\na=end-of-candidates\r\n")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "candidate",
        "candidate:1 1 udp 1 192.168.7.20 50001",
        "candidate:1 1 udp 1 192.168.7.20 50001 typ other",
        "candidate:1 1 udp 1 192.168.7.20 50001 typ host\r\na=sendrecv",
        "candidate:1 1 udp 1 192.168.7.20\u00a050001 50001 typ host",
        "candidate:1 1 udp 1 192.168.7.20 50001 typ host" + " x y" * 200,
        "ice-pwd:secret",
        "CANDIDATE:1 1 udp 1 192.168.7.20 50001 typ host",
    ],
)
def test_what_is_no_candidate_is_dropped(line: str) -> None:
    assert ice.clean(Candidate(line), relay_only=False) is None
    if line.isprintable():
        passed = accept(sdp.offer() + f"a=candidate:{line}\r\n")
        assert f"a=candidate:{line}" not in passed


@pytest.mark.parametrize(
    ("given", "mid", "index"),
    [
        (Candidate(f"a={HOST} ", "1", 1), "1", 1),
        (Candidate(HOST, "", -1), None, None),
        (Candidate(HOST, "x" * 65, 16), None, None),
        (Candidate(HOST, "a\nb"), None, None),
    ],
)
def test_a_candidate_passes_in_the_shape_of_the_wire(
    given: Candidate, mid: str | None, index: int | None
) -> None:
    assert ice.clean(given, relay_only=False) == Candidate(HOST, mid, index)


OWN = ("192.168.7.20", "203.0.113.9", "192.168.7.21", "2001:db8::7")


def homely(text: str) -> str:
    """Write a home's addresses wherever software writes them."""
    text = text.replace("IN IP4 127.0.0.1", "IN IP6 2001:db8::7").replace("o=-", "o=jane")
    text = text.replace("c=IN IP4 0.0.0.0", "c=IN IP4 192.168.7.21")
    text = text.replace("s=-", "s=192.168.7.20\r\ni=192.168.7.20\r\nu=http://192.168.7.20")
    text = text.replace("a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp:50001 IN IP4 192.168.7.20")
    text = text.replace("m=video 9 ", "m=video 50001 ")
    for line in (
        HOST,
        REFLEXIVE,
        RELAYED,
        "remote-candidates:1 192.168.7.20 50001",
        "ssrc:7 cname:jane@192.168.7.20",
        "ssrc:7 cname:jane@porch.local",
        "source-filter: incl IN IP4 * 192.168.7.21",
        "x-seen-as:[2001:db8::7]:50001",
        "control:rtsp://192.168.7.20/1",
    ):
        text += f"a={line}\r\n"
    return text


def test_with_relay_only_nobody_learns_where_anybody_is() -> None:
    asked = homely(sdp.nest_offer())
    texts = [
        accept(asked, relay_only=True),
        answered(homely(sdp.answer_to(sdp.nest_offer())), asked, relay_only=True),
    ]
    for text in texts:
        assert not any(address in text for address in OWN)
        assert "jane" not in text
        assert "a=fingerprint:" in text
        assert text.count(RELAYED_HIDDEN) == 1
        assert parse(text).sections


def test_without_relay_only_addresses_pass() -> None:
    text = homely(sdp.answer_to(sdp.nest_offer()))
    whole = answered(text, sdp.nest_offer())
    assert {HOST, REFLEXIVE, RELAYED} <= {line.removeprefix("a=") for line in whole.split("\r\n")}


@given(
    st.lists(st.sampled_from([HOST, REFLEXIVE, RELAYED]), max_size=6),
    st.lists(
        st.builds(
            Candidate,
            st.sampled_from([HOST, REFLEXIVE, RELAYED]),
            st.none() | st.sampled_from(["0", "1", "2", "x"]),
            st.none() | st.integers(0, 9),
        ),
        max_size=6,
    ),
)
def test_with_relay_only_no_other_candidate_gets_through(
    inside: list[str], apart: list[Candidate]
) -> None:
    asked = sdp.nest_offer()
    passed = [found for each in apart if (found := ice.clean(each, relay_only=True))]
    whole = answered(sdp.answer_to(asked, *inside), asked, *passed, relay_only=True)
    assert not any(address in whole for address in OWN)
    relayed = RELAYED in inside or any(each.line == RELAYED for each in apart)
    assert ("typ relay" in whole) is relayed
    assert isinstance(parse(whole), Description)


@pytest.mark.parametrize(
    "behind", ["", " raddr 192.168.7.20", " rport 50001 raddr 192.168.7.20", " x-home 192.168.7.20"]
)
def test_with_relay_only_a_candidate_tells_nothing_but_the_relay(behind: str) -> None:
    line = RELAYED.partition(" raddr")[0] + behind
    assert ice.clean(Candidate(line, "1", 1), relay_only=True) == Candidate(RELAYED_HIDDEN, "1", 1)
    named = RELAYED.replace("198.51.100.4", "porch.example.org")
    for other in (HOST, REFLEXIVE, HOST.replace("host", "prflx"), named):
        assert ice.clean(Candidate(other), relay_only=True) is None


def test_an_answers_candidates_count_if_they_may_be_passed_on() -> None:
    def counts(*lines: str, **options: Any) -> bool:
        return negotiate.candidates_in(parse(sdp.answer_to(sdp.offer(), *lines)), **options)

    assert counts(HOST, relay_only=False)
    assert not counts(relay_only=False)
    assert not counts(HOST, relay_only=True)
    assert counts(HOST, RELAYED, relay_only=True)


def test_a_late_candidate_belongs_to_a_line_that_carries_something() -> None:
    offer = sdp.description(sdp.audio(), sdp.video())
    whole = parse(sdp.answer_to(offer))
    refusing = parse(sdp.answer_to(offer).replace("m=audio 9", "m=audio 0"))
    assert negotiate.placed(whole, Candidate(HOST)) == Candidate(HOST, "0", 0)
    assert negotiate.placed(whole, Candidate(HOST, "1")) == Candidate(HOST, "1", 1)
    for late in (Candidate(HOST), Candidate(HOST, "0", 0), Candidate(HOST, None, 1)):
        assert negotiate.placed(refusing, late) == Candidate(HOST, "1", 1)
    assert negotiate.placed(refusing, Candidate("", "0")) == Candidate("", "0")


@pytest.mark.parametrize(
    ("last", "ended", "trickle", "relay_only", "expected"),
    [
        (None, True, False, False, 5.0),
        (None, False, True, False, 5.0),
        (None, False, True, True, 5.0),
        (None, False, False, False, 5.0 + LONGEST_S),
        (None, False, False, True, 5.0 + LONGEST_FOR_RELAY_S),
        (4.0, False, False, False, 5.0 + QUIET_S),
        (5.5, False, False, False, 5.5 + QUIET_S),
        (5.95, False, False, False, 5.0 + LONGEST_S),
        (7.0, False, False, True, 7.0),
    ],
    ids=[
        "all",
        "trickle",
        "no relay yet",
        "none",
        "no relay",
        "before",
        "one",
        "cap",
        "late relay",
    ],
)
def test_how_long_an_answer_is_held(
    last: float | None, ended: bool, trickle: bool, relay_only: bool, expected: float
) -> None:
    whole = whole_at(5.0, last, ended=ended, trickle=trickle, relay_only=relay_only)
    assert whole == pytest.approx(expected)
