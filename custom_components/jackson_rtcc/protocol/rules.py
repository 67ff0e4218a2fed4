"""May this look happen? The one decision, made at the hub and again in the home (rule 3)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .documents import KindRule, Policy
from .geo import Circle, Point
from .tokens import LEEWAY
from .vocabulary import Gate, Scope


class Refusal(StrEnum):
    """Why a look may not happen."""

    POLICY_CHANGED = "policy_changed"
    KIND_NOT_ALLOWED = "kind_not_allowed"
    SCOPE_NOT_ALLOWED = "scope_not_allowed"
    CIRCLE_TOO_LARGE = "circle_too_large"
    INCIDENT_NOT_OPEN = "incident_not_open"
    INCIDENT_TOO_OLD = "incident_too_old"
    NOT_GRANTED = "not_granted"
    SCOPE_NOT_GRANTED = "scope_not_granted"
    OUTSIDE_CIRCLE = "outside_circle"
    PILOT_OVER = "pilot_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What a look is for: a reported event with its circle and time."""

    id: str
    kind: str
    reference: str
    opened: datetime
    circle: Circle
    closed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What the owner gave for one camera, and where the camera is as far as the asker knows."""

    scopes: frozenset[Scope]
    gate: Gate
    starts: datetime
    ends: datetime
    place: Point
    policy: str


def policy_allows(
    policy: Policy, incident: Incident, scope: Scope, now: datetime
) -> Refusal | None:
    """Return why the city's rules forbid a look of `scope` for this incident, or None."""
    if policy.pilot is not None and now >= policy.pilot.ends:
        return Refusal.PILOT_OVER
    rule = policy.kinds.get(incident.kind)
    if rule is None:
        return Refusal.KIND_NOT_ALLOWED
    if scope not in rule.scopes:
        return Refusal.SCOPE_NOT_ALLOWED
    if not 0 < incident.circle.radius_m <= rule.radius_m:
        return Refusal.CIRCLE_TOO_LARGE
    return _not_its_time(rule, incident, now)


def _not_its_time(rule: KindRule, incident: Incident, now: datetime) -> Refusal | None:
    # `opened` is by the hub's clock; the home that asks this again may lag behind it.
    if now < incident.opened - LEEWAY or (incident.closed is not None and now >= incident.closed):
        return Refusal.INCIDENT_NOT_OPEN
    if now >= incident.opened + rule.duration:
        return Refusal.INCIDENT_TOO_OLD
    return None


def owner_allows(
    permission: Permission, incident: Incident, scope: Scope, now: datetime
) -> Refusal | None:
    """Return why the owner's grant does not cover the look, or None."""
    if not permission.starts <= now < permission.ends:
        return Refusal.NOT_GRANTED
    if scope not in permission.scopes:
        return Refusal.SCOPE_NOT_GRANTED
    if permission.gate is Gate.INCIDENT and not incident.circle.contains(permission.place):
        return Refusal.OUTSIDE_CIRCLE
    return None


def may_look(
    policy: Policy, permission: Permission, incident: Incident, scope: Scope, now: datetime
) -> Refusal | None:
    """Return why a look may not happen, or None if both the city's rules and the owner allow it."""
    if permission.policy != policy.digest:
        return Refusal.POLICY_CHANGED
    return policy_allows(policy, incident, scope, now) or owner_allows(
        permission, incident, scope, now
    )
