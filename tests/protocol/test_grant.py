"""Grants and revocations: round trips, their own limits, and what each field may hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol import grant as grants
from hub.protocol.errors import Reason, Rejected
from hub.protocol.geo import Point
from hub.protocol.grant import LARGEST_SEQ, Grant, Revocation, View
from hub.protocol.stream import SLOWEST_STILL_S
from hub.protocol.tokens import Signer, Verifier
from hub.protocol.vocabulary import Gate, Scope, Site, Still
from tests.protocol.drawn import PLAYERS
from tests.protocol.samples import (
    CAMERA,
    GRANT,
    HOME,
    HOME_ID,
    HOME_KEY,
    HUB,
    NOW,
    REVOCATION,
    SAMPLES,
    STRANGER,
)

SAMPLE = SAMPLES["grant"]
IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
PRINTABLE = st.text(min_size=1, max_size=100).filter(str.isprintable)
SECONDS = st.integers(0, 3_000_000_000)
GRANTS = st.builds(
    lambda issued, ahead, life, **fields: Grant(
        issued=issued, starts=issued + ahead, ends=issued + ahead + life, **fields
    ),
    issued=SECONDS.map(lambda second: datetime.fromtimestamp(second, UTC)),
    ahead=st.integers(0, 3600).map(lambda second: timedelta(seconds=second)),
    life=st.integers(1, 3600).map(lambda second: timedelta(seconds=second)),
    home=IDS,
    hub=IDS,
    camera=IDS,
    jti=IDS,
    seq=st.integers(1, LARGEST_SEQ),
    scopes=st.frozensets(st.sampled_from(Scope), min_size=1),
    gate=st.sampled_from(Gate),
    view=st.builds(
        View,
        place=st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
        accuracy_m=st.integers(0, 10_000),
        bearing=st.none() | st.integers(0, 359),
        fov=st.none() | st.integers(1, 360),
    ),
    name=PRINTABLE,
    site=st.sampled_from(Site),
    still_every_s=st.integers(1, SLOWEST_STILL_S),
    player=st.none() | PLAYERS,
    still=st.sampled_from(Still),
    waiver=PRINTABLE,
    policy=PRINTABLE,
)


def read(grant: Grant | Revocation, now: datetime = NOW) -> Grant | Revocation:
    sign = grants.sign_grant if isinstance(grant, Grant) else grants.sign_revocation
    token = sign(HOME, grant).encode()  # type: ignore[arg-type]
    return grants.verify(token, HOME_KEY, grant.home, grant.camera, grant.hub, now)


def reason(token: bytes, **changes: str) -> Reason:
    names = {"home": HOME_ID, "camera": CAMERA, "hub": HUB.kid} | changes
    with pytest.raises(Rejected) as refused:
        grants.verify(token, HOME_KEY, now=NOW, **names)
    return refused.value.reason


@given(GRANTS)
def test_any_valid_grant_comes_back_as_it_was(grant: Grant) -> None:
    assert read(grant, grant.issued) == grant


@given(GRANTS)
def test_what_was_verified_once_reads_the_same_from_the_store(grant: Grant) -> None:
    claims = HOME_KEY.verify(grants.sign_grant(HOME, grant), grants.GRANT)
    assert grants.parse_verified(claims) == grant


@given(IDS, st.integers(1, LARGEST_SEQ), SECONDS)
def test_any_valid_revocation_comes_back_as_it_was(jti: str, seq: int, second: int) -> None:
    issued = datetime.fromtimestamp(second, UTC)
    revocation = replace(REVOCATION, jti=jti, seq=seq, issued=issued)
    assert read(revocation, issued) == revocation


def test_fractions_of_seconds_never_lengthen_a_grant() -> None:
    late = timedelta(microseconds=999_999)
    grant = replace(GRANT, issued=NOW + late, starts=NOW + late, ends=GRANT.ends + late)
    assert read(grant) == GRANT


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("home", Reason.WRONG_ISSUER),
        ("camera", Reason.WRONG_TOPIC),
        ("hub", Reason.WRONG_AUDIENCE),
    ],
)
@pytest.mark.parametrize("kind", ["grant", "revocation"])
def test_it_counts_only_on_its_own_topic(kind: str, name: str, why: Reason) -> None:
    assert reason(SAMPLES[kind].token, **{name: "another"}) is why


def test_another_home_cannot_sign_for_this_one() -> None:
    assert reason(grants.sign_grant(STRANGER, GRANT).encode()) is Reason.UNKNOWN_KEY
    posing = Signer(STRANGER.key)
    object.__setattr__(posing, "kid", HOME.kid)
    assert reason(grants.sign_grant(posing, GRANT).encode()) is Reason.BAD_SIGNATURE


HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("starts", "ends", "why"),
    [
        (timedelta(0), HOUR, None),
        (timedelta(0), HOUR + SECOND, Reason.TOO_LONG),
        (HOUR, 2 * HOUR, None),
        (HOUR, 2 * HOUR + SECOND, Reason.TOO_LONG),
        (HOUR + SECOND, 2 * HOUR, Reason.TOO_LONG),
        (10 * HOUR, 11 * HOUR, Reason.TOO_LONG),
        (-5 * HOUR, HOUR, None),
        (-5 * HOUR, HOUR + SECOND, Reason.TOO_LONG),
        (HOUR, HOUR, Reason.MALFORMED),
        (HOUR, HOUR - SECOND, Reason.MALFORMED),
        (timedelta(0), timedelta(0), Reason.EXPIRED),
    ],
)
def test_how_long_and_how_far_ahead(starts: timedelta, ends: timedelta, why: Reason | None) -> None:
    grant = replace(GRANT, starts=NOW + starts, ends=NOW + ends)
    if why is None:
        assert read(grant) == grant
    else:
        assert reason(grants.sign_grant(HOME, grant).encode()) is why


@pytest.mark.parametrize("seq", [0, -1, LARGEST_SEQ + 1, 2**64, 1.0, 1e15, True, "1", None])
@pytest.mark.parametrize("kind", ["grant", "revocation"])
def test_seq_limits(kind: str, seq: object) -> None:
    assert reason(SAMPLES[kind].with_claims(seq=seq)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": []},
        {"scope": ["snapshot", "snapshot"]},
        {"scope": ["audio"]},
        {"scope": [["snapshot"]]},
        {"scope": [{}]},
        {"scope": "snapshot"},
        {"gate": "sometimes"},
        {"gate": None},
        {"site": "street"},
        {"live": 1},
        {"live": "true"},
        {"live": None},
        {"player": None},
        {"player": []},
        {"player": {}},
        {"player": {"audio": True, "relay_only": None}},
        {"player": {"audio": True, "relay_only": False, "data_channel": "d" * 65}},
        {"still_every_s": ...},
        {"still_every_s": 0},
        {"still_every_s": SLOWEST_STILL_S + 1},
        {"still_every_s": 2.0},
        {"still_every_s": True},
        {"still": ""},
        {"name": ""},
        {"name": "a" * 101},
        {"name": "two\nlines"},
        {"name": "left\u202eright"},
        {"name": "nul\x00"},
        {"jti": "no/slash"},
        {"jti": "a" * 65},
        {"geo": []},
        {"waiver": 7},
        {"policy": "p" * 201},
    ],
    ids=repr,
)
def test_claims_out_of_shape(changes: dict[str, object]) -> None:
    assert reason(SAMPLE.with_claims(**changes)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": 90.000001},
        {"lat": -90.1},
        {"lon": 180.1},
        {"lat": "32.3"},
        {"lat": True},
        {"lat": None},
        {"lon": 1e308},
        {"lon": 2**63},
        {"accuracy_m": -1},
        {"accuracy_m": 1.5},
        {"accuracy_m": 10_001},
        {"bearing": 360},
        {"bearing": -1},
        {"fov": 0},
        {"fov": 361},
    ],
    ids=repr,
)
def test_places_out_of_shape(changes: dict[str, object]) -> None:
    geo = SAMPLE.claims["geo"]
    assert isinstance(geo, dict)
    assert reason(SAMPLE.with_claims(geo=geo | changes)) is Reason.MALFORMED


@pytest.mark.parametrize("grant", [GRANT, replace(GRANT, player=None)], ids=["live", "not live"])
def test_a_camera_is_live_if_it_says_how_it_is_played_and_only_then(grant: Grant) -> None:
    back = read(grant)
    assert isinstance(back, Grant)
    assert back.live is (grant.player is not None)
    claims = HOME_KEY.verify(grants.sign_grant(HOME, grant), grants.GRANT)
    assert claims.flag("live") is back.live
    assert ("player" in claims) is back.live


def test_live_and_its_player_do_not_contradict_each_other() -> None:
    assert reason(SAMPLE.with_claims(live=False)) is Reason.MALFORMED
    assert reason(SAMPLE.with_claims(player=...)) is Reason.MALFORMED
    read_back = SAMPLE.read(SAMPLE.with_claims(live=False, player=...), NOW)
    assert read_back == replace(GRANT, player=None)


def test_whole_degrees_and_absent_directions_are_fine() -> None:
    read_back = SAMPLE.read(SAMPLE.with_claims(geo={"lat": 32, "lon": -90, "accuracy_m": 0}), NOW)
    assert isinstance(read_back, Grant)
    assert read_back.view == View(place=Point(32.0, -90.0), accuracy_m=0)


def test_a_revocation_outlives_every_grant_that_it_could_end() -> None:
    longest = grants.FURTHEST_AHEAD + grants.LONGEST_GRANT
    assert longest + timedelta(seconds=60) < grants.REVOCATION_LIFE


def test_a_verifier_knows_its_key_by_thumbprint() -> None:
    assert Verifier(HOME.key.public_key()).kid == HOME.kid
