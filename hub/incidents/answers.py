"""What the API and the feed tell of an incident's sightings and messages."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.tables import messages, sightings


class SightingAnswer(msgspec.Struct, frozen=True):
    """Where somebody or something was seen, when, by whom, and on which camera."""

    id: str
    incident: str
    camera: str | None
    lat: float
    lon: float
    at: datetime
    by: str
    note: str


class MessageAnswer(msgspec.Struct, frozen=True):
    """What was told to the units; `sent` says whether their system took it."""

    id: str
    incident: str
    at: datetime
    by: str
    text: str
    picture: str | None
    sent: bool


async def sightings_of(
    connection: AsyncConnection, incidents: Collection[str]
) -> list[SightingAnswer]:
    """Return the sightings for these incidents, oldest first."""
    rows = await connection.execute(
        select(sightings)
        .where(sightings.c.incident.in_(incidents))
        .order_by(sightings.c.at, sightings.c.id)
    )
    return [sighting_answer(row) for row in rows]


async def messages_of(
    connection: AsyncConnection, incidents: Collection[str]
) -> list[MessageAnswer]:
    """Return the messages about these incidents, oldest first."""
    rows = await connection.execute(
        select(messages)
        .where(messages.c.incident.in_(incidents))
        .order_by(messages.c.at, messages.c.id)
    )
    return [message_answer(row) for row in rows]


def sighting_answer(row: Row[tuple[object, ...]]) -> SightingAnswer:
    """Tell of a sighting."""
    return SightingAnswer(
        id=row.id,
        incident=row.incident,
        camera=row.camera,
        lat=row.lat,
        lon=row.lon,
        at=row.at,
        by=row.pseudonym,
        note=row.note,
    )


def message_answer(row: Row[tuple[object, ...]]) -> MessageAnswer:
    """Tell of a message."""
    return MessageAnswer(
        id=row.id,
        incident=row.incident,
        at=row.at,
        by=row.pseudonym,
        text=row.text,
        picture=row.picture,
        sent=row.sent is not None,
    )
