"""The misuse detector: rules over one operator's looks that ask for a supervisor's eye.

Each rule flags; none accuses. What a rule finds becomes a review, once per cause and day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.protocol.geo import Circle, Point
from hub.supervision.reviews import Cause, Finding

WINDOW = timedelta(days=14)
"""How far back the rules look."""
REPEATED = 5
"""Looks of one operator at one camera that make a repeat."""
FISHED = 3
"""Incidents of one day, looked at once and closed at once, that make fishing."""
AT_ONCE = timedelta(minutes=1)
_NAMED = 20
"""Entries that a review names at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A look as the log tells of it: allowed or refused, with where the camera said it was."""

    index: int
    moment: datetime
    operator: str
    camera: str
    incident: str
    place: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An incident as the log tells of it: everybody who had a part in it, and its end."""

    people: frozenset[str]
    closed: datetime | None = None


def repeats(glances: Sequence[Glance], stories: Mapping[str, Story]) -> Iterable[Finding]:
    """Find the cameras to which an operator comes back alone.

    At least five looks at one camera in two weeks, on several days or for several incidents, and
    nobody else had a part in any of these incidents.
    """
    by_camera: defaultdict[str, list[Glance]] = defaultdict(list)
    for glance in glances:
        by_camera[glance.camera].append(glance)
    for camera, looks in by_camera.items():
        if len(looks) < REPEATED:
            continue
        incidents = {look.incident for look in looks}
        if len(incidents) == 1 and len({look.moment.date() for look in looks}) == 1:
            continue
        if all(_alone(looks[0].operator, stories.get(incident)) for incident in incidents):
            yield _finding(Cause.REPEAT, looks, looks[-1], camera=camera)


def near_own_address(glances: Sequence[Glance], address: Circle | None) -> Iterable[Finding]:
    """Find the days on which an operator looked around the place where they live."""
    if address is not None:
        found = [look for look in glances if look.place and address.contains(look.place)]
        # The address itself is nowhere in it.
        yield from _by_day(Cause.OWN_ADDRESS, found)


def off_shift(glances: Sequence[Glance], on_duty: Collection[int] | None) -> Iterable[Finding]:
    """Find the days on which an operator looked outside their shift; `on_duty` by index."""
    if on_duty is not None:
        yield from _by_day(Cause.OFF_SHIFT, [look for look in glances if look.index not in on_duty])


def fishing(glances: Sequence[Glance], stories: Mapping[str, Story]) -> Iterable[Finding]:
    """Find the days with incidents that served a single look and were closed within a minute."""
    by_incident: defaultdict[str, list[Glance]] = defaultdict(list)
    for glance in glances:
        by_incident[glance.incident].append(glance)
    found = [
        looks[0]
        for incident, looks in by_incident.items()
        if len(looks) == 1 and _fished(looks[0], stories.get(incident))
    ]
    yield from _by_day(Cause.FISHING, found, least=FISHED)


def _alone(operator: str, story: Story | None) -> bool:
    return story is None or story.people <= {operator}


def _fished(look: Glance, story: Story | None) -> bool:
    return (
        story is not None
        and _alone(look.operator, story)
        and story.closed is not None
        and story.closed - look.moment <= AT_ONCE
    )


def _by_day(cause: Cause, looks: Sequence[Glance], least: int = 1) -> Iterable[Finding]:
    days: defaultdict[str, list[Glance]] = defaultdict(list)
    for look in looks:
        days[look.moment.date().isoformat()].append(look)
    for found in days.values():
        if len(found) >= least:
            yield _finding(cause, found, found[-1])


def _finding(
    cause: Cause, looks: Sequence[Glance], last: Glance, camera: str | None = None
) -> Finding:
    day = last.moment.date().isoformat()
    what = f"{cause}:{last.operator}:{camera or ''}:{day}"
    return Finding(
        cause=cause,
        key=what,
        subject=last.operator,
        incident=last.incident,
        about={
            "camera": camera,
            "looks": len(looks),
            "incidents": len({look.incident for look in looks}),
            "days": len({look.moment.date() for look in looks}),
            "entries": [look.index for look in looks[-_NAMED:]],
        },
    )
