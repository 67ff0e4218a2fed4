"""Keeps a line for every look, allowed or refused, written before anything is asked of a home."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.operators.tokens import Caller
from hub.protocol.grant import Grant
from hub.protocol.vocabulary import Scope
from hub.store.tables import looks

REFUSED = "refused"
_MANY = 100


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


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a look ended; `sha256` and `length` are the picture's, if there was one."""

    outcome: str
    reason: str | None = None
    seconds: int = 0
    sha256: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A look that is asked of a home, and has no end yet."""

    look: str
    incident: str
    camera: str
    home: str
    pseudonym: str
    role: str


class Looks:
    """The lines of all looks."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the store."""
        self._engine = engine

    async def begin(
        self, connection: AsyncConnection, asked: Asked, grant: Grant | None, refused: str | None
    ) -> None:
        """Write the line of a look; `refused` is the hub's own reason against it."""
        await connection.execute(
            insert(looks).values(
                id=asked.id,
                incident=asked.incident,
                camera=asked.camera,
                home=grant.home if grant else None,
                grant_jti=grant.jti if grant else None,
                scope=asked.scope,
                pseudonym=asked.caller.pseudonym,
                role=asked.caller.role,
                asked=asked.at,
                answered=asked.at if refused else None,
                outcome=REFUSED if refused else None,
                reason=refused,
            )
        )

    async def end(self, connection: AsyncConnection, look: str, now: datetime, end: End) -> bool:
        """Write how a look ended; False if its end was written before."""
        done = await connection.execute(
            update(looks)
            .where(looks.c.id == look, looks.c.outcome.is_(None))
            .values(
                answered=now,
                outcome=end.outcome,
                reason=end.reason,
                sha256=end.sha256,
                length=end.length,
            )
        )
        return bool(done.rowcount)

    async def unended(
        self, before: datetime, connection: AsyncConnection | None = None
    ) -> list[UnderWay]:
        """Return the looks from before that time whose end nobody wrote."""
        if connection is None:
            async with self._engine.connect() as own:
                return await self.unended(before, own)
        rows = await connection.execute(
            select(looks)
            .where(looks.c.outcome.is_(None), looks.c.asked < before)
            .order_by(looks.c.asked)
            .limit(_MANY)
        )
        return [
            UnderWay(
                look=row.id,
                incident=row.incident,
                camera=row.camera,
                home=row.home,
                pseudonym=row.pseudonym,
                role=row.role,
            )
            for row in rows
        ]

    async def of(self, incident: str) -> list[Look]:
        """Return the looks for an incident in the order in which they were asked for."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(looks).where(looks.c.incident == incident).order_by(looks.c.asked)
            )
            return [_read(row) for row in rows]


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
