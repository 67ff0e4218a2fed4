"""The entry behind a look: written by the hub, compared with the request by the home."""

from collections.abc import Mapping

from .claims import Fields, seconds
from .documents import canonical
from .entries import Entry, EntryKind
from .errors import Reason, Rejected
from .geo import Circle
from .request import Request
from .rules import Incident
from .tokens import LEEWAY
from .vocabulary import Scope

ALLOWED = "allowed"


def incident_about(incident: Incident) -> dict[str, object]:
    """Write an incident; numbers are texts, because canonical JSON here has no fractions."""
    return {
        "id": incident.id,
        "kind": incident.kind,
        "reference": incident.reference,
        "opened": seconds(incident.opened),
        "circle": circle_about(incident.circle),
    }


def circle_about(circle: Circle) -> dict[str, object]:
    """Write a circle: degrees and metres as texts that give the same numbers again."""
    return {
        "lat": repr(circle.centre.lat),
        "lon": repr(circle.centre.lon),
        "radius_m": repr(float(circle.radius_m)),
    }


def look_about(
    *, look: str, camera: str, grant: str | None, scope: Scope, incident: Incident, policy: str
) -> dict[str, object]:
    """Return what the entry of a look tells in any case; the hub adds how it decided."""
    return {
        "look": look,
        "camera": camera,
        "grant": grant,
        "scope": scope,
        "incident": incident_about(incident),
        "policy": policy,
    }


def check_look(entry: Entry, request: Request) -> None:
    """Check that the entry is the one of this request, and not written before its time.

    Raises:
        Rejected: `log_entry` with what differs.

    """
    wanted = look_about(
        look=request.id,
        camera=request.camera,
        grant=request.grant,
        scope=request.action,
        incident=request.incident,
        policy=request.policy,
    )
    operator = request.operator
    differs = [
        name
        for name, same in {
            "kind": entry.kind is EntryKind.LOOK,
            "outcome": entry.outcome == ALLOWED,
            "home": entry.home == request.home,
            "operator": (entry.actor, entry.role) == (operator.pseudonym, operator.role),
            "time": abs(entry.time - request.issued) <= LEEWAY,
        }.items()
        if not same
    ]
    differs += [name for name, value in wanted.items() if _differs(entry.about, name, value)]
    if differs:
        raise Rejected(
            Reason.LOG_ENTRY, f"the log tells another story than the request: {', '.join(differs)}"
        )


def check_end(entry: Entry, *, home: str, look: str, outcome: str, seconds_: int) -> None:
    """Check that the entry is the one that closes this look.

    Raises:
        Rejected: `log_entry` if it is not.

    """
    about = Fields(dict(entry.about))
    if (
        entry.kind is not EntryKind.LOOK_ENDED
        or (entry.home, entry.outcome) != (home, outcome)
        or about.text("look", 64) != look
        or about.integer("seconds", 0, 7 * 86_400) != seconds_
    ):
        raise Rejected(Reason.LOG_ENTRY, "the log tells another end of the look than the receipt")


def _differs(about: Mapping[str, object], name: str, value: object) -> bool:
    return name not in about or canonical(about[name]) != canonical(value)
