"""What a report about an incident needs: when, who, through which cameras, what came of it."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.access.looks import Look, Looks
from hub.grants.cameras import Cameras
from hub.incidents.answers import MessageAnswer, SightingAnswer, messages_of, sightings_of
from hub.incidents.incidents import Incidents, Record
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Outcome
from hub.store.tables import log_entries
from hub.store.tables import pictures as pictures_table


class CameraLooked(msgspec.Struct, frozen=True):
    """A camera that was looked through: `name` is null once its owner lends it no more."""

    camera: str
    name: str | None
    stills: int
    streams: int
    seconds: int
    first: datetime
    last: datetime


class OperatorLooked(msgspec.Struct, frozen=True):
    """Who looked, and how often."""

    pseudonym: str
    role: str
    looks: int


class PictureKept(msgspec.Struct, frozen=True):
    """A picture that was kept with the incident."""

    id: str
    look: str
    camera: str
    attached: datetime
    attached_by: str
    sha256: str


class IncidentSummary(msgspec.Struct, frozen=True):
    """An incident from its beginning to its end."""

    incident: str
    kind: str
    reference: str
    lat: float
    lon: float
    radius_m: float
    opened: datetime
    opened_by: str
    accepted: datetime | None
    accepted_by: str | None
    closed: datetime | None
    closed_by: str | None
    ends: datetime
    operators: list[OperatorLooked]
    cameras: list[CameraLooked]
    sightings: list[SightingAnswer]
    messages: list[MessageAnswer]
    pictures: list[PictureKept]


class Summaries:
    """Sums incidents up."""

    def __init__(
        self,
        engine: AsyncEngine,
        incidents: Incidents,
        looks: Looks,
        cameras: Cameras,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store's rooms, the live set for the cameras' names, and the clock."""
        self._engine = engine
        self._incidents = incidents
        self._looks = looks
        self._cameras = cameras
        self._now = now

    async def of(self, id_: str) -> IncidentSummary:
        """Sum one incident up.

        Raises:
            Problem: `not-found`.

        """
        record = await self._incidents.get(id_)
        # A look that was refused showed nothing, and by whom it was is nobody's affair (rule 7).
        given = [look for look in await self._looks.of(id_) if _gave(look)]
        async with self._engine.connect() as connection:
            sightings = await sightings_of(connection, [id_])
            messages = await messages_of(connection, [id_])
            pictures = await _pictures(connection, id_)
            closed_by = await _closed_by(connection, record)
        incident = record.incident
        return IncidentSummary(
            incident=incident.id,
            kind=incident.kind,
            reference=incident.reference,
            lat=incident.circle.centre.lat,
            lon=incident.circle.centre.lon,
            radius_m=incident.circle.radius_m,
            opened=incident.opened,
            opened_by=record.opened_by,
            accepted=record.accepted,
            accepted_by=record.accepted_by,
            closed=incident.closed,
            closed_by=closed_by,
            ends=record.ends,
            operators=_operators(given),
            cameras=self._looked_through(given),
            sightings=sightings,
            messages=messages,
            pictures=pictures,
        )

    def _looked_through(self, given: Sequence[Look]) -> list[CameraLooked]:
        return [
            self._camera(camera, [look for look in given if look.camera == camera])
            for camera in dict.fromkeys(look.camera for look in given)
        ]

    def _camera(self, camera: str, given: Sequence[Look]) -> CameraLooked:
        grant = self._cameras.live(camera, self._now())
        return CameraLooked(
            camera=camera,
            name=None if grant is None else grant.name,
            stills=sum(look.sha256 is not None for look in given),
            streams=sum(look.sha256 is None for look in given),
            seconds=sum(look.seconds or 0 for look in given),
            first=given[0].asked,
            last=given[-1].asked,
        )


def _gave(look: Look) -> bool:
    """Tell whether a look showed something: a still, or a stream that began."""
    return look.outcome == Outcome.OK or (look.outcome is None and look.answered is not None)


def _operators(given: Sequence[Look]) -> list[OperatorLooked]:
    return [
        OperatorLooked(who, role, sum((look.pseudonym, look.role) == (who, role) for look in given))
        for who, role in dict.fromkeys((look.pseudonym, look.role) for look in given)
    ]


async def _pictures(connection: AsyncConnection, incident: str) -> list[PictureKept]:
    columns = [pictures_table.c[name] for name in PictureKept.__struct_fields__]
    rows = await connection.execute(
        select(*columns)
        .where(pictures_table.c.incident == incident)
        .order_by(pictures_table.c.attached, pictures_table.c.id)
    )
    return [PictureKept(*row) for row in rows]


async def _closed_by(connection: AsyncConnection, record: Record) -> str | None:
    """Return who closed an incident: the log knows."""
    rows = await connection.execute(
        select(log_entries.c.actor, log_entries.c.data).where(
            log_entries.c.kind == EntryKind.INCIDENT_CLOSED,
            log_entries.c.time == record.incident.closed,
        )
    )
    for actor, data in rows:
        if json.loads(data)["about"].get("incident") == record.incident.id:
            return str(actor)
    return None
