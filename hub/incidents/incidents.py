"""Opens, moves and closes incidents within the policy, and keeps them."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.errors import ACCEPTED, INCIDENT_CLOSED, NOT_FOUND, POLICY, Problem
from hub.operators.tokens import Caller
from hub.protocol.documents import KindRule, Policy
from hub.protocol.entries import EntryKind
from hub.protocol.geo import Circle, Point
from hub.protocol.look_entry import circle_about, incident_about
from hub.protocol.rules import Incident
from hub.store.tables import incidents
from hub.transparency.log import AccessLog, Page

_RECENT = 200

type Also = Callable[[Page, Incident], Awaitable[None]]
"""What belongs to a change of an incident, and stands or falls with it."""


@dataclass(frozen=True, slots=True)
class Record:
    """An incident, who opened it, and when the policy ends it if nobody closes it before.

    `moved_by` is who gave it its present circle, if that was not its opener; `accepted_by` is who
    took it on, at `accepted`, if somebody did.
    """

    incident: Incident
    opened_by: str
    ends: datetime
    moved_by: str | None = None
    accepted: datetime | None = None
    accepted_by: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether looks for this incident can be asked for at `now`."""
        return self.incident.closed is None and now < self.ends


class Incidents:
    """The incidents of one city under its policy."""

    def __init__(self, engine: AsyncEngine, log: AccessLog, policy: Policy) -> None:
        """Take the store, the access log and the policy in force."""
        self._engine = engine
        self._log = log
        self._policy = policy

    async def open(
        self,
        kind: str,
        reference: str,
        circle: Circle,
        caller: Caller,
        now: datetime,
        also: Also | None = None,
    ) -> Record:
        """Open an incident.

        Raises:
            Problem: `policy` if the kind is not in the policy, or prohibited, or the circle is
                larger than it allows; and what `also` raises.

        """
        self._check(kind, circle)
        incident = Incident(
            id=secrets.token_hex(8),
            kind=kind,
            reference=reference,
            # Whole seconds, as on the wire, so that hub and home decide about the same time.
            opened=now.replace(microsecond=0),
            circle=circle,
        )
        async with self._log.writing() as page:
            page.add(
                EntryKind.INCIDENT_OPENED,
                actor=caller.pseudonym,
                role=caller.role,
                outcome="done",
                about={"incident": incident_about(incident)},
            )
            await page.connection.execute(
                insert(incidents).values(
                    id=incident.id,
                    kind=kind,
                    reference=reference,
                    lat=circle.centre.lat,
                    lon=circle.centre.lon,
                    radius_m=circle.radius_m,
                    opened=incident.opened,
                    opened_by=caller.pseudonym,
                )
            )
            if also is not None:
                await also(page, incident)
        return self._record(incident, caller.pseudonym)

    async def get(self, id_: str) -> Record:
        """Return one incident.

        Raises:
            Problem: `not-found` if there is none with this id.

        """
        async with self._engine.connect() as connection:
            return await self.read(connection, id_)

    async def read(self, connection: AsyncConnection, id_: str) -> Record:
        """Return one incident as it is in this transaction.

        Raises:
            Problem: `not-found` if there is none with this id.

        """
        row = (
            await connection.execute(select(incidents).where(incidents.c.id == id_))
        ).one_or_none()
        if row is None:
            raise Problem(NOT_FOUND, f"There is no incident {id_}.")
        return self._read(row)

    async def recent(self) -> list[Record]:
        """Return the newest incidents, newest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(incidents).order_by(incidents.c.opened.desc()).limit(_RECENT)
            )
            return [self._read(row) for row in rows]

    async def unclosed(self, now: datetime) -> list[Record]:
        """Return the incidents that are open now, oldest first."""
        longest = max(rule.duration for rule in self._policy.kinds.values())
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(incidents)
                .where(incidents.c.closed.is_(None), incidents.c.opened > now - longest)
                .order_by(incidents.c.opened)
            )
            found = [self._read(row) for row in rows]
        return [record for record in found if record.is_open(now)]

    async def move(
        self,
        id_: str,
        change: Callable[[Circle], Circle],
        caller: Caller,
        now: datetime,
        also: Also | None = None,
    ) -> Record:
        """Move or resize the circle of an open incident.

        Raises:
            Problem: `not-found`, `incident-closed` or `policy`; and what `also` raises.

        """
        async with self._log.writing() as page:
            record = still_open(await self.read(page.connection, id_), now)
            circle = change(record.incident.circle)
            self._check(record.incident.kind, circle)
            await _change(
                page,
                id_,
                lat=circle.centre.lat,
                lon=circle.centre.lon,
                radius_m=circle.radius_m,
                moved_by=caller.pseudonym,
            )
            page.add(
                EntryKind.INCIDENT_CHANGED,
                actor=caller.pseudonym,
                role=caller.role,
                outcome="done",
                about={
                    "incident": id_,
                    "old": circle_about(record.incident.circle),
                    "new": circle_about(circle),
                },
            )
            incident = replace(record.incident, circle=circle)
            if also is not None:
                await also(page, incident)
        return replace(record, incident=incident, moved_by=caller.pseudonym)

    async def close(self, id_: str, caller: Caller, now: datetime) -> Record:
        """Close an open incident; no look for it can be asked for any more.

        Raises:
            Problem: `not-found` or `incident-closed`.

        """
        async with self._log.writing() as page:
            record = still_open(await self.read(page.connection, id_), now)
            # By the log's clock, which decides looks: none in the same hundredth comes after.
            await _change(page, id_, closed=page.now)
            page.add(
                EntryKind.INCIDENT_CLOSED,
                actor=caller.pseudonym,
                role=caller.role,
                outcome="done",
                about={"incident": id_},
            )
        return replace(record, incident=replace(record.incident, closed=page.now))

    async def accept(self, id_: str, caller: Caller, now: datetime) -> Record:
        """Take an open incident on; the first one does, and for them once more changes nothing.

        Raises:
            Problem: `not-found` or `incident-closed`; `accepted`, with by whom and when.

        """
        async with self._log.writing() as page:
            record = still_open(await self.read(page.connection, id_), now)
            if record.accepted_by == caller.pseudonym:
                return record
            if record.accepted_by is not None:
                raise Problem(
                    ACCEPTED,
                    f"{record.accepted_by} has taken this incident on.",
                    accepted_by=record.accepted_by,
                    accepted=record.accepted,
                )
            await _change(page, id_, accepted=page.now, accepted_by=caller.pseudonym)
            page.add(
                EntryKind.INCIDENT_CHANGED,
                actor=caller.pseudonym,
                role=caller.role,
                outcome="accepted",
                about={"incident": id_},
            )
        return replace(record, accepted=page.now, accepted_by=caller.pseudonym)

    async def get_open(self, id_: str, now: datetime) -> Record:
        """Return one incident that is open.

        Raises:
            Problem: `not-found` or `incident-closed`.

        """
        return still_open(await self.get(id_), now)

    def _check(self, kind: str, circle: Circle) -> KindRule:
        rule = self._policy.kinds.get(kind)
        for purpose in self._policy.prohibited:
            if purpose.id == kind:
                raise Problem(POLICY, f"The policy prohibits that: {purpose.name['en']}.")
        if rule is None:
            raise Problem(
                POLICY,
                f"The policy knows no incident kind {kind!r}.",
                kinds=sorted(self._policy.kinds),
            )
        if circle.radius_m > rule.radius_m:
            raise Problem(
                POLICY,
                f"The policy allows {kind} a radius of at most {rule.radius_m} m.",
                largest_radius_m=rule.radius_m,
            )
        return rule

    def _record(self, incident: Incident, opened_by: str) -> Record:
        rule = self._policy.kinds.get(incident.kind)
        # A kind that the policy no longer has ends at once.
        duration = rule.duration if rule is not None else timedelta(0)
        return Record(incident, opened_by, incident.opened + duration)

    def _read(self, row: Row[tuple[object, ...]]) -> Record:
        record = self._record(
            Incident(
                id=row.id,
                kind=row.kind,
                reference=row.reference,
                opened=row.opened,
                circle=Circle(Point(row.lat, row.lon), row.radius_m),
                closed=row.closed,
            ),
            row.opened_by,
        )
        return replace(
            record,
            moved_by=row.moved_by,
            accepted=row.accepted,
            accepted_by=row.accepted_by,
        )


def still_open(record: Record, now: datetime) -> Record:
    """Return an incident that is open.

    Raises:
        Problem: `incident-closed` if it is not.

    """
    if not record.is_open(now):
        raise Problem(INCIDENT_CLOSED, f"Incident {record.incident.reference} is closed.")
    return record


async def _change(page: Page, id_: str, **values: object) -> None:
    await page.connection.execute(
        update(incidents)
        .where(incidents.c.id == id_, incidents.c.closed.is_(None))
        .values(**values)
    )
