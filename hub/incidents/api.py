"""HTTP: incidents, and the cameras and looks that belong to them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec

from hub.access.decide import Need
from hub.access.looks import Look, Looks
from hub.errors import (
    FORBIDDEN,
    INCIDENT_CLOSED,
    MALFORMED,
    NOT_FOUND,
    NOTHING_WAITS,
    POLICY,
    REVIEW_OVERDUE,
    Problem,
)
from hub.grants.api import Latitude, Longitude, Radius
from hub.grants.cameras import Cameras
from hub.grants.geojson import CameraCollection, collection
from hub.http.routes import GEOJSON, Answer, Call, Nothing, Route
from hub.incidents.incidents import Also, Incidents, Record
from hub.operators.tokens import Caller, TokenScope
from hub.protocol.geo import Circle, Point
from hub.protocol.vocabulary import Outcome, Scope
from hub.supervision.approvals import Approvals, Standing
from hub.supervision.words import checked

LEAST_REASON = 20
"""Characters: enough to say why it could not wait."""

type Word = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")
]
type BreakGlass = Annotated[str, msgspec.Meta(min_length=LEAST_REASON, max_length=300)]


class NewIncident(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reported event: its kind as in the policy, and its reference (the CAD number).

    `break_glass` says why what needs an approval cannot wait for one; that will be reviewed.
    """

    kind: Word
    reference: Word
    lat: Latitude
    lon: Longitude
    radius_m: Radius
    break_glass: BreakGlass | None = None


class MovedCircle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall change of an incident's circle."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_m: Radius | None = None
    break_glass: BreakGlass | None = None


class IncidentAnswer(msgspec.Struct, frozen=True):
    """An incident; `ends` is when the policy ends it if nobody closes it before.

    `waits` is what a supervisor has to approve first; until then looks go as far as
    `allowed_radius_m`, and no further in time than the policy allows one person. `accepted_by` is
    the operator who took it on.
    """

    id: str
    kind: str
    reference: str
    lat: float
    lon: float
    radius_m: float
    opened: datetime
    opened_by: str
    accepted: datetime | None
    accepted_by: str | None
    ends: datetime
    open: bool
    closed: datetime | None
    waits: list[Need]
    allowed_radius_m: float


class IncidentList(msgspec.Struct, frozen=True):
    """The newest incidents, newest first."""

    incidents: list[IncidentAnswer]


class LookAnswer(msgspec.Struct, frozen=True):
    """One look: who, at what, when, and how it ended; `seconds` is how long a stream ran."""

    id: str
    camera: str
    scope: Scope
    pseudonym: str
    role: str
    asked: datetime
    answered: datetime | None
    outcome: str | None
    reason: str | None
    sha256: str | None
    length: int | None
    seconds: int | None


class LookList(msgspec.Struct, frozen=True):
    """The looks for an incident in the order in which they were asked for."""

    looks: list[LookAnswer]


