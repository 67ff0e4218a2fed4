"""How long a stream lasts: never beyond what `decide` allows, its lease, and the policy."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.case import Case
from hub.access.decide import ABOUT_THE_CAMERA, Decision, Denial, decide
from hub.protocol.documents import Policy
from hub.protocol.rules import Refusal
from hub.protocol.session import Act, Word
from hub.protocol.stream import LEASE
from hub.protocol.vocabulary import Scope
from hub.streams.lasting import Lease, begin, renew, why_over, why_refused, why_told
from hub.streams.told import Over
from tests.hub.access.test_decide import CASE, CASES, POLICIES, POLICY
from tests.hub.access.test_decide import NOW as SOME_TIME

YES = Decision(True)
NOW = SOME_TIME.replace(microsecond=0)
assert CASE.permission is not None  # or there is nothing to stream
STREAM = replace(
    CASE,
    moment=NOW,
    scope=Scope.STREAM,
    permission=replace(
        CASE.permission, scopes=frozenset({Scope.STREAM}), ends=NOW + timedelta(hours=2)
    ),
)
"""A case in which a stream is allowed, for some minutes more."""


def word(reason: str | None) -> Word:
    return Word(
        id="w", sender="home", receiver="hub", session="s",
        act=Act.ENDED, issued=NOW, reason=reason, seconds=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "incident", "until", "ends"),
    [
        (POLICY, CASE.incident, 60, 3_600),
        (replace(POLICY, stream=timedelta(seconds=90)), CASE.incident, 60, 90),
        # The incident's own time is over first.
        (POLICY, replace(CASE.incident, opened=NOW - timedelta(minutes=119)), 60, 60),
        (POLICY, replace(CASE.incident, kind="unknown"), 0, 0),
    ],
)
def test_how_a_lease_begins(policy: Policy, incident: object, until: int, ends: int) -> None:
    lease = begin(policy, incident, NOW)  # type: ignore[arg-type]
    assert lease == Lease(NOW + timedelta(seconds=until), NOW + timedelta(seconds=ends))


def test_a_lease_is_by_whole_seconds_as_homes_know_it() -> None:
    asked = NOW + timedelta(seconds=0.9)
    lease = begin(POLICY, CASE.incident, asked)
    assert lease.until == NOW + LEASE
    assert renew(lease, asked + timedelta(seconds=20)).until == NOW + LEASE + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("decision", "present", "second", "reason"),
    [
        (YES, True, 0, None),
        (YES, True, 59, None),
        (YES, True, 60, Over.LEASE_OVER),
        (YES, True, 3_600, Over.LONGEST),
        (YES, False, 0, Over.SIGNED_OUT),
        (None, True, 0, None),
        (None, True, 60, Over.LEASE_OVER),
        (Decision(False, Denial.NOT_LIVE), True, 0, Over.NO_LONGER_AVAILABLE),
        (Decision(False, Refusal.OUTSIDE_CIRCLE), True, 0, Over.NO_LONGER_AVAILABLE),
        (Decision(False, Refusal.INCIDENT_NOT_OPEN), True, 0, Over.INCIDENT_CLOSED),
        (Decision(False, Refusal.INCIDENT_TOO_OLD), True, 0, Over.INCIDENT_CLOSED),
        (Decision(False, Denial.APPROVAL_NEEDED), True, 0, Over.NOT_ALLOWED),
        (Decision(False, Denial.ROLE_NOT_ALLOWED), True, 0, Over.NOT_ALLOWED),
        # Who is gone learns nothing of the camera.
        (Decision(False, Denial.NOT_LIVE), False, 0, Over.SIGNED_OUT),
    ],
)
def test_why_a_stream_is_over(
    decision: Decision | None, present: bool, second: int, reason: Over | None
) -> None:
    lease = Lease(NOW + timedelta(seconds=60), NOW + timedelta(seconds=3_600))
    now = NOW + timedelta(seconds=second)
    assert why_over(lease, decision, present=present, now=now) is reason


@given(st.sampled_from(sorted(ABOUT_THE_CAMERA)))
def test_all_about_the_camera_is_one_word(reason: Refusal | Denial) -> None:
    assert why_refused(Decision(False, reason)) is Over.NO_LONGER_AVAILABLE


@pytest.mark.parametrize(
    ("reason", "second", "told"),
    [
        ("camera_failed", 0, Over.CAMERA_FAILED),
        ("lease_over", 58, Over.LEASE_OVER),
        ("lease_over", 20, Over.NO_LONGER_AVAILABLE),
        ("longest", 3_598, Over.LONGEST),
        ("longest", 58, Over.NO_LONGER_AVAILABLE),
        ("not_sharing", 0, Over.NO_LONGER_AVAILABLE),
        ("stopping", 3_600, Over.NO_LONGER_AVAILABLE),
        ("whatever a home makes up", 0, Over.NO_LONGER_AVAILABLE),
        (None, 0, Over.NO_LONGER_AVAILABLE),
    ],
)
def test_what_a_home_says_is_told_as_far_as_anyone_may_know(
    reason: str | None, second: int, told: Over
) -> None:
    lease = Lease(NOW + timedelta(seconds=60), NOW + timedelta(seconds=3_600))
    assert why_told(word(reason), lease, NOW + timedelta(seconds=second)) is told


STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 20, 59, 60, 61]),
        st.sampled_from([None, None, None, True]),
        CASES,
        st.sampled_from([True, True, True, False]),
        st.booleans(),
    ),
    max_size=40,
)


def test_the_case_of_this_test_is_one_that_is_allowed() -> None:
    assert decide(POLICY, STREAM).allowed


@given(POLICIES, st.just(STREAM) | CASES, STEPS)
def test_no_stream_outlives_what_is_decided(
    policy: Policy, first: Case, steps: list[tuple[int, bool | None, Case, bool, bool]]
) -> None:
    """Whatever happens to its incident and its camera, and whoever renews it however often."""
    case = replace(first, scope=Scope.STREAM)
    if not decide(policy, case).allowed:
        return
    asked = now = case.moment
    lease = begin(policy, case.incident, asked)
    for wait, changed, other, present, renews in steps:
        now += timedelta(seconds=wait)
        if changed:
            case = replace(other, scope=Scope.STREAM)
        case = replace(case, moment=now)
        decision = decide(policy, case)
        if why_over(lease, decision, present=present, now=now) is not None:
            return
        # While it runs, a look at this moment would be allowed, and it is within its times.
        assert decision.allowed
        assert present
        assert now < lease.until <= lease.ends <= asked + policy.stream
        assert lease.until <= now + LEASE
        if renews:
            before, lease = lease, renew(lease, now)
            assert before.until <= lease.until <= now + LEASE
            assert lease.ends == before.ends


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_nobody_renews_beyond_the_end(later: timedelta) -> None:
    now = NOW + later
    lease = Lease(now + timedelta(seconds=5), now + timedelta(seconds=30))
    assert renew(lease, now).until == lease.ends
    assert why_over(lease, YES, present=True, now=lease.ends) is Over.LONGEST
