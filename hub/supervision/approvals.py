"""The two-person rule: a supervisor approves what goes beyond one person's limits."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.access.case import Approved
from hub.access.decide import Need, needs, unaided
from hub.errors import FORBIDDEN, NOTHING_WAITS, REVIEW_OVERDUE, Problem
from hub.incidents.incidents import Incidents, Record
from hub.operators.tokens import Caller
from hub.protocol.documents import Policy
from hub.protocol.entries import EntryKind
from hub.protocol.geo import Circle, Point
from hub.protocol.look_entry import circle_about, incident_about
from hub.protocol.rules import Incident
from hub.protocol.vocabulary import Role
from hub.store.tables import approvals as table
from hub.supervision.reviews import BROKEN_GLASS_DUE, Cause, Finding, Reviews
from hub.supervision.standing import AHEAD, Approval, Word, in_force, telling, waits
from hub.transparency.log import AccessLog, Page

_OUTCOMES = {Word.APPROVE: "approved", Word.DENY: "denied", Word.BREAK_GLASS: "break_glass"}


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident with what was said about it, what waits, and how it may be looked at now."""

    record: Record
    approvals: tuple[Approval, ...]
    waits: frozenset[Need]
    now: Incident


class Approvals:
    """The approvals of all incidents."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        policy: Policy,
        incidents: Incidents,
        reviews: Reviews,
    ) -> None:
        """Take the store, the access log, the policy in force, the incidents and the reviews."""
        self._engine = engine
        self._log = log
        self._policy = policy
        self._incidents = incidents
        self._reviews = reviews

    async def of(
        self, connection: AsyncConnection, incident: Incident, now: datetime
    ) -> tuple[Approved, ...]:
        """Return what is approved for an incident; nothing, unread, where nothing need be."""
        if not needs(self._policy, incident, (), now):
            return ()
        found = in_force((await _read(connection, [incident.id]))[incident.id])
        return telling(found, incident)

    async def standing(self, records: Sequence[Record], now: datetime) -> list[Standing]:
        """Return how incidents stand."""
        async with self._engine.connect() as connection:
            found = await _read(connection, [record.incident.id for record in records])
        return [self._stands(record, found[record.incident.id], now) for record in records]

    async def standing_of(self, id_: str, now: datetime) -> Standing:
        """Return how one incident stands.

        Raises:
            Problem: `not-found`.

        """
        (found,) = await self.standing([await self._incidents.get(id_)], now)
        return found

    async def waiting(self, now: datetime) -> list[Standing]:
        """Return the open incidents that wait for a supervisor, oldest first."""
        standing = await self.standing(await self._incidents.unclosed(now), now)
        return [each for each in standing if each.waits]

    async def answer(
        self, id_: str, word: Word, reason: str, caller: Caller, now: datetime
    ) -> Standing:
        """Approve what waits, or deny it; a denial also ends what was approved before.

        Raises:
            Problem: `not-found` or `incident-closed` for the incident; `forbidden` for whoever is
                no supervisor, or opened the incident or moved its circle; `nothing-waits`.

        """
        if caller.role is not Role.SUPERVISOR:
            raise Problem(FORBIDDEN, "Only a supervisor approves or denies.")
        # Outside the page, which is short; what the circle is now is read again inside.
        await self._incidents.get_open(id_, now)
        async with self._log.writing() as page:
            record = await self._incidents.read(page.connection, id_)
            if caller.pseudonym in (record.opened_by, record.moved_by):
                raise Problem(FORBIDDEN, "Somebody else has to decide: this incident is yours.")
            before = (await _read(page.connection, [id_]))[id_]
            said = waits(self._policy, record.incident, before, now)
            if not said and word is Word.DENY and in_force(before):
                # What was approved, or opened by breaking glass, can be taken back.
                said = needs(self._policy, record.incident, (), now + AHEAD)
            if not said:
                raise Problem(NOTHING_WAITS, "Nothing of this incident waits for an approval.")
            at = _after(before, now)
            approval = await _write(page, record.incident, word, said, reason, caller, at)
        return self._stands(record, [*before, approval], now)

    async def break_glass(
        self, page: Page, incident: Incident, reason: str, caller: Caller, now: datetime
    ) -> None:
        """Open what waits at once, without a second person, and file its review.

        Raises:
            Problem: `nothing-waits`, or `review-overdue` if an earlier review of the caller's is.

        """
        before = (await _read(page.connection, [incident.id]))[incident.id]
        said = waits(self._policy, incident, before, now)
        if not said and needs(self._policy, incident, in_force(before), now + AHEAD):
            raise Problem(FORBIDDEN, "A supervisor has denied this.")
        if not said:
            raise Problem(NOTHING_WAITS, "There is no glass to break: this needs no approval.")
        if await self._reviews.overdue(page.connection, caller.pseudonym, now):
            raise Problem(REVIEW_OVERDUE, "An earlier break-glass of yours is still not reviewed.")
        at = _after(before, now)
        approval = await _write(page, incident, Word.BREAK_GLASS, said, reason, caller, at)
        await self._reviews.file(
            page,
            Finding(
                cause=Cause.BREAK_GLASS,
                key=f"{Cause.BREAK_GLASS}:{approval.id}",
                subject=caller.pseudonym,
                incident=incident.id,
                about={"approval": approval.id, "needs": sorted(said)},
            ),
            now,
            BROKEN_GLASS_DUE,
        )

    def _stands(self, record: Record, approvals: Sequence[Approval], now: datetime) -> Standing:
        incident = record.incident
        return Standing(
            record=record,
            approvals=tuple(approvals),
            waits=waits(self._policy, incident, approvals, now),
            now=unaided(self._policy, incident, in_force(approvals), now),
        )


def _after(before: Sequence[Approval], now: datetime) -> datetime:
    """Return the time of the next word: the last one counts, whatever the clock does."""
    return max(now, before[-1].at + timedelta(microseconds=1)) if before else now


async def _write(
    page: Page,
    incident: Incident,
    word: Word,
    said: Collection[Need],
    reason: str,
    caller: Caller,
    now: datetime,
) -> Approval:
    approval = Approval(
        id=secrets.token_hex(8),
        incident=incident.id,
        word=word,
        circle=incident.circle if Need.CIRCLE in said else None,
        long=Need.TIME in said,
        pseudonym=caller.pseudonym,
        role=caller.role,
        at=now,
        reason=reason,
    )
    circle = approval.circle
    await page.connection.execute(
        insert(table).values(
            id=approval.id,
            incident=incident.id,
            decision=word,
            lat=circle.centre.lat if circle else None,
            lon=circle.centre.lon if circle else None,
            radius_m=circle.radius_m if circle else None,
            long=approval.long,
            pseudonym=caller.pseudonym,
            role=caller.role,
            at=now,
            reason=reason,
        )
    )
    page.add(
        EntryKind.APPROVAL,
        actor=caller.pseudonym,
        role=caller.role,
        outcome=_OUTCOMES[word],
        # The reason is a person's own words, which may name somebody: it stays in the table.
        about={
            "approval": approval.id,
            "incident": incident_about(incident),
            "circle": circle_about(circle) if circle else None,
            "time": approval.long,
        },
    )
    return approval


async def _read(
    connection: AsyncConnection, incidents: Sequence[str]
) -> defaultdict[str, list[Approval]]:
    """Return the approvals of incidents, each's oldest first."""
    found: defaultdict[str, list[Approval]] = defaultdict(list)
    if incidents:
        rows = await connection.execute(
            select(table).where(table.c.incident.in_(incidents)).order_by(table.c.at, table.c.id)
        )
        for row in rows:
            found[row.incident].append(_approval(row))
    return found


def _approval(row: Row[tuple[object, ...]]) -> Approval:
    circle = None if row.lat is None else Circle(Point(row.lat, row.lon), row.radius_m)
    return Approval(
        id=row.id,
        incident=row.incident,
        word=Word(row.decision),
        circle=circle,
        long=row.long,
        pseudonym=row.pseudonym,
        role=row.role,
        at=row.at,
        reason=row.reason,
    )
