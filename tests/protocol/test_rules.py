"""Rule 3 beside its own plain statement: a look happens if every condition holds, and only then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.documents import KindRule, Policy
from hub.protocol.geo import Circle, Point, distance_m
from hub.protocol.rules import Incident, Permission, Refusal, may_look, owner_allows, policy_allows
from hub.protocol.vocabulary import Gate, Scope
from tests.protocol.samples import NOW

POLICY = Policy(
    version="1",
    kinds={
        "shooting": KindRule(
            name={"en": "Shooting"},
            radius_m=800,
            duration=timedelta(hours=2),
            scopes=frozenset({Scope.SNAPSHOT, Scope.STREAM}),
        )
    },
    digest="policy",
)
CENTRE = Point(32.2998, -90.1846)
INCIDENT = Incident(
    id="i",
    kind="shooting",
    reference="42",
    opened=NOW - timedelta(minutes=5),
    circle=Circle(CENTRE, 500),
)
PERMISSION = Permission(
    scopes=frozenset({Scope.SNAPSHOT}),
    gate=Gate.INCIDENT,
    starts=NOW - timedelta(minutes=1),
    ends=NOW + timedelta(minutes=1),
    place=Point(32.301, -90.185),
    policy="policy",
)
EDGES = st.sampled_from([-7201, -7200, -7199, -61, -60, -59, -1, 0, 1, 59, 60, 61, 7200])
TIMES = (EDGES | st.integers(-8000, 8000)).map(lambda second: NOW + timedelta(seconds=second))
SCOPES = st.sampled_from(Scope)
PLACES = st.builds(Point, st.floats(32.29, 32.31), st.floats(-90.20, -90.17)) | st.just(CENTRE)
INCIDENTS = st.builds(
    Incident,
    id=st.just("i"),
    kind=st.sampled_from(["shooting", "shooting", "shooting", "parking"]),
    reference=st.just("42"),
    opened=TIMES,
    circle=st.builds(
        Circle, PLACES, st.sampled_from([-1, 0, 1, 799, 800, 800.001, 5000]) | st.floats(1, 1000)
    ),
    closed=st.none() | TIMES,
)
PERMISSIONS = st.builds(
    Permission,
    scopes=st.frozensets(SCOPES, min_size=1),
    gate=st.sampled_from(Gate),
    starts=TIMES,
    ends=TIMES,
    place=PLACES,
    policy=st.sampled_from(["policy", "policy", "policy", "older"]),
)


def conditions(
    policy: Policy, permission: Permission, incident: Incident, scope: Scope, now: datetime
) -> dict[Refusal, bool]:
    """State every condition of DESIGN.md rule 3 by itself, each in its own words."""
    rule = policy.kinds.get(incident.kind)
    age = (now - incident.opened).total_seconds()
    return {
        Refusal.POLICY_CHANGED: permission.policy == policy.digest,
        Refusal.KIND_NOT_ALLOWED: incident.kind in policy.kinds,
        Refusal.SCOPE_NOT_ALLOWED: rule is not None and scope in rule.scopes,
        Refusal.CIRCLE_TOO_LARGE: rule is not None
        and incident.circle.radius_m > 0
        and incident.circle.radius_m <= rule.radius_m,
        Refusal.INCIDENT_NOT_OPEN: age >= -60
        and (incident.closed is None or incident.closed > now),
        Refusal.INCIDENT_TOO_OLD: rule is not None and age < rule.duration.total_seconds(),
        Refusal.NOT_GRANTED: permission.starts <= now < permission.ends,
        Refusal.SCOPE_NOT_GRANTED: scope in permission.scopes,
        Refusal.OUTSIDE_CIRCLE: permission.gate is Gate.ALWAYS
        or distance_m(permission.place, incident.circle.centre) <= incident.circle.radius_m,
    }


@given(permission=PERMISSIONS, incident=INCIDENTS, scope=SCOPES)
def test_never_unless_every_condition_holds(
    permission: Permission, incident: Incident, scope: Scope
) -> None:
    holds = conditions(POLICY, permission, incident, scope, NOW)
    failed = [refusal for refusal, held in holds.items() if not held]
    assert may_look(POLICY, permission, incident, scope, NOW) == (failed[0] if failed else None)


BREAKS = {
    Refusal.POLICY_CHANGED: lambda p, i: (replace(p, policy="older"), i),
    Refusal.KIND_NOT_ALLOWED: lambda p, i: (p, replace(i, kind="parking")),
    Refusal.CIRCLE_TOO_LARGE: lambda p, i: (p, replace(i, circle=Circle(CENTRE, 800.1))),
    Refusal.INCIDENT_NOT_OPEN: lambda p, i: (p, replace(i, closed=NOW)),
    Refusal.INCIDENT_TOO_OLD: lambda p, i: (p, replace(i, opened=NOW - timedelta(hours=2))),
    Refusal.NOT_GRANTED: lambda p, i: (replace(p, ends=NOW), i),
    Refusal.SCOPE_NOT_GRANTED: lambda p, i: (replace(p, scopes=frozenset({Scope.STREAM})), i),
    Refusal.OUTSIDE_CIRCLE: lambda p, i: (replace(p, place=Point(32.31, -90.1846)), i),
}


def test_it_happens_when_all_hold() -> None:
    assert may_look(POLICY, PERMISSION, INCIDENT, Scope.SNAPSHOT, NOW) is None


@pytest.mark.parametrize("refusal", BREAKS)
def test_one_broken_condition_is_enough(refusal: Refusal) -> None:
    permission, incident = BREAKS[refusal](PERMISSION, INCIDENT)
    assert may_look(POLICY, permission, incident, Scope.SNAPSHOT, NOW) is refusal


def test_a_scope_that_the_owner_gives_but_the_city_does_not() -> None:
    permission = replace(PERMISSION, scopes=frozenset(Scope))
    assert may_look(POLICY, permission, INCIDENT, Scope.CLIP, NOW) is Refusal.SCOPE_NOT_ALLOWED


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("scope", Scope)
def test_an_always_gate_opens_the_circle_and_nothing_else(gate: Gate, scope: Scope) -> None:
    far = replace(PERMISSION, gate=gate, place=Point(0, 0), scopes=frozenset({scope}))
    refusal = owner_allows(far, INCIDENT, scope, NOW)
    assert refusal is (Refusal.OUTSIDE_CIRCLE if gate is Gate.INCIDENT else None)
    over = replace(far, ends=NOW)
    assert owner_allows(over, INCIDENT, scope, NOW) is Refusal.NOT_GRANTED


@pytest.mark.parametrize(
    ("ahead", "refusal"), [(0, None), (60, None), (61, Refusal.INCIDENT_NOT_OPEN)]
)
def test_a_home_whose_clock_lags_still_answers(ahead: int, refusal: Refusal | None) -> None:
    incident = replace(INCIDENT, opened=NOW + timedelta(seconds=ahead))
    assert policy_allows(POLICY, incident, Scope.SNAPSHOT, NOW) is refusal


@pytest.mark.parametrize("radius", [float("nan"), float("inf"), float("-inf"), 0.0, -0.0])
def test_a_radius_that_is_none(radius: float) -> None:
    incident = replace(INCIDENT, circle=Circle(CENTRE, radius))
    refusal = policy_allows(POLICY, incident, Scope.SNAPSHOT, NOW)
    assert refusal is Refusal.CIRCLE_TOO_LARGE


@pytest.mark.parametrize("second", [0, 253_402_300_799])
def test_the_ends_of_time_break_nothing(second: int) -> None:
    incident = replace(INCIDENT, opened=datetime.fromtimestamp(second, UTC))
    assert policy_allows(POLICY, incident, Scope.SNAPSHOT, NOW) is not None
