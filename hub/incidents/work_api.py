"""HTTP: what operators do for an incident: take it on, mark sightings, tell units, sum it up."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec

from hub.errors import (
    ACCEPTED,
    CAMERA_UNAVAILABLE,
    FORBIDDEN,
    INCIDENT_CLOSED,
    MALFORMED,
    NOT_FOUND,
    PICTURE_GONE,
    Problem,
)
from hub.grants.api import Latitude, Longitude
from hub.http.routes import Answer, Call, Nothing, Route
from hub.incidents.answers import MessageAnswer, SightingAnswer
from hub.incidents.api import IncidentAnswer, incident_answer
from hub.incidents.incidents import Incidents
from hub.incidents.messages import Messages
from hub.incidents.sightings import Seen, Sightings
from hub.incidents.summary import IncidentSummary, Summaries
from hub.operators.tokens import TokenScope
from hub.protocol.geo import Point
from hub.supervision.approvals import Approvals
from hub.supervision.words import checked

_ONE = "/api/v1/incidents/{incident}"

type Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
type Moment = Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339, with its offset")]


class NewSighting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was seen: on a live camera, at lat and lon, or both; `at` is now if it is left out."""

    camera: Id | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    at: Moment | None = None
    note: Annotated[str, msgspec.Meta(max_length=300)] = ""


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to tell the units; the still of `look` goes with it, and is kept with the incident."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    look: Id | None = None


class WorkApi:
    """The routes of the work on an incident."""

    def __init__(
        self,
        *,
        incidents: Incidents,
        approvals: Approvals,
        sightings: Sightings,
        messages: Messages,
        summaries: Summaries,
        now: Callable[[], datetime],
    ) -> None:
        """Take the incidents and what belongs to them, and the clock."""
        self._incidents = incidents
        self._approvals = approvals
        self._sightings = sightings
        self._messages = messages
        self._summaries = summaries
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        read, write = TokenScope.INCIDENTS_READ, TokenScope.INCIDENTS_WRITE
        return [
            Route(
                method="POST",
                path=f"{_ONE}/acceptance",
                handler=self.accept_incident,
                summary="Take an incident on; the first operator does",
                scope=write,
                answer=IncidentAnswer,
                problems=(NOT_FOUND, INCIDENT_CLOSED, ACCEPTED),
            ),
            Route(
                method="POST",
                path=f"{_ONE}/sightings",
                handler=self.mark_sighting,
                summary="Mark where and when somebody or something was seen",
                scope=write,
                body=NewSighting,
                answer=SightingAnswer,
                status=201,
                problems=(NOT_FOUND, INCIDENT_CLOSED, CAMERA_UNAVAILABLE),
            ),
            Route(
                method="DELETE",
                path=f"{_ONE}/sightings/{{sighting}}",
                handler=self.remove_sighting,
                summary="Take an own sighting back",
                scope=write,
                answer=Nothing,
                problems=(NOT_FOUND, FORBIDDEN),
            ),
            Route(
                method="POST",
                path=f"{_ONE}/messages",
                handler=self.write_message,
                summary="Tell the units something about an incident",
                scope=write,
                body=NewMessage,
                answer=MessageAnswer,
                status=201,
                problems=(NOT_FOUND, INCIDENT_CLOSED, FORBIDDEN, PICTURE_GONE),
            ),
            Route(
                method="GET",
                path=f"{_ONE}/summary",
                handler=self.summarize_incident,
                summary="An incident summed up for a report",
                scope=read,
                answer=IncidentSummary,
                problems=(NOT_FOUND,),
            ),
        ]

    async def accept_incident(self, call: Call[Nothing, Nothing]) -> Answer:
        """Take an incident on."""
        now = self._now()
        record = await self._incidents.accept(call.path["incident"], call.who, now)
        (standing,) = await self._approvals.standing([record], now)
        return Answer(incident_answer(standing, now))

    async def mark_sighting(self, call: Call[Nothing, NewSighting]) -> Answer:
        """Mark a sighting."""
        body = call.body
        if (body.lat is None) != (body.lon is None):
            raise Problem(MALFORMED, "In the body: lat and lon belong together.")
        place = None
        if body.lat is not None and body.lon is not None:
            place = Point(body.lat, body.lon)
        note = checked(body.note, "note")
        seen = Seen(camera=body.camera, place=place, at=body.at, note=note)
        return Answer(await self._sightings.mark(call.path["incident"], seen, call.who))

    async def remove_sighting(self, call: Call[Nothing, Nothing]) -> Answer:
        """Take a sighting back."""
        await self._sightings.remove(call.path["incident"], call.path["sighting"], call.who)
        return Answer(Nothing())

    async def write_message(self, call: Call[Nothing, NewMessage]) -> Answer:
        """Tell the units."""
        body = call.body
        if body.look is not None and TokenScope.PICTURES_WRITE not in call.who.scopes:
            raise Problem(FORBIDDEN, f"A still needs the scope {TokenScope.PICTURES_WRITE}.")
        text = checked(body.text, "text", 1)
        message = await self._messages.write(call.path["incident"], text, body.look, call.who)
        return Answer(message)

    async def summarize_incident(self, call: Call[Nothing, Nothing]) -> Answer:
        """Sum an incident up."""
        return Answer(await self._summaries.of(call.path["incident"]))
