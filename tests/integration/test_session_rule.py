"""May a session go on? Never when a look would be refused, and never longer than it is leased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.jackson_rtcc.permit import Asked, Given, look_refused
from custom_components.jackson_rtcc.protocol.documents import KindRule, Pilot, Policy
from custom_components.jackson_rtcc.protocol.geo import Circle, Point
from custom_components.jackson_rtcc.protocol.grant import Grant, View
from custom_components.jackson_rtcc.protocol.rules import Incident
from custom_components.jackson_rtcc.protocol.session import Act, Word
from custom_components.jackson_rtcc.protocol.stream import LEASE, Player
from custom_components.jackson_rtcc.protocol.vocabulary import Gate, Scope, Site, Still
from custom_components.jackson_rtcc.session_rule import (
    CLOCK_SLACK,
    End,
    Running,
    next_end,
    session_end,
)
from custom_components.jackson_rtcc.share import Share

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
HERE = Point(32.3038, -90.1821)
FAR = Point(32.4, -90.2)
SECOND = timedelta(seconds=1)

POLICY = Policy(
    version="1",
    kinds={
        "robbery": KindRule(
            name={"en": "Robbery"},
            radius_m=800,
            duration=timedelta(hours=2),
            scopes=frozenset({Scope.SNAPSHOT, Scope.STREAM}),
        ),
        "dumping": KindRule(
            name={"en": "Dumping"},
            radius_m=100,
            duration=timedelta(hours=1),
            scopes=frozenset({Scope.SNAPSHOT}),
        ),
    },
    digest="rules",
    pilot=Pilot(ends=NOW + timedelta(hours=5), city_cameras=5, private_cameras=5),
    stream=timedelta(minutes=20),
)
SHARE = Share(
    camera="c",
    entity="e",
    name="Porch",
    site=Site.HOME,
    scopes=frozenset({Scope.STREAM}),
    gate=Gate.INCIDENT,
    hours=None,
    place=HERE,
    precision_m=100,
)
GRANT = Grant(
    home="h",
    hub="hub",
    camera="c",
    jti="j",
    seq=1,
    issued=NOW,
    starts=NOW - timedelta(minutes=10),
    ends=NOW + timedelta(minutes=50),
    scopes=frozenset({Scope.STREAM}),
    gate=Gate.INCIDENT,
    view=View(place=HERE, accuracy_m=0),
    name="Porch",
    site=Site.HOME,
    still=Still.LIVE,
    waiver="w",
    policy="rules",
    player=Player(),
)
GIVEN = Given(share=SHARE, grant=GRANT, sharing=True)
INCIDENT = Incident(
    id="i",
    kind="robbery",
    reference="CAD-1",
    opened=NOW - timedelta(minutes=30),
    circle=Circle(HERE, 500),
)
ASKED = Asked(action=Scope.STREAM, incident=INCIDENT, policy="rules")
RUNNING = Running(
    asked=ASKED, share=SHARE, began=NOW, until=NOW + LEASE, promised=NOW + LEASE - SECOND
)

moments = st.one_of(
    st.timedeltas(timedelta(), LEASE).map(lambda by: NOW + by),
    st.timedeltas(timedelta(hours=-3), timedelta(hours=6)).map(lambda by: NOW + by),
)
shares = st.sampled_from(
    [
        None,
        SHARE,
        replace(SHARE, place=FAR),
        replace(SHARE, gate=Gate.ALWAYS, place=FAR),
        replace(SHARE, viewers=1),
        replace(SHARE, mask=(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),)),
    ]
)
grants = st.none() | st.builds(
    lambda starts, life, scopes, policy: replace(
        GRANT, starts=starts, ends=starts + life, scopes=scopes, policy=policy
    ),
    moments,
    st.timedeltas(timedelta(minutes=1), timedelta(hours=4)),
    st.frozensets(st.sampled_from(Scope)),
    st.sampled_from(["rules", "rules", "others"]),
)
givens = st.just(GIVEN) | st.builds(Given, share=shares, grant=grants, sharing=st.booleans())
askeds = st.builds(
    lambda kind, opened, radius, policy: Asked(
        action=Scope.STREAM,
        incident=replace(INCIDENT, kind=kind, opened=opened, circle=Circle(HERE, radius)),
        policy=policy,
    ),
    st.sampled_from(["robbery", "robbery", "dumping", "graffiti"]),
    moments,
    st.sampled_from([100, 500, 900]),
    st.sampled_from(["rules", "rules", "others"]),
)
runnings = st.just(RUNNING) | st.builds(
    lambda asked, share, began, leased: Running(
        asked=asked, share=share, began=began, until=began + leased, promised=began + leased
    ),
    askeds,
    shares.map(lambda share: share or SHARE),
    moments,
    st.timedeltas(timedelta(), timedelta(hours=1)),
)
policies = st.sampled_from([POLICY, replace(POLICY, pilot=None)])
words = st.builds(
    lambda issued, lasts: Word(
        id="w",
        sender="hub",
        receiver="h",
        session="s",
        act=Act.RENEW,
        issued=issued,
        until=issued + lasts,
    ),
    moments,
    st.timedeltas(timedelta(hours=-1), timedelta(hours=3)),
)


def test_goes_on() -> None:
    assert session_end(POLICY, RUNNING, GIVEN, NOW) is None
    assert session_end(POLICY, RUNNING, GIVEN, NOW + LEASE - SECOND) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (Given(), End.NOT_GRANTED),
        (replace(GIVEN, grant=None), End.NOT_GRANTED),
        (replace(GIVEN, sharing=False), End.NOT_SHARING),
        (replace(GIVEN, share=replace(SHARE, relay_only=True)), End.NOT_SHARING),
        (replace(GIVEN, share=replace(SHARE, place=FAR)), End.NOT_GRANTED),
        (replace(GIVEN, grant=replace(GRANT, scopes=frozenset())), End.NOT_GRANTED),
        (replace(GIVEN, grant=replace(GRANT, policy="others")), End.NOT_GRANTED),
        (replace(GIVEN, grant=replace(GRANT, ends=NOW)), End.NOT_GRANTED),
        # Another token for the same thing.
        (replace(GIVEN, grant=replace(GRANT, jti="k", seq=2, starts=NOW)), None),
    ],
)
def test_ends_with_what_the_owner_gives(changed: Given, reason: End | None) -> None:
    assert session_end(POLICY, RUNNING, changed, NOW) is reason


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (LEASE, End.LEASE_OVER),
        (-CLOCK_SLACK, None),
        (-CLOCK_SLACK - SECOND, End.LEASE_OVER),
    ],
)
def test_ends_with_its_lease(at: timedelta, reason: End | None) -> None:
    assert session_end(POLICY, RUNNING, GIVEN, NOW + at) is reason


def test_ends_with_what_the_rules_allow() -> None:
    for opened in (NOW - timedelta(hours=2), NOW - timedelta(hours=2) + SECOND):
        incident = replace(INCIDENT, opened=opened)
        old = replace(RUNNING, asked=replace(ASKED, incident=incident))
        over = opened == NOW - timedelta(hours=2)
        assert session_end(POLICY, old, GIVEN, NOW) is (End.LONGEST if over else None)
    long = replace(RUNNING, began=NOW - POLICY.stream)
    assert session_end(POLICY, long, GIVEN, NOW) is End.LONGEST
    assert session_end(POLICY, long, GIVEN, NOW - SECOND) is None


@given(policies, runnings, givens, moments)
def test_no_session_goes_on_when_a_look_would_be_refused(
    policy: Policy, running: Running, given: Given, now: datetime
) -> None:
    if look_refused(policy, given, running.asked, now):
        assert session_end(policy, running, given, now) is not None


@given(policies, runnings, givens, moments)
def test_a_session_that_goes_on_is_leased_and_shared_as_it_was(
    policy: Policy, running: Running, given: Given, now: datetime
) -> None:
    if session_end(policy, running, given, now) is None:
        assert given.sharing
        assert given.share == running.share
        assert given.grant is not None
        assert Scope.STREAM in given.grant.scopes
        assert now < running.until <= now + LEASE + CLOCK_SLACK
        assert now < running.began + policy.stream
        assert running.asked.incident.kind == "robbery"


@given(policies, runnings, givens, moments, moments)
def test_nothing_ends_by_itself_before_it_is_asked_about_again(
    policy: Policy, running: Running, given: Given, now: datetime, later: datetime
) -> None:
    """And what goes on is never asked about at a time that has passed, which would have no end."""
    if session_end(policy, running, given, now) is None:
        again = next_end(policy, running, given)
        assert again > now
        if now <= later < again:
            assert session_end(policy, running, given, later) is None


@given(runnings, words, moments)
def test_a_renewal_gives_one_lease_at_most(running: Running, word: Word, now: datetime) -> None:
    renewed = running.renewed(word, now)
    if renewed != running:
        assert renewed.until <= now + LEASE
        assert renewed.promised > running.promised
        assert replace(renewed, until=running.until, promised=running.promised) == running
    assert renewed.renewed(word, now + timedelta(hours=1)) == renewed


def test_a_renewal_counts_by_how_long_it_is_and_not_by_the_hubs_clock() -> None:
    for off in (timedelta(seconds=-50), timedelta(seconds=50)):
        issued = NOW + timedelta(seconds=55) + off
        word = Word(
            id="w",
            sender="hub",
            receiver="h",
            session="s",
            act=Act.RENEW,
            issued=issued,
            until=issued + LEASE,
        )
        began = replace(RUNNING, promised=NOW + off + LEASE)
        now = NOW + timedelta(seconds=55)
        assert began.renewed(word, now).until == now + LEASE


def test_a_look_is_refused_by_the_first_check_that_fails() -> None:
    assert look_refused(POLICY, GIVEN, ASKED, NOW) is None
    others = replace(ASKED, policy="others")
    assert look_refused(POLICY, GIVEN, others, NOW) == "policy_changed"
    off = replace(GIVEN, sharing=False)
    assert look_refused(POLICY, off, others, NOW) == "not_sharing"
    assert look_refused(POLICY, replace(off, grant=None), others, NOW) == "not_granted"
