"""Streams: what is read back is what was written, and nothing else fits in the place of it."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol import request as requests
from hub.protocol.claims import Fields
from hub.protocol.errors import Reason
from hub.protocol.stream import (
    LONGEST_SDP,
    Candidate,
    IceServer,
    Offer,
    Player,
    candidate_claims,
)
from hub.protocol.tokens import LONGEST
from tests.protocol import samples
from tests.protocol.drawn import CANDIDATES, OFFERS, PLAYERS, SERVERS
from tests.protocol.samples import HUB, SDP, STREAM_REQUEST, changed, refusal, unb64

NOISE = st.dictionaries(
    st.sampled_from(
        [
            "sdp",
            "ice",
            "trickle",
            "urls",
            "username",
            "credential",
            "candidate",
            "sdpMid",
            "sdpMLineIndex",
        ]
    ),
    st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=2),
)
CANDIDATE = samples.CANDIDATES.candidates[0].line


def wired(value: object) -> Fields:
    """Take claims over the wire, where there are no tuples and no enumerations."""
    return Fields(orjson.loads(orjson.dumps(value)))


@given(OFFERS)
def test_any_valid_offer_comes_back_as_it_was(offer: Offer) -> None:
    assert Offer.read(wired(offer.claims())) == offer


def test_who_does_not_say_so_takes_no_candidates_later() -> None:
    claims = Offer(SDP).claims()
    assert set(claims) == {"sdp", "ice"}
    assert not Offer.read(Fields(claims)).trickle
    assert not Offer.read(Fields(claims | {"trickle": False})).trickle
    assert Offer.read(Fields(claims | {"trickle": True})).trickle


@given(SERVERS)
def test_any_valid_server_comes_back_in_the_browsers_shape(server: IceServer) -> None:
    claims = server.claims()
    assert set(claims) in ({"urls"}, {"urls", "username", "credential"})
    assert IceServer.read(claims) == server


@given(st.lists(CANDIDATES, max_size=4).map(tuple))
def test_any_valid_candidates_come_back_as_they_were(candidates: tuple[Candidate, ...]) -> None:
    claims = candidate_claims(candidates)
    assert all(set(each) == {"candidate", "sdpMid", "sdpMLineIndex"} for each in claims)
    assert tuple(Candidate.read(each) for each in claims) == candidates


@given(PLAYERS)
def test_any_valid_player_comes_back_as_it_was(player: Player) -> None:
    assert Player.read(wired(player.claims())) == player


def test_players_alike_are_there_once() -> None:
    claims = Player(data_channel="dataSendChannel").claims()
    assert Player.read(Fields(claims)) is Player.read(Fields(dict(claims)))


def test_players_that_a_home_makes_up_do_not_stay_for_ever() -> None:
    first = Player.read(Fields(Player(data_channel="first").claims()))
    for number in range(1000):
        Player.read(Fields(Player(data_channel=f"made up {number}").claims()))
    again = Player.read(Fields(Player(data_channel="first").claims()))
    assert again == first
    assert again is not first


def test_a_server_without_credentials_has_none() -> None:
    assert IceServer(("stun:a",), username="half").claims() == {"urls": ["stun:a"]}


@pytest.mark.parametrize(
    "url",
    [
        "stun:stun.example",
        "stuns:stun.example:5349",
        "turn:192.0.2.1:3478",
        "turn:[2001:db8::1]:3478?transport=udp",
        "turns:turn.example:443?transport=tcp",
        "turn:" + "a" * 195,
    ],
)
def test_addresses_of_ice_servers(url: str) -> None:
    assert IceServer.read({"urls": [url]}).urls == (url,)


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        ["stun:stun.example"],
        "",
        "turn:",
        "turn.example",
        "http://turn.example",
        "TURN:turn.example",
        " turn:turn.example",
        "turn:turn.example ",
        "turn:turn.example\n",
        "turn:turn.example\r\na=x",
        "turn:user@turn.example",
        "turn:turn.example/path",
        "turn:turn.example?transport=sctp",
        "turn:turn.example?transport=udp&x=1",
        "stun:stun.example?transport=udp",
        "turn:türn.example",
        "turn:turn.example\u0663",
        "turn:" + "a" * 196,
    ],
)
def test_what_is_no_address_of_an_ice_server(url: object) -> None:
    assert refusal(lambda: IceServer.read({"urls": ["stun:a", url]})) is Reason.MALFORMED


@pytest.mark.parametrize(
    "server",
    [
        None,
        [],
        "stun:stun.example",
        {},
        {"urls": []},
        {"urls": "stun:stun.example"},
        {"urls": ["stun:a"] * 9},
        {"urls": ["turn:a"], "username": "half"},
        {"urls": ["turn:a"], "credential": "half"},
        {"urls": ["turn:a"], "username": "", "credential": "c"},
        {"urls": ["turn:a"], "username": "u", "credential": ""},
        {"urls": ["turn:a"], "username": "u" * 201, "credential": "c"},
        {"urls": ["turn:a"], "username": "u", "credential": "c" * 201},
        {"urls": ["turn:a"], "username": "u\r\n", "credential": "c"},
        {"urls": ["turn:a"], "username": 1, "credential": 2},
    ],
    ids=lambda server: repr(server)[:60],
)
def test_servers_out_of_shape(server: object) -> None:
    assert refusal(lambda: IceServer.read(server)) is Reason.MALFORMED


def test_the_most_servers_that_fit() -> None:
    server = IceServer(tuple(f"turn:{number}" for number in range(8)), "u" * 200, "c" * 200)
    assert IceServer.read(server.claims()) == server
    offer = Offer(SDP, (server,) * 8)
    assert Offer.read(Fields(offer.claims())) == offer
    assert refusal(lambda: Offer.read(Fields(Offer(SDP, (server,) * 9).claims()))) is (
        Reason.MALFORMED
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"sdp": ...},
        {"sdp": None},
        {"sdp": ""},
        {"sdp": ["v=0"]},
        {"sdp": "v=0\r\ns=\x00"},
        {"sdp": "v=0\tx"},
        {"sdp": "v=0\u2028x"},
        {"sdp": "v=0\ud800"},
        {"sdp": "v" * (LONGEST_SDP + 1)},
        {"sdp": "ñ" * (LONGEST_SDP // 2 + 1)},
        {"ice": ...},
        {"ice": None},
        {"ice": {}},
        {"ice": ["stun:stun.example"]},
        {"ice": [None]},
        {"trickle": 1},
        {"trickle": "true"},
    ],
    ids=lambda changes: repr(changes)[:40],
)
def test_offers_out_of_shape(changes: dict[str, object]) -> None:
    claims = changed(Offer(SDP).claims(), changes)
    assert refusal(lambda: Offer.read(Fields(claims))) is Reason.MALFORMED


@pytest.mark.parametrize("letter", ["v", "ñ", "\n", "😀"])
def test_the_longest_sdp_is_counted_in_bytes(letter: str) -> None:
    sdp = letter * (LONGEST_SDP // len(letter.encode()))
    assert Offer.read(Fields(Offer(sdp).claims())).sdp == sdp


def test_a_request_with_the_longest_offer_fits_into_a_token() -> None:
    line = "a=rtpmap:96 H264/90000 x\r\n"
    sdp = line * (LONGEST_SDP // len(line))
    turn = IceServer(("turn:turn.example:3478?transport=udp",) * 3, "u" * 60, "c" * 60)
    # A log of 2^40 entries that this home saw half of, under a checkpoint with witnesses.
    log = STREAM_REQUEST.log.claims()
    entry = str(log["entry"])
    log |= {
        "entry": entry + " " * (1_500 - len(entry)),
        "inclusion": ["A" * 43] * 40,
        "consistency": ["A" * 43] * 41,
        "checkpoint": "x" * 1_000,
    }
    payload = requests.sign_request(HUB, STREAM_REQUEST).split(".")[1]
    claims = orjson.loads(unb64(payload.encode())) | {
        "offer": Offer(sdp, (turn,) * 3).claims(),
        "log": log,
    }
    assert len(HUB.sign(requests.REQUEST, claims)) <= LONGEST


@pytest.mark.parametrize(
    "changes",
    [
        {"candidate": ...},
        {"candidate": None},
        {"candidate": 1},
        {"candidate": " "},
        {"candidate": "1 1 udp 2130706431 192.0.2.7 50000 typ host"},
        {"candidate": "a=" + CANDIDATE},
        {"candidate": "fingerprint:sha-256 AA:BB"},
        {"candidate": " " + CANDIDATE},
        {"candidate": CANDIDATE + "\r\na=sendrecv"},
        {"candidate": CANDIDATE + "\n"},
        {"candidate": "candidate:" + "a" * 491},
        {"sdpMid": ""},
        {"sdpMid": "m" * 65},
        {"sdpMid": "0\r\n"},
        {"sdpMid": 0},
        {"sdpMLineIndex": -1},
        {"sdpMLineIndex": 16},
        {"sdpMLineIndex": True},
        {"sdpMLineIndex": 0.0},
        {"sdpMLineIndex": "0"},
    ],
    ids=lambda changes: repr(changes)[:60],
)
def test_candidates_out_of_shape(changes: dict[str, object]) -> None:
    claims = changed({"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0}, changes)
    assert refusal(lambda: Candidate.read(claims)) is Reason.MALFORMED


def test_the_end_of_candidates_is_an_empty_line() -> None:
    assert Candidate.read({"candidate": ""}) == Candidate("")


@pytest.mark.parametrize(
    "changes",
    [
        {"audio": ...},
        {"audio": 1},
        {"relay_only": ...},
        {"relay_only": "false"},
        {"data_channel": ""},
        {"data_channel": "d" * 65},
        {"data_channel": "two\nlines"},
        {"data_channel": True},
    ],
    ids=repr,
)
def test_players_out_of_shape(changes: dict[str, object]) -> None:
    claims = changed(Player(data_channel="d", audio=True).claims(), changes)
    assert refusal(lambda: Player.read(Fields(claims))) is Reason.MALFORMED


@given(NOISE)
def test_noise_is_only_ever_refused(noise: dict[str, object]) -> None:
    for read in (
        lambda: Offer.read(Fields(noise)),
        lambda: IceServer.read(noise),
        lambda: Candidate.read(noise),
        lambda: Player.read(Fields(noise)),
    ):
        assert refusal(read) in {None, Reason.MALFORMED}
