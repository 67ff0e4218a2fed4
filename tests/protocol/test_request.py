"""Requests: round trip, what each field may hold, and that each is used once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol import request as requests
from hub.protocol.errors import Reason, Rejected
from hub.protocol.geo import Circle, Point
from hub.protocol.request import Operator, Request, Used
from hub.protocol.rules import Incident
from hub.protocol.stream import LONGEST_SDP
from hub.protocol.vocabulary import Role, Scope
from tests.protocol.drawn import IDS, OFFERS, texts
from tests.protocol.samples import (
    BOOK,
    HISTORY,
    HUB,
    HUB_KEY,
    NOW,
    REQUEST,
    SAMPLES,
    SDP,
    STREAM_REQUEST,
)

SAMPLE = SAMPLES["request"]
TEXTS = texts(40)
TIMES = st.integers(0, 3_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))

ACTIONS = st.tuples(st.just(Scope.STREAM), OFFERS) | st.tuples(
    st.sampled_from(sorted(set(Scope) - {Scope.STREAM})), st.none()
)
"""What is asked for, and the offer if it is a stream."""


@given(
    st.builds(
        lambda action, **fields: Request(action=action[0], offer=action[1], **fields),
        action=ACTIONS,
        id=IDS,
        hub=TEXTS,
        home=TEXTS,
        camera=IDS,
        grant=IDS,
        incident=st.builds(
            Incident,
            id=TEXTS,
            kind=TEXTS,
            reference=TEXTS,
            opened=TIMES,
            circle=st.builds(
                Circle,
                st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
                st.floats(1, 100_000),
            ),
            closed=st.none(),
        ),
        operator=st.builds(Operator, pseudonym=TEXTS, role=st.sampled_from(Role)),
        policy=TEXTS,
        issued=TIMES,
        log=st.integers(0, 6).map(lambda at: BOOK.logged(HISTORY[at], at, at)),
    )
)
def test_any_valid_request_comes_back_as_it_was(request: Request) -> None:
    token = requests.sign_request(HUB, request).encode()
    assert requests.verify(token, HUB_KEY, request.home, request.hub, request.issued) == request


def reason(token: bytes) -> Reason:
    with pytest.raises(Rejected) as refused:
        SAMPLE.read(token, NOW)
    return refused.value.reason


@pytest.mark.parametrize("action", Scope)
def test_a_stream_has_an_offer_and_nothing_else_has(action: Scope) -> None:
    offer = STREAM_REQUEST.offer
    right, wrong = (offer, None) if action is Scope.STREAM else (None, offer)
    request = replace(REQUEST, action=action, offer=right)
    assert SAMPLE.read(requests.sign_request(HUB, request).encode(), NOW) == request
    bent = requests.sign_request(HUB, replace(request, offer=wrong)).encode()
    assert reason(bent) is Reason.MALFORMED


@pytest.mark.parametrize(
    "offer",
    [
        "v=0",
        [],
        {},
        {"sdp": SDP},
        {"ice": []},
        {"sdp": "", "ice": []},
        {"sdp": "v" * (LONGEST_SDP + 1), "ice": []},
        {"sdp": SDP, "ice": [{"urls": ["http://turn.example"]}]},
    ],
    ids=lambda offer: repr(offer)[:40],
)
def test_offers_out_of_shape(offer: object) -> None:
    assert reason(SAMPLE.with_claims(action="stream", offer=offer)) is Reason.MALFORMED


def test_thirty_seconds_and_no_more() -> None:
    ends = SAMPLE.claims["exp"]
    assert isinstance(ends, int)
    assert reason(SAMPLE.with_claims(exp=ends + 1)) is Reason.TOO_LONG


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "listen"},
        {"camera": "+"},
        {"grant": "#"},
        {"jti": "a/b"},
        {"operator": {"pseudonym": "heron-12", "role": "mayor"}},
        {"operator": {"pseudonym": "h" * 41, "role": "officer"}},
        {"operator": "heron-12"},
        {"incident": None},
    ],
    ids=repr,
)
def test_claims_out_of_shape(changes: dict[str, object]) -> None:
    assert reason(SAMPLE.with_claims(**changes)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"radius_m": 0},
        {"radius_m": 100_001},
        {"radius_m": -500},
        {"lat": 91},
        {"opened": -1},
        {"opened": 1.5},
        {"kind": ""},
        {"reference": "r" * 65},
    ],
    ids=repr,
)
def test_incidents_out_of_shape(changes: dict[str, object]) -> None:
    incident = SAMPLE.claims["incident"]
    assert isinstance(incident, dict)
    assert reason(SAMPLE.with_claims(incident=incident | changes)) is Reason.MALFORMED


def test_a_request_is_used_once() -> None:
    used = Used(NOW - timedelta(hours=1))
    used.claim(REQUEST, NOW)
    used.claim(replace(REQUEST, id="another"), NOW)
    with pytest.raises(Rejected) as refused:
        used.claim(REQUEST, NOW + timedelta(seconds=1))
    assert refused.value.reason is Reason.REPLAYED


@given(skew=st.integers(-30, 60), later=st.integers(0, 200))
def test_a_use_is_remembered_for_as_long_as_the_request_is_valid(skew: int, later: int) -> None:
    request = replace(REQUEST, issued=NOW + timedelta(seconds=skew))
    token = requests.sign_request(HUB, request).encode()
    used = Used(NOW - timedelta(hours=1))
    used.claim(request, NOW)
    now = NOW + timedelta(seconds=later)
    with pytest.raises(Rejected):
        used.claim(requests.verify(token, HUB_KEY, request.home, request.hub, now), now)


def test_what_is_long_over_is_forgotten() -> None:
    used = Used(NOW - timedelta(hours=1))
    used.claim(REQUEST, NOW)
    used.claim(replace(REQUEST, id="another"), NOW + timedelta(hours=1))
    assert list(used._until) == ["another"]


def test_what_was_issued_before_we_began_may_have_been_used() -> None:
    used = Used(NOW + timedelta(seconds=0.9))
    used.claim(REQUEST, NOW)
    with pytest.raises(Rejected) as refused:
        Used(NOW + timedelta(seconds=1)).claim(REQUEST, NOW)
    assert refused.value.reason is Reason.REPLAYED
