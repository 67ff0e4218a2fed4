"""Operators of a whole hub, each signed in, and what the log says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.protocol.entries import Entry, EntryKind
from hub.protocol.geo import Point
from hub.protocol.vocabulary import Role
from hub.store.tables import incidents, log_entries
from tests.hub.whole import CAPITOL, ROBBERY, Answer, WholeHub

FAR = Point(CAPITOL.lat + 0.0063, CAPITOL.lon)
"""700 m away: outside what one officer may see of a robbery, inside what the policy allows."""
WIDE = ROBBERY | {"radius_m": 800}
REASON = "Shots from the roof, nobody else on duty."


@dataclass(frozen=True)
class Person:
    """An operator at a browser."""

    whole: WholeHub
    headers: Mapping[str, str]

    @property
    def pseudonym(self) -> str:
        return self.whole.accounts[self.headers["Cookie"]].pseudonym

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        return await self.whole.ask(method, path, body, headers=self.headers)

    async def open(self, **changes: object) -> str:
        """Open an incident and return its id."""
        answer = await self.ask("POST", "incidents", WIDE | changes)
        assert answer.status == 201, answer.json
        return str(answer.json["id"])

    async def look(self, incident: str, camera: str) -> Answer:
        return await self.ask(
            "POST", f"incidents/{incident}/looks", {"camera": camera, "scope": "snapshot"}
        )

    async def say(self, incident: str, decision: str = "approve") -> Answer:
        """Approve or deny."""
        return await self.ask(
            "POST", f"incidents/{incident}/approvals", {"decision": decision, "reason": "As told."}
        )


async def person(whole: WholeHub, role: Role) -> Person:
    return Person(whole, await whole.operator(role))


@pytest.fixture
async def officer(whole: WholeHub) -> Person:
    return await person(whole, Role.OFFICER)


@pytest.fixture
async def supervisor(whole: WholeHub) -> Person:
    return await person(whole, Role.SUPERVISOR)


async def age(whole: WholeHub, incident: str, minutes: float) -> None:
    """Make an incident so much older; the homes' clocks are the machine's, and stay."""
    opened = incidents.c.opened
    async with whole.engine.begin() as connection:
        old = (
            await connection.execute(select(opened).where(incidents.c.id == incident))
        ).scalar_one()
        await connection.execute(
            update(incidents)
            .where(incidents.c.id == incident)
            .values(opened=old - timedelta(minutes=minutes))
        )


async def entries(whole: WholeHub, kind: EntryKind) -> list[Entry]:
    """Return the log's entries of a kind, oldest first."""
    async with whole.engine.connect() as connection:
        rows = await connection.execute(
            select(log_entries.c.data)
            .where(log_entries.c.kind == kind)
            .order_by(log_entries.c.index)
        )
        return [Entry.parse(data) for (data,) in rows]
