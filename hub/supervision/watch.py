"""Looks after what supervisors must see: runs the misuse detector, and files the weekly reviews."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.protocol.entries import Entry, EntryKind
from hub.protocol.geo import Circle, Point
from hub.protocol.vocabulary import Outcome
from hub.store.tables import approvals, incidents, log_entries, looks, operators
from hub.supervision import weekly
from hub.supervision.misuse import (
    WINDOW,
    Glance,
    Story,
    fishing,
    near_own_address,
    off_shift,
    repeats,
)
from hub.supervision.reading import glance_of, incident_of
from hub.supervision.reviews import Finding, Reviews
from hub.supervision.shifts import Shift, parse_shift
from hub.transparency.log import AccessLog

_LOGGER = logging.getLogger(__name__)
_BACK = timedelta(days=1)
"""How far back a hub that starts looks for what happened before."""
_AT_ONCE = 500
_FAR_M = 50.0
"""Around an address for which no radius is known."""


class Watch:
    """Goes over what is new in the log, again and again."""

    def __init__(self, engine: AsyncEngine, log: AccessLog, reviews: Reviews) -> None:
        """Take the store, the access log and the reviews."""
        self._engine = engine
        self._log = log
        self._reviews = reviews
        self._seen: int | None = None

    async def round(self, now: datetime) -> None:
        """File what has to be reviewed since the last round.

        Raises:
            SQLAlchemyError: if the store cannot be read or written; the next round does it.

        """
        await self._detect(now)
        await self._weeks(now)

    async def _detect(self, now: datetime) -> None:
        size = len(self._log)
        async with self._engine.connect() as connection:
            actors = await _busy(connection, self._seen, now)
            found = [
                finding for actor in actors for finding in await _findings(connection, actor, now)
            ]
        await self._file(found, now)
        self._seen = size

    async def _weeks(self, now: datetime) -> None:
        async with self._engine.connect() as connection:
            first = await connection.execute(
                select(log_entries.c.time).order_by(log_entries.c.index).limit(1)
            )
            began = first.scalar_one_or_none()
        if began is None:
            return
        weeks = {weekly.key_of(week): week for week in weekly.weeks_over(began, now)}
        done = await self._reviews.known(list(weeks))
        missing = [week for key, week in weeks.items() if key not in done]
        if missing:
            # What another process wrote belongs to the weeks too, and to their roots.
            await self._log.load()
        for week in missing:
            await self._file([await self._week(week)], now)

    async def _week(self, week: datetime) -> Finding:
        within = (log_entries.c.time >= week) & (log_entries.c.time < week + weekly.WEEK)
        counts: Counter[str] = Counter()
        seen: list[weekly.Look] = []
        refused: set[str] = set()
        async with self._engine.connect() as connection:
            async for index, entry in _entries(connection, within):
                counts[f"{entry.kind}.{entry.outcome}"] += 1
                if entry.kind is EntryKind.LOOK:
                    seen.append(
                        weekly.Look(
                            index=index,
                            operator=entry.actor,
                            camera=str(entry.about.get("camera")),
                            incident=incident_of(entry) or "",
                            outcome=entry.outcome,
                            look=str(entry.about.get("look")),
                        )
                    )
                elif entry.kind is EntryKind.LOOK_ENDED and entry.outcome == Outcome.REFUSED:
                    refused.add(str(entry.about.get("look")))
            before = select(func.count()).select_from(log_entries)
            size = (
                await connection.execute(before.where(log_entries.c.time < week + weekly.WEEK))
            ).scalar_one()
        # Supervisors look too: a refusal looks the same to them whoever refused (rule 7).
        told = [
            replace(each, outcome=Outcome.REFUSED) if each.look in refused else each
            for each in seen
        ]
        return weekly.weekly(week, size, self._log.book.tree.root(size), counts, told)

    async def _file(self, found: Iterable[Finding], now: datetime) -> None:
        new = {finding.key: finding for finding in found}
        for key in await self._reviews.known(list(new)):
            del new[key]
        if not new:
            return
        async with self._log.writing() as page:
            for finding in new.values():
                await self._reviews.file(page, finding, now)
                _LOGGER.warning("A review was filed: %s", finding.cause)


async def _busy(connection: AsyncConnection, seen: int | None, now: datetime) -> list[str]:
    """Return who looked, or closed an incident, since the last round."""
    columns = log_entries.c
    new = columns.time >= now - _BACK if seen is None else columns.index >= seen
    query = (
        select(columns.actor)
        .where(columns.kind.in_([EntryKind.LOOK, EntryKind.INCIDENT_CLOSED]), new)
        .distinct()
    )
    return list((await connection.execute(query)).scalars())


async def _findings(connection: AsyncConnection, actor: str, now: datetime) -> list[Finding]:
    columns = log_entries.c
    mine = (
        (columns.kind == EntryKind.LOOK) & (columns.actor == actor) & (columns.time > now - WINDOW)
    )
    glances: list[Glance] = []
    async for index, entry in _entries(connection, mine):
        glance = glance_of(index, entry)
        if glance is not None:
            glances.append(glance)
    stories = await _stories(connection, sorted({look.incident for look in glances}), now)
    address, shift = await _duty(connection, actor)
    on_duty = (
        None if shift is None else {look.index for look in glances if shift.holds(look.moment)}
    )
    return [
        *repeats(glances, stories),
        *fishing(glances, stories),
        *near_own_address(glances, address),
        *off_shift(glances, on_duty),
    ]


async def _stories(connection: AsyncConnection, ids: list[str], now: datetime) -> dict[str, Story]:
    """Return who had a part in incidents, and when they were closed."""
    people: dict[str, set[str]] = {id_: set() for id_ in ids}
    closed: dict[str, datetime] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        rows = await connection.execute(select(incidents).where(incidents.c.id.in_(some)))
        for row in rows:
            people[row.id] |= {row.opened_by, row.moved_by} - {None}
            if row.closed is not None:
                closed[row.id] = row.closed
        for table in (looks, approvals):
            parts = select(table.c.incident, table.c.pseudonym).where(table.c.incident.in_(some))
            for row in await connection.execute(parts.distinct()):
                people[row.incident].add(row.pseudonym)
    closing = (log_entries.c.kind == EntryKind.INCIDENT_CLOSED) & (
        log_entries.c.time > now - WINDOW
    )
    async for _, entry in _entries(connection, closing):
        id_ = incident_of(entry)
        if id_ in people:
            people[id_].add(entry.actor)
    return {
        id_: Story(people=frozenset(found), closed=closed.get(id_)) for id_, found in people.items()
    }


async def _duty(connection: AsyncConnection, actor: str) -> tuple[Circle | None, Shift | None]:
    """Return where an operator lives and when they are on duty, as far as their account says."""
    row = (
        await connection.execute(select(operators).where(operators.c.pseudonym == actor))
    ).one_or_none()
    if row is None:
        return None, None
    address = None
    if row.home_lat is not None and row.home_lon is not None:
        address = Circle(Point(row.home_lat, row.home_lon), row.home_radius_m or _FAR_M)
    if not row.shift:
        return address, None
    try:
        return address, parse_shift(row.shift)
    except ValueError as err:
        _LOGGER.warning("The shift of %s cannot be read: %s", actor, err)
        return address, None


async def _entries(
    connection: AsyncConnection, wanted: ColumnElement[bool]
) -> AsyncIterator[tuple[int, Entry]]:
    after = -1
    while True:
        query = (
            select(log_entries.c.index, log_entries.c.data)
            .where(wanted, log_entries.c.index > after)
            .order_by(log_entries.c.index)
            .limit(_AT_ONCE)
        )
        rows = (await connection.execute(query)).all()
        for index, data in rows:
            yield index, Entry.parse(data)
            after = index
        if len(rows) < _AT_ONCE:
            return
