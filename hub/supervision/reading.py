"""Reads what supervision needs from the log's entries."""

from collections.abc import Mapping

from hub.access.case import read_case
from hub.protocol.entries import Entry
from hub.protocol.errors import Rejected
from hub.supervision.misuse import Glance


def incident_of(entry: Entry) -> str | None:
    """Return the id of the incident that an entry is about."""
    incident = entry.about.get("incident")
    if isinstance(incident, Mapping):
        incident = incident.get("id")
    return incident if isinstance(incident, str) else None


def glance_of(index: int, entry: Entry) -> Glance | None:
    """Return a look as the detector knows it, or None if the entry is of another shape."""
    camera, incident = entry.about.get("camera"), incident_of(entry)
    if not isinstance(camera, str) or incident is None:
        return None
    try:
        case = read_case(entry.about.get("case"))
    except Rejected:
        permission = None
    else:
        permission = case.permission
    return Glance(
        index=index,
        moment=entry.time,
        operator=entry.actor,
        camera=camera,
        incident=incident,
        place=permission.place if permission else None,
    )