class IncidentsApi:
    """The routes around an incident."""

    def __init__(
        self,
        incidents: Incidents,
        approvals: Approvals,
        cameras: Cameras,
        looks: Looks,
        now: Callable[[], datetime],
    ) -> None:
        """Take the incidents, their approvals, the live set, the looks' lines and the clock."""
        self._incidents = incidents
        self._approvals = approvals
        self._cameras = cameras
        self._looks = looks
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        read, write = TokenScope.INCIDENTS_READ, TokenScope.INCIDENTS_WRITE
        one = "/api/v1/incidents/{incident}"
        return [
            Route(
                method="POST",
                path="/api/v1/incidents",
                handler=self.open_incident,
                summary="Open an incident",
                scope=write,
                body=NewIncident,
                answer=IncidentAnswer,
                status=201,
                problems=(POLICY, NOTHING_WAITS, REVIEW_OVERDUE),
            ),
            Route(
                method="GET",
                path="/api/v1/incidents",
                handler=self.list_incidents,
                summary="The newest incidents",
                scope=read,
                answer=IncidentList,
            ),
            Route(
                method="GET",
                path=one,
                handler=self.get_incident,
                summary="One incident",
                scope=read,
                answer=IncidentAnswer,
                problems=(NOT_FOUND,),
            ),
            Route(
                method="PATCH",
                path=one,
                handler=self.move_incident,
                summary="Move or resize an open incident's circle",
                scope=write,
                body=MovedCircle,
                answer=IncidentAnswer,
                problems=(
                    NOT_FOUND,
                    INCIDENT_CLOSED,
                    POLICY,
                    NOTHING_WAITS,
                    REVIEW_OVERDUE,
                    FORBIDDEN,
                ),
            ),
            Route(
                method="POST",
                path=f"{one}/close",
                handler=self.close_incident,
                summary="Close an incident",
                scope=write,
                answer=IncidentAnswer,
                problems=(NOT_FOUND, INCIDENT_CLOSED),
            ),
            Route(
                method="GET",
                path=f"{one}/cameras",
                handler=self.list_incident_cameras,
                summary="Live cameras in an open incident's circle, nearest first",
                scope=read,
                answer=CameraCollection,
                media=GEOJSON,
                problems=(NOT_FOUND, INCIDENT_CLOSED),
            ),
            Route(
                method="GET",
                path=f"{one}/looks",
                handler=self.list_looks,
                summary="The looks for an incident",
                scope=read,
                answer=LookList,
                problems=(NOT_FOUND,),
            ),
        ]

    async def open_incident(self, call: Call[Nothing, NewIncident]) -> Answer:
        """Open an incident within the policy."""
        body, now = call.body, self._now()
        if not body.reference.isprintable():
            # Homes would refuse to read it, each time.
            raise Problem(MALFORMED, "In the body: reference holds characters that do not print.")
        record = await self._incidents.open(
            body.kind,
            body.reference,
            Circle(Point(body.lat, body.lon), body.radius_m),
            call.who,
            now,
            self._breaking(body.break_glass, call.who, now),
        )
        location = f"/api/v1/incidents/{record.incident.id}"
        return Answer(await self._answer(record, now), {"Location": location})

    async def list_incidents(self, _call: Call[Nothing, Nothing]) -> Answer:
        """List the newest incidents."""
        now = self._now()
        found = await self._approvals.standing(await self._incidents.recent(), now)
        return Answer(IncidentList([incident_answer(one, now) for one in found]))

    async def get_incident(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show one incident."""
        record = await self._incidents.get(call.path["incident"])
        return Answer(await self._answer(record, self._now()))

    async def move_incident(self, call: Call[Nothing, MovedCircle]) -> Answer:
        """Change the circle; what the body leaves out stays."""
        now = self._now()
        body = call.body

        def change(old: Circle) -> Circle:
            return Circle(
                Point(
                    old.centre.lat if body.lat is None else body.lat,
                    old.centre.lon if body.lon is None else body.lon,
                ),
                old.radius_m if body.radius_m is None else body.radius_m,
            )

        also = self._breaking(body.break_glass, call.who, now)
        record = await self._incidents.move(call.path["incident"], change, call.who, now, also)
        return Answer(await self._answer(record, now))

    async def close_incident(self, call: Call[Nothing, Nothing]) -> Answer:
        """Close an incident."""
        now = self._now()
        record = await self._incidents.close(call.path["incident"], call.who, now)
        return Answer(await self._answer(record, now))

    async def list_incident_cameras(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show what is live in the circle of an open incident."""
        now = self._now()
        record = await self._incidents.get_open(call.path["incident"], now)
        (standing,) = await self._approvals.standing([record], now)
        return Answer(collection(self._cameras.lent(standing.now.circle, now)))

    async def list_looks(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show every look for an incident, refused ones too."""
        id_ = call.path["incident"]
        await self._incidents.get(id_)
        return Answer(LookList([_look(look) for look in await self._looks.of(id_)]))

    async def _answer(self, record: Record, now: datetime) -> IncidentAnswer:
        (standing,) = await self._approvals.standing([record], now)
        return incident_answer(standing, now)

    def _breaking(self, reason: str | None, caller: Caller, now: datetime) -> Also | None:
        """Return what breaks the glass together with a change of an incident."""
        if reason is None:
            return None
        said = checked(reason, "break_glass", LEAST_REASON)
        return lambda page, incident: self._approvals.break_glass(page, incident, said, caller, now)


def incident_answer(standing: Standing, now: datetime) -> IncidentAnswer:
    """Tell how an incident stands."""
    record, incident = standing.record, standing.record.incident
    return IncidentAnswer(
        id=incident.id,
        kind=incident.kind,
        reference=incident.reference,
        lat=incident.circle.centre.lat,
        lon=incident.circle.centre.lon,
        radius_m=incident.circle.radius_m,
        opened=incident.opened,
        opened_by=record.opened_by,
        accepted=record.accepted,
        accepted_by=record.accepted_by,
        ends=record.ends,
        open=record.is_open(now),
        closed=incident.closed,
        waits=sorted(standing.waits) if record.is_open(now) else [],
        allowed_radius_m=standing.now.circle.radius_m,
    )


def _look(look: Look) -> LookAnswer:
    # A refusal looks the same whoever refused and how long that took (rule 7); its reason is for
    # auditors, in the store.
    refused = look.outcome == Outcome.REFUSED
    return LookAnswer(
        id=look.id,
        camera=look.camera,
        scope=look.scope,
        pseudonym=look.pseudonym,
        role=look.role,
        asked=look.asked,
        answered=look.asked if refused else look.answered,
        outcome=look.outcome,
        reason=None if refused else look.reason,
        sha256=look.sha256,
        length=look.length,
        seconds=None if refused else look.seconds,
    )
