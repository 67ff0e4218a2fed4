"""Follows the store: what changed of the city's work and its looks, by what the log tells."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.access.looks import Look, Looks
from hub.changes.entries import Entries
from hub.changes.shapes import LookNow, look_now
from hub.changes.work import Work, read_work
from hub.incidents.incidents import Incidents
from hub.operators.tokens import TokenScope
from hub.protocol.vocabulary import Scope
from hub.supervision.approvals import Approvals

MOST_LOOKS = 500
"""Of the open incidents, the newest; those that run are always there."""
_AGAIN = timedelta(seconds=5)
"""How often the work is read although nobody wrote: incidents end, and wait, by time too."""

READ, CAMERAS, DECIDE = (
    TokenScope.INCIDENTS_READ,
    TokenScope.GRANTS_READ,
    TokenScope.APPROVALS_WRITE,
)

type Told = tuple[str, TokenScope, object]
"""A change: its kind, who may hear of it, and its value."""


class CityWork:
    """What was told last of the city's work and its looks."""

    def __init__(
        self, engine: AsyncEngine, incidents: Incidents, approvals: Approvals, looks: Looks
    ) -> None:
        """Take the store's rooms; `load` comes first."""
        self._engine = engine
        self._incidents = incidents
        self._approvals = approvals
        self._looks = looks
        self._entries = Entries(0)
        self._read: datetime | None = None
        self._asked: dict[str, datetime] = {}
        self.work = Work()
        self.looks: dict[str, LookNow] = {}

    async def load(self, size: int, now: datetime) -> None:
        """Read everything; what is entered from index `size` on is news.

        Raises:
            SQLAlchemyError: if the store cannot be read.

        """
        self._entries = Entries(size)
        async with self._engine.connect() as connection:
            await self._read_work(connection, now)
            found = await self._looks.newest(connection, self.work.open, MOST_LOOKS)
        self._keep(found)
        self._asked = {look.id: look.asked for look in found if _may_begin(look)}

    async def changes(self, now: datetime) -> list[Told]:
        """Return what changed since this was asked before.

        Raises:
            SQLAlchemyError: if the store cannot be read.

        """
        told: list[Told] = []
        async with self._engine.connect() as connection:
            news = await self._entries.news(connection)
            if news.city or self._read is None or not now - self._read < _AGAIN:
                before = self.work
                await self._read_work(connection, now)
                told += _differences(before, self.work)
            if wanted := news.looks | set(self._asked):
                found = await self._looks.find(connection, wanted)
                told += [("look", CAMERAS, look) for look in self._keep(found)]
                self._wait_for(found, now)
        return told

    async def _read_work(self, connection: AsyncConnection, now: datetime) -> None:
        self.work = await read_work(connection, self._incidents, self._approvals, now)
        self._read = now
        self._forget()

    def _keep(self, found: Iterable[Look]) -> list[LookNow]:
        """Keep looks as they are now; return those that are told otherwise than before."""
        seen = [now for look in found if (now := look_now(look)) is not None]
        new = [now for now in seen if self.looks.get(now.id) != now]
        self.looks |= {now.id: now for now in new}
        self._forget()
        return new

    def _forget(self) -> None:
        """Forget the looks of incidents that are not open, and the oldest that are over."""
        open_ = self.work.open
        for id_ in [one.id for one in self.looks.values() if one.incident not in open_]:
            del self.looks[id_]
        too_many = max(0, len(self.looks) - MOST_LOOKS)
        over = [one.id for one in self.looks.values() if one.ended is not None]
        for id_ in over[:too_many]:
            del self.looks[id_]

    def _wait_for(self, found: Iterable[Look], now: datetime) -> None:
        """Read streams again that may begin: their beginning has no entry."""
        for look in found:
            if _may_begin(look):
                self._asked.setdefault(look.id, now)
            else:
                self._asked.pop(look.id, None)
        for id_ in [id_ for id_, at in self._asked.items() if now - at > timedelta(minutes=1)]:
            del self._asked[id_]


def _may_begin(look: Look) -> bool:
    return look.scope is Scope.STREAM and look.answered is None and look.outcome is None


def _differences(before: Work, after: Work) -> list[Told]:
    told: list[Told] = []
    told += [("incident", READ, one) for one in _new(before.incidents, after.incidents)]
    told += [("sighting", READ, one) for one in _new(before.sightings, after.sightings)]
    told += [
        ("sighting_gone", READ, {"id": id_})
        for id_, one in before.sightings.items()
        if id_ not in after.sightings and one.incident in after.incidents
    ]
    told += [("message", READ, one) for one in _new(before.messages, after.messages)]
    if before.waiting != after.waiting:
        told.append(("waiting", DECIDE, after.waiting))
    if before.open_reviews != after.open_reviews:
        told.append(("reviews", DECIDE, {"open": after.open_reviews}))
    return told


def _new[T](before: Mapping[str, T], after: Mapping[str, T]) -> list[T]:
    return [one for id_, one in after.items() if before.get(id_) != one]
