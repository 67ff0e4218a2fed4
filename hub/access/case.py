"""The case of a look: everything that the decision about it depends on, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.protocol.claims import Fields, malformed
from hub.protocol.geo import Circle, Point
from hub.protocol.look_entry import circle_about
from hub.protocol.rules import Incident, Permission
from hub.protocol.vocabulary import Gate, Role, Scope

_MOST_APPROVALS = 20
_FURTHEST_M = 100_000


@dataclass(frozen=True, slots=True)
class Approved:
    """What a second person, or broken glass, opened beyond the unaided limits.

    `circle` holds wherever the incident's circle lies within it; `time` until the kind's end.
    """

    circle: Circle | None
    time: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """A camera's place in a pilot, counted from 1 among the city's cameras or the others."""

    city: bool
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Who asks for what, when, for which incident with which approvals, and what its owner gave.

    `permission` is None if the camera is not live; `seat` is None where there is no pilot.
    """

    moment: datetime
    scope: Scope
    role: Role
    incident: Incident
    approvals: tuple[Approved, ...] = ()
    permission: Permission | None = None
    seat: Seat | None = None


def case_about(case: Case) -> dict[str, object]:
    """Write a case for the access log, so that it can be decided again and come out the same."""
    return {
        "moment": _write(case.moment),
        "scope": case.scope,
        "role": case.role,
        "incident": _incident_about(case.incident),
        "approvals": [
            {"circle": circle_about(each.circle) if each.circle else None, "time": each.time}
            for each in case.approvals
        ],
        "permission": _permission_about(case.permission) if case.permission else None,
        "seat": {"city": case.seat.city, "number": case.seat.number} if case.seat else None,
    }


def read_case(about: object) -> Case:
    """Read a case of the access log.

    Raises:
        Rejected: `malformed` with the field that is out of shape.

    """
    fields = Fields(about)
    return Case(
        moment=_time(fields, "moment"),
        scope=fields.choice("scope", Scope),
        role=fields.choice("role", Role),
        incident=_incident(fields.object("incident")),
        approvals=tuple(
            _approved(Fields(each)) for each in fields.items("approvals", _MOST_APPROVALS)
        ),
        permission=_permission(fields.object("permission")) if "permission" in fields else None,
        seat=_seat(fields.object("seat")) if "seat" in fields else None,
    )


def _incident_about(incident: Incident) -> Mapping[str, object]:
    return {
        "id": incident.id,
        "kind": incident.kind,
        "reference": incident.reference,
        "opened": _write(incident.opened),
        "closed": _write(incident.closed) if incident.closed else None,
        "circle": circle_about(incident.circle),
    }


def _permission_about(permission: Permission) -> Mapping[str, object]:
    return {
        "scopes": sorted(permission.scopes),
        "gate": permission.gate,
        "starts": _write(permission.starts),
        "ends": _write(permission.ends),
        "lat": repr(permission.place.lat),
        "lon": repr(permission.place.lon),
        "policy": permission.policy,
    }


def _incident(fields: Fields) -> Incident:
    return Incident(
        id=fields.text("id", 64),
        kind=fields.text("kind", 64),
        reference=fields.text("reference", 64),
        opened=_time(fields, "opened"),
        closed=_time(fields, "closed") if "closed" in fields else None,
        circle=_circle(fields.object("circle")),
    )


def _approved(fields: Fields) -> Approved:
    circle = _circle(fields.object("circle")) if "circle" in fields else None
    return Approved(circle, fields.flag("time"))


def _permission(fields: Fields) -> Permission:
    return Permission(
        scopes=fields.choices("scopes", Scope),
        gate=fields.choice("gate", Gate),
        starts=_time(fields, "starts"),
        ends=_time(fields, "ends"),
        place=_point(fields),
        policy=fields.text("policy"),
    )


def _seat(fields: Fields) -> Seat:
    return Seat(fields.flag("city"), fields.integer("number", 1, 1_000_000))


def _circle(fields: Fields) -> Circle:
    return Circle(_point(fields), _number(fields, "radius_m", 0, _FURTHEST_M))


def _point(fields: Fields) -> Point:
    return Point(_number(fields, "lat", -90, 90), _number(fields, "lon", -180, 180))


def _number(fields: Fields, name: str, low: float, high: float) -> float:
    """Read a number that is written as a text: canonical JSON has no fractions here."""
    try:
        number = float(fields.text(name, 40))
    except ValueError as err:
        raise malformed(f"{name} is not a number") from err
    if not low <= number <= high:
        raise malformed(f"{name} is not a number from {low} to {high}")
    return number


def _write(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _time(fields: Fields, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(fields.text(name, 40))
    except ValueError as err:
        raise malformed(f"{name} is not a time") from err
    if moment.tzinfo is None:
        raise malformed(f"{name} has no time zone")
    return moment.astimezone(UTC)
