"""The city's work as it was told last: incidents and what belongs to them, read from the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.incidents.answers import (
    MessageAnswer,
    SightingAnswer,
    messages_of,
    sightings_of,
)
from hub.incidents.api import IncidentAnswer, incident_answer
from hub.incidents.incidents import Incidents
from hub.store.tables import reviews
from hub.supervision.approvals import Approvals
from hub.supervision.messages import WaitingAnswer, waiting_answer

_INCIDENTS = 50
"""Beside the open ones, so many of the newest."""


@dataclass(frozen=True, slots=True)
class Work:
    """Everything of it at one time, by its ids."""

    incidents: Mapping[str, IncidentAnswer] = field(default_factory=dict)
    sightings: Mapping[str, SightingAnswer] = field(default_factory=dict)
    messages: Mapping[str, MessageAnswer] = field(default_factory=dict)
    waiting: tuple[WaitingAnswer, ...] = ()
    open_reviews: int = 0

    @property
    def open(self) -> frozenset[str]:
        """Return the ids of the open incidents."""
        return frozenset(id_ for id_, one in self.incidents.items() if one.open)


async def read_work(
    connection: AsyncConnection, incidents: Incidents, approvals: Approvals, now: datetime
) -> Work:
    """Read how the city's work stands."""
    records = {
        record.incident.id: record
        for record in (
            *await incidents.unclosed(now),
            *(await incidents.recent())[:_INCIDENTS],
        )
    }
    standing = await approvals.standing(list(records.values()), now)
    waiting = sorted(
        (each for each in standing if each.waits and each.record.is_open(now)),
        key=lambda each: each.record.incident.opened,
    )
    unsigned = select(func.count()).select_from(reviews).where(reviews.c.signed.is_(None))
    return Work(
        incidents={each.record.incident.id: incident_answer(each, now) for each in standing},
        sightings={one.id: one for one in await sightings_of(connection, records)},
        messages={one.id: one for one in await messages_of(connection, records)},
        waiting=tuple(waiting_answer(each) for each in waiting),
        open_reviews=(await connection.execute(unsigned)).scalar_one(),
    )
