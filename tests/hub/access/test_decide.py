"""One decision: never wider than `may_look`, approvals only widen, and it can be replayed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.case import Approved, Case, Seat, case_about, read_case
from hub.access.decide import (
    ABOUT_THE_CAMERA,
    Decision,
    Denial,
    Need,
    decide,
    incident_now,
    needs,
)
from hub.protocol.documents import KindRule, Pilot, Policy, Purpose, Unaided, canonical
from hub.protocol.errors import Reason, Rejected
from hub.protocol.geo import Circle, Point, distance_m
from hub.protocol.rules import Incident, Permission, Refusal, may_look
from hub.protocol.vocabulary import Gate, Role, Scope

NOW = datetime(2026, 7, 1, 18, 0, 0, 123456, tzinfo=UTC)
CENTRE = Point(32.2998, -90.1846)
RULE = KindRule(
    name={"en": "Shooting"},
    radius_m=800,
    duration=timedelta(hours=2),
    scopes=frozenset({Scope.SNAPSHOT, Scope.STREAM}),
    approval=Unaided(400, timedelta(hours=1)),
)
POLICY = Policy(
    version="1",
    kinds={"shooting": RULE, "fire": replace(RULE, approval=None)},
    digest="policy",
    prohibited=(Purpose("protests", {"en": "Protests"}),),
)
PILOT = replace(POLICY, pilot=Pilot(NOW + timedelta(days=1), 2, 1))
CASE = Case(
    moment=NOW,
    scope=Scope.SNAPSHOT,
    role=Role.OFFICER,
    incident=Incident(
        id="i",
        kind="shooting",
        reference="42",
        opened=NOW - timedelta(minutes=5),
        circle=Circle(CENTRE, 400),
    ),
    permission=Permission(
        scopes=frozenset({Scope.SNAPSHOT}),
        gate=Gate.INCIDENT,
        starts=NOW - timedelta(minutes=1),
        ends=NOW + timedelta(minutes=1),
        place=CENTRE,
        policy="policy",
    ),
)
NEAR, FAR = Point(32.301, -90.1846), Point(32.305, -90.1846)
"""134 m and 578 m from the centre."""
EDGES = st.sampled_from([-7201, -7200, -3601, -3600, -3599, -61, -60, 0, 1, 60, 86_400])
TIMES = (EDGES | st.integers(-9000, 90_000)).map(lambda second: NOW + timedelta(seconds=second))
PLACES = (
    st.builds(Point, st.floats(32.29, 32.31), st.floats(-90.2, -90.17))
    | st.just(CENTRE)
    | st.just(FAR)
)
CIRCLES = st.builds(
    Circle, PLACES, st.sampled_from([1.0, 400.0, 400.5, 800.0, 800.5]) | st.floats(1, 1500)
)
APPROVALS = st.lists(st.builds(Approved, st.none() | CIRCLES, st.booleans()), max_size=3).map(tuple)
CASES = st.builds(
    Case,
    moment=TIMES,
    scope=st.sampled_from(Scope),
    role=st.sampled_from([Role.OFFICER, Role.OFFICER, *Role]),
    incident=st.builds(
        Incident,
        id=st.just("i"),
        kind=st.sampled_from(["shooting", "shooting", "fire", "protests", "loitering"]),
        reference=st.just("CAD 42/7"),
        opened=TIMES,
        circle=CIRCLES,
        closed=st.none() | TIMES,
    ),
    approvals=APPROVALS,
    permission=st.none()
    | st.builds(
        Permission,
        scopes=st.frozensets(st.sampled_from(Scope), min_size=1),
        gate=st.sampled_from(Gate),
        starts=TIMES,
        ends=TIMES,
        place=PLACES,
        policy=st.sampled_from(["policy", "policy", "another"]),
    ),
    seat=st.none() | st.builds(Seat, st.booleans(), st.integers(1, 4)),
)
POLICIES = st.sampled_from([POLICY, PILOT])


def moved(case: Case, *, radius: float = 400, place: Point = CENTRE, minutes: float = 5) -> Case:
    """Return the case with another circle, another camera, another age."""
    incident = replace(
        case.incident,
        circle=Circle(case.incident.circle.centre, radius),
        opened=NOW - timedelta(minutes=minutes),
    )
    assert case.permission is not None
    return replace(case, incident=incident, permission=replace(case.permission, place=place))


@pytest.mark.parametrize(
    ("case", "decision"),
    [
        (CASE, Decision(True)),
        (replace(CASE, role=Role.SUPERVISOR), Decision(True)),
        (replace(CASE, role=Role.AUDITOR), Decision(False, Denial.ROLE_NOT_ALLOWED)),
        (replace(CASE, role=Role.ADMINISTRATOR), Decision(False, Denial.ROLE_NOT_ALLOWED)),
        (replace(CASE, permission=None), Decision(False, Denial.NOT_LIVE)),
        (
            replace(CASE, incident=replace(CASE.incident, kind="protests")),
            Decision(False, Denial.PROHIBITED),
        ),
        (
            replace(CASE, incident=replace(CASE.incident, kind="investigation")),
            Decision(False, Refusal.KIND_NOT_ALLOWED),
        ),
        (replace(CASE, scope=Scope.CLIP), Decision(False, Refusal.SCOPE_NOT_ALLOWED)),
        (moved(CASE, radius=801), Decision(False, Refusal.CIRCLE_TOO_LARGE, True)),
        (moved(CASE, place=FAR), Decision(False, Refusal.OUTSIDE_CIRCLE)),
        # A wide circle waits: what lies in the smaller one can be seen meanwhile.
        (moved(CASE, radius=800, place=NEAR), Decision(True, None, True)),
        (moved(CASE, radius=800, place=FAR), Decision(False, Refusal.OUTSIDE_CIRCLE, True)),
        (
            replace(
                moved(CASE, radius=800, place=FAR),
                approvals=(Approved(Circle(CENTRE, 800), False),),
            ),
            Decision(True),
        ),
        # An approval of one circle is none of another.
        (
            replace(
                moved(CASE, radius=800, place=FAR), approvals=(Approved(Circle(FAR, 800), False),)
            ),
            Decision(False, Refusal.OUTSIDE_CIRCLE, True),
        ),
        # A long view waits.
        (moved(CASE, minutes=59), Decision(True)),
        (moved(CASE, minutes=60), Decision(False, Denial.APPROVAL_NEEDED, True)),
        (
            replace(moved(CASE, minutes=60), approvals=(Approved(None, True),)),
            Decision(True),
        ),
        (
            replace(moved(CASE, minutes=120), approvals=(Approved(None, True),)),
            Decision(False, Refusal.INCIDENT_TOO_OLD),
        ),
        # Before a camera is looked for, or its absence would show.
        (
            replace(moved(CASE, minutes=60), permission=None),
            Decision(False, Denial.APPROVAL_NEEDED, True),
        ),
    ],
)
def test_known_cases(case: Case, decision: Decision) -> None:
    assert decide(POLICY, case) == decision


@pytest.mark.parametrize(
    ("seat", "moment", "reason"),
    [
        (Seat(True, 2), NOW, None),
        (Seat(True, 3), NOW, Denial.PILOT_FULL),
        (Seat(False, 1), NOW, None),
        (Seat(False, 2), NOW, Denial.PILOT_FULL),
        (None, NOW, Denial.PILOT_FULL),
        (Seat(True, 1), NOW + timedelta(days=1), Refusal.PILOT_OVER),
    ],
)
def test_in_a_pilot(seat: Seat | None, moment: datetime, reason: object) -> None:
    assert decide(PILOT, replace(CASE, seat=seat, moment=moment)).reason is reason


def test_whoever_stands_in_line_learns_of_no_camera() -> None:
    case = replace(CASE, seat=Seat(False, 2), permission=None)
    assert decide(PILOT, case).reason is Denial.PILOT_FULL
    assert decide(PILOT, replace(case, seat=Seat(False, 1))).reason is Denial.NOT_LIVE
    assert {Denial.PILOT_FULL, Denial.NOT_LIVE} <= ABOUT_THE_CAMERA


@given(POLICIES, CASES)
def test_nothing_passes_that_the_home_would_refuse(policy: Policy, case: Case) -> None:
    decision = decide(policy, case)
    assert decision.allowed is (decision.reason is None)
    if not decision.allowed:
        return
    assert case.permission is not None
    for incident in (case.incident, incident_now(policy, case)):
        assert may_look(policy, case.permission, incident, case.scope, case.moment) is None
    assert case.role in (Role.OFFICER, Role.SUPERVISOR)


@given(POLICIES, CASES, APPROVALS)
def test_approvals_only_widen(policy: Policy, case: Case, more: tuple[Approved, ...]) -> None:
    wider = replace(case, approvals=case.approvals + more)
    assert needs(policy, wider.incident, wider.approvals, wider.moment) <= needs(
        policy, case.incident, case.approvals, case.moment
    )
    if decide(policy, case).allowed:
        assert decide(policy, wider).allowed


@given(POLICIES, CASES)
def test_without_approvals_only_what_needs_none(policy: Policy, case: Case) -> None:
    alone = replace(case, approvals=())
    if not decide(policy, alone).allowed or case.incident.kind != "shooting":
        return
    assert alone.permission is not None
    assert alone.moment < alone.incident.opened + timedelta(hours=1)
    if alone.permission.gate is Gate.INCIDENT:
        assert distance_m(alone.permission.place, alone.incident.circle.centre) <= 400


@given(POLICIES, CASES)
def test_the_reason_is_the_same_for_every_camera_if_it_is_told(policy: Policy, case: Case) -> None:
    """Rule 7: a reason that is told says nothing about whether there is a camera."""
    decision = decide(policy, case)
    if decision.reason is not None and decision.reason not in ABOUT_THE_CAMERA:
        assert decide(policy, replace(case, permission=None, seat=None)) == decision


@given(POLICIES, CASES)
def test_any_decision_can_be_replayed(policy: Policy, case: Case) -> None:
    again = read_case(json.loads(canonical(case_about(case))))
    assert again == case
    assert decide(policy, again) == decide(policy, case)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("moment",), "yesterday"),
        (("moment",), "2026-07-01T18:00:00"),
        (("scope",), "sound"),
        (("role",), "mayor"),
        (("approvals",), {}),
        (("incident", "circle", "radius_m"), 400),
        (("incident", "circle", "radius_m"), "nan"),
        (("incident", "circle", "radius_m"), "wide"),
        (("incident", "circle", "lat"), "91"),
        (("permission", "gate"), "open"),
        (("seat",), {"city": 1, "number": 1}),
    ],
)
def test_a_case_out_of_shape(path: tuple[str, ...], value: object) -> None:
    about = json.loads(canonical(case_about(CASE)))
    inner = about
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(Rejected) as refused:
        read_case(about)
    assert refused.value.reason is Reason.MALFORMED


def test_what_waits_is_named() -> None:
    incident = moved(CASE, radius=500, minutes=61).incident
    assert needs(POLICY, incident, (), NOW) == {Need.CIRCLE, Need.TIME}
    assert needs(POLICY, incident, (Approved(Circle(CENTRE, 500), False),), NOW) == {Need.TIME}
    assert needs(POLICY, replace(incident, kind="fire"), (), NOW) == frozenset()
