"""Sightings: where and when somebody or something was seen, so that it can be followed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from hub.access.problems import unavailable
from hub.errors import FORBIDDEN, MALFORMED, NOT_FOUND, Problem
from hub.grants.cameras import Cameras
from hub.incidents.answers import SightingAnswer, sighting_answer
from hub.incidents.incidents import Incidents, still_open
from hub.operators.tokens import Caller
from hub.protocol.claims import seconds
from hub.protocol.entries import EntryKind
from hub.protocol.geo import Point
from hub.store.tables import sightings as table
from hub.transparency.log import AccessLog, Page

_AHEAD = timedelta(minutes=1)
_BEFORE = timedelta(days=1)
"""So long before an incident was reported something can have been seen for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is marked: at a place, or where a camera stands; `at` None is now."""

    camera: str | None
    place: Point | None
    at: datetime | None
    note: str


class Sightings:
    """The sightings for all incidents."""

    def __init__(
        self, log: AccessLog, incidents: Incidents, cameras: Cameras, now: Callable[[], datetime]
    ) -> None:
        """Take the log, the incidents, the live set and the clock."""
        self._log = log
        self._incidents = incidents
        self._cameras = cameras
        self._now = now

    async def mark(self, incident: str, seen: Seen, caller: Caller) -> SightingAnswer:
        """Mark a sighting for an open incident.

        Raises:
            Problem: `not-found`, `incident-closed`; `malformed` without a place, or at a time at
                which it cannot have been; `camera-unavailable`.

        """
        now = self._now()
        place = seen.place or self._standing(seen.camera, now)
        at = seen.at or now
        async with self._log.writing() as page:
            record = still_open(await self._incidents.read(page.connection, incident), now)
            if not record.incident.opened - _BEFORE <= at <= now + _AHEAD:
                raise Problem(MALFORMED, "In the body: nothing was seen for this incident then.")
            marked = SightingAnswer(
                id=secrets.token_hex(8),
                incident=incident,
                camera=seen.camera,
                lat=place.lat,
                lon=place.lon,
                at=at,
                by=caller.pseudonym,
                note=seen.note,
            )
            await page.connection.execute(
                insert(table).values(
                    id=marked.id,
                    incident=incident,
                    camera=marked.camera,
                    lat=marked.lat,
                    lon=marked.lon,
                    at=at,
                    marked=page.now,
                    pseudonym=marked.by,
                    note=marked.note,
                )
            )
            _note(page, marked, "marked", caller)
        return marked

    async def remove(self, incident: str, id_: str, caller: Caller) -> None:
        """Take an own sighting back; that it was marked stays in the log.

        Raises:
            Problem: `not-found`, or `forbidden` if somebody else marked it.

        """
        async with self._log.writing() as page:
            row = (
                await page.connection.execute(
                    select(table).where(table.c.id == id_, table.c.incident == incident)
                )
            ).one_or_none()
            if row is None:
                raise Problem(NOT_FOUND, f"There is no sighting {id_} for this incident.")
            if row.pseudonym != caller.pseudonym:
                raise Problem(FORBIDDEN, f"{row.pseudonym} marked this sighting.")
            await page.connection.execute(delete(table).where(table.c.id == id_))
            _note(page, sighting_answer(row), "removed", caller)

    def _standing(self, camera: str | None, now: datetime) -> Point:
        if camera is None:
            raise Problem(MALFORMED, "In the body: a sighting has a camera, or lat and lon.")
        grant = self._cameras.live(camera, now)
        if grant is None:
            raise unavailable()
        return grant.view.place


def _note(page: Page, sighting: SightingAnswer, outcome: str, caller: Caller) -> None:
    # The note is a person's own words, which may name somebody: it stays in the table.
    page.add(
        EntryKind.SIGHTING,
        actor=caller.pseudonym,
        role=caller.role,
        outcome=outcome,
        about={
            "sighting": sighting.id,
            "incident": sighting.incident,
            "camera": sighting.camera,
            "lat": repr(sighting.lat),
            "lon": repr(sighting.lon),
            "at": seconds(sighting.at),
        },
    )
