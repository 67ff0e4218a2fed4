"""What the access log's new entries say about what changed: whatever changes has an entry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.protocol.entries import EntryKind
from hub.store.tables import log_entries

_MANY = 1_000
_LOOKS = frozenset({EntryKind.LOOK, EntryKind.LOOK_ENDED})
_CITY = frozenset(
    {
        EntryKind.INCIDENT_OPENED,
        EntryKind.INCIDENT_CHANGED,
        EntryKind.INCIDENT_CLOSED,
        EntryKind.APPROVAL,
        EntryKind.REVIEW,
        EntryKind.SIGHTING,
        EntryKind.MESSAGE,
    }
)


@dataclass(slots=True)
class News:
    """What to read again: the city's work, and these looks."""

    city: bool = False
    looks: set[str] = field(default_factory=set)


class Entries:
    """Reads the log from where it was read to before, what other processes wrote too."""

    def __init__(self, start: int) -> None:
        """Begin with the entry of this index."""
        self._next = start

    async def news(self, connection: AsyncConnection) -> News:
        """Return what the entries since then tell of."""
        news = News()
        while True:
            rows = (
                await connection.execute(
                    select(log_entries.c.index, log_entries.c.kind, log_entries.c.data)
                    .where(log_entries.c.index >= self._next)
                    .order_by(log_entries.c.index)
                    .limit(_MANY)
                )
            ).all()
            for index, kind, data in rows:
                self._next = index + 1
                if kind in _LOOKS:
                    news.looks.update(_look(json.loads(data)))
                news.city |= kind in _CITY
            if len(rows) < _MANY:
                return news


def _look(entry: Mapping[str, Mapping[str, object]]) -> list[str]:
    look = entry["about"].get("look")
    return [look] if isinstance(look, str) else []
