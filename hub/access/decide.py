"""May this look happen? The hub's one decision, by the policy and the case alone.

The home decides again by its own knowledge (`may_look`); nothing passes here that fails there.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hub.access.case import Approved, Case, Seat
from hub.protocol.documents import Pilot, Policy
from hub.protocol.geo import Circle, distance_m
from hub.protocol.rules import Incident, Refusal, may_look, policy_allows
from hub.protocol.vocabulary import Role

LOOKERS = frozenset({Role.OFFICER, Role.SUPERVISOR})
"""Who may look at all: neither auditors nor administrators see pictures, ever."""


class Denial(StrEnum):
    """Why the hub says no where the home would not know."""

    ROLE_NOT_ALLOWED = "role_not_allowed"
    PROHIBITED = "prohibited"
    PILOT_FULL = "pilot_full"
    NOT_LIVE = "not_live"
    APPROVAL_NEEDED = "approval_needed"


class Need(StrEnum):
    """What a supervisor has to approve."""

    CIRCLE = "circle"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a look may happen, why not, and whether its incident waits for an approval."""

    allowed: bool
    reason: Refusal | Denial | None = None
    needs_approval: bool = False


ABOUT_THE_CAMERA = frozenset(
    {
        Denial.NOT_LIVE,
        Denial.PILOT_FULL,
        Refusal.POLICY_CHANGED,
        Refusal.NOT_GRANTED,
        Refusal.SCOPE_NOT_GRANTED,
        Refusal.OUTSIDE_CIRCLE,
    }
)
"""Reasons that are never told to whoever asked: they are all one answer (rule 7)."""


def decide(policy: Policy, case: Case) -> Decision:
    """Return whether the look of this case may happen under this policy.

    What speaks against the incident comes first, so that it is the same for every camera.
    """
    waits = needs(policy, case.incident, case.approvals, case.moment)
    reason = _forbidden(policy, case)
    if reason is None and Need.TIME in waits:
        reason = Denial.APPROVAL_NEEDED
    if reason is None:
        reason = _not_given(policy, case)
    return Decision(reason is None, reason, bool(waits))


def incident_now(policy: Policy, case: Case) -> Incident:
    """Return the incident as it may be looked at: until approved, with the smaller circle."""
    return unaided(policy, case.incident, case.approvals, case.moment)


def unaided(
    policy: Policy, incident: Incident, approvals: tuple[Approved, ...], moment: datetime
) -> Incident:
    """Return the incident with the circle that needs no approval any more."""
    if Need.CIRCLE not in needs(policy, incident, approvals, moment):
        return incident
    approval = policy.kinds[incident.kind].approval
    assert approval is not None  # noqa: S101 - or there would be no need
    return replace(incident, circle=replace(incident.circle, radius_m=float(approval.radius_m)))


def needs(
    policy: Policy, incident: Incident, approvals: tuple[Approved, ...], moment: datetime
) -> frozenset[Need]:
    """Return what of the incident nobody has approved yet and somebody must."""
    rule = policy.kinds.get(incident.kind)
    if rule is None or rule.approval is None:
        return frozenset()
    found = set()
    circle = incident.circle
    if circle.radius_m > rule.approval.radius_m and not any(
        each.circle is not None and within(circle, each.circle) for each in approvals
    ):
        found.add(Need.CIRCLE)
    if moment >= incident.opened + rule.approval.duration and not any(
        each.time for each in approvals
    ):
        found.add(Need.TIME)
    return frozenset(found)


def cap(pilot: Pilot, seat: Seat) -> int:
    """Return how many cameras like this one can be live at once."""
    return pilot.city_cameras if seat.city else pilot.private_cameras


def _forbidden(policy: Policy, case: Case) -> Refusal | Denial | None:
    """Return why nobody like this may look for such an incident, whatever the camera."""
    if case.role not in LOOKERS:
        return Denial.ROLE_NOT_ALLOWED
    if any(purpose.id == case.incident.kind for purpose in policy.prohibited):
        return Denial.PROHIBITED
    return policy_allows(policy, case.incident, case.scope, case.moment)


def _not_given(policy: Policy, case: Case) -> Refusal | Denial | None:
    """Return why this camera cannot be looked through for the incident as it stands."""
    pilot, seat, permission = policy.pilot, case.seat, case.permission
    if pilot is not None and seat is not None and seat.number > cap(pilot, seat):
        return Denial.PILOT_FULL
    if permission is None:
        return Denial.NOT_LIVE
    if pilot is not None and seat is None:
        return Denial.PILOT_FULL
    return may_look(policy, permission, incident_now(policy, case), case.scope, case.moment)


def within(inner: Circle, outer: Circle) -> bool:
    """Tell whether a circle lies in another one."""
    return distance_m(inner.centre, outer.centre) + inner.radius_m <= outer.radius_m
