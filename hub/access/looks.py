"""Keeps a line for every look, allowed or refused, written before anything is asked of a home."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.operators.tokens import Caller
from hub.protocol.vocabulary import Scope
from hub.store.tables import looks

REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One act of access to one camera by one operator for one incident."""

    id: str
    incident: str
    camera: str
    scope: Scope
    pseudonym: str
    role: str
    asked: datetime
    answered: datetime | None = None
    outcome: str | None = None
    reason: str | None = None
    sha256: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an operator asks for."""

    id: str
    incident: str
    camera: str
    scope: Scope
    caller: Caller
    at: datetime


class Looks:
    """The lines of all looks."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the store."""
        self._engine = engine

    async def refuse(self, asked: Asked, reason: str) -> None:
        """Write the line of a look that the hub refused by itself."""
        await self._insert(
            asked, answered=asked.at, outcome=REFUSED, reason=reason, home=None, grant_jti=None
        )

    async def begin(self, asked: Asked, home: str, grant: str) -> None:
        """Write the line of a look that is about to be asked of a home."""
        await self._insert(asked, home=home, grant_jti=grant)

    async def end(
        self,
        id_: str,
        now: datetime,
        outcome: str,
        *,
        reason: str | None = None,
        sha256: str | None = None,
        length: int | None = None,
    ) -> None:
        """Write how a look ended."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(looks)
                .where(looks.c.id == id_)
                .values(answered=now, outcome=outcome, reason=reason, sha256=sha256, length=length)
            )

    async def of(self, incident: str) -> list[Look]:
        """Return the looks for an incident in the order in which they were asked for."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(looks).where(looks.c.incident == incident).order_by(looks.c.asked)
            )
            return [_read(row) for row in rows]

    async def _insert(self, asked: Asked, **values: object) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(looks).values(
                    id=asked.id,
                    incident=asked.incident,
                    camera=asked.camera,
                    scope=asked.scope,
                    pseudonym=asked.caller.pseudonym,
                    role=asked.caller.role,
                    asked=asked.at,
                    **values,
                )
            )


def _read(row: Row[tuple[object, ...]]) -> Look:
    return Look(
        id=row.id,
        incident=row.incident,
        camera=row.camera,
        scope=Scope(row.scope),
        pseudonym=row.pseudonym,
        role=row.role,
        asked=row.asked,
        answered=row.answered,
        outcome=row.outcome,
        reason=row.reason,
        sha256=row.sha256,
        length=row.length,
    )
