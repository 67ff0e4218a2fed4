"""Keeps a line for every look, allowed or refused, written before anything is asked of a home."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.operators.tokens import Caller
from hub.protocol.grant import Grant
from hub.protocol.stream import LEASE
from hub.protocol.vocabulary import Scope
from hub.store.tables import UtcTime, looks

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
    seconds: int | None = None


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


@dataclass(frozen=True, slots=True)
class Unended:
    """A look whose end nobody wrote. A stream has a lease, and `began` when its home answered."""

    look: UnderWay
    began: datetime | None
    until: datetime | None


class Looks:
    """The lines of all looks."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the store."""
        self._engine = engine

    async def begin(
        self, connection: AsyncConnection, asked: Asked, grant: Grant | None, refused: str | None
    ) -> None:
        """Write the line of a look; `refused` is the hub's own reason against it.

        A stream's lease begins with it.
        """
        leased = asked.scope is Scope.STREAM and not refused
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
                until=first_lease(asked.at) if leased else None,
            )
        )

    async def began(self, connection: AsyncConnection, look: str, now: datetime) -> bool:
        """Write that a stream's home answered; False if its end was written before."""
        return await _change(connection, look, answered=now)

    async def renew(self, connection: AsyncConnection, look: str, until: datetime) -> bool:
        """Write how long a stream's lease is now; False if its end was written before."""
        return await _change(connection, look, until=until)

    async def end(self, connection: AsyncConnection, look: str, now: datetime, end: End) -> bool:
        """Write how a look ended; False if its end was written before."""
        return await _change(
            connection,
            look,
            # A stream was answered when it began.
            answered=func.coalesce(looks.c.answered, literal(now, UtcTime)),
            outcome=end.outcome,
            reason=end.reason,
            sha256=end.sha256,
            length=end.length,
            seconds=end.seconds,
        )

    async def unended(
        self, before: datetime, connection: AsyncConnection | None = None
    ) -> list[Unended]:
        """Return the looks whose end nobody wrote: asked for, or leased, until before that time."""
        if connection is None:
            async with self._engine.connect() as own:
                return await self.unended(before, own)
        rows = await connection.execute(
            select(looks)
            .where(looks.c.outcome.is_(None), func.coalesce(looks.c.until, looks.c.asked) < before)
            .order_by(looks.c.asked)
            .limit(_MANY)
        )
        return [_unended(row) for row in rows]

    async def running(self, look: str, home: str) -> Unended | None:
        """Return a stream of a home that began, and whose end nobody wrote."""
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(
                    select(looks).where(
                        looks.c.id == look,
                        looks.c.home == home,
                        looks.c.scope == Scope.STREAM,
                        looks.c.answered.is_not(None),
                        looks.c.outcome.is_(None),
                    )
                )
            ).one_or_none()
        return _unended(row) if row else None

    async def of(self, incident: str) -> list[Look]:
        """Return the looks for an incident in the order in which they were asked for."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(looks).where(looks.c.incident == incident).order_by(looks.c.asked)
            )
            return [_read(row) for row in rows]

    async def find(self, connection: AsyncConnection, ids: Collection[str]) -> list[Look]:
        """Return the looks with these ids in the order in which they were asked for."""
        rows = await connection.execute(
            select(looks).where(looks.c.id.in_(ids)).order_by(looks.c.asked)
        )
        return [_read(row) for row in rows]

    async def newest(
        self, connection: AsyncConnection, incidents: Collection[str], most: int
    ) -> list[Look]:
        """Return the newest looks for these incidents, oldest first."""
        rows = await connection.execute(
            select(looks)
            .where(looks.c.incident.in_(incidents))
            .order_by(looks.c.asked.desc())
            .limit(most)
        )
        return [_read(row) for row in rows][::-1]


def first_lease(asked: datetime) -> datetime:
    """Return when a stream's lease ends if nobody renews it: by whole seconds, as homes know it."""
    return asked.replace(microsecond=0) + LEASE


async def _change(connection: AsyncConnection, look: str, **values: object) -> bool:
    """Change the line of a look that is not ended."""
    done = await connection.execute(
        update(looks).where(looks.c.id == look, looks.c.outcome.is_(None)).values(**values)
    )
    return bool(done.rowcount)


def _unended(row: Row[tuple[object, ...]]) -> Unended:
    look = UnderWay(
        look=row.id,
        incident=row.incident,
        camera=row.camera,
        home=row.home,
        pseudonym=row.pseudonym,
        role=row.role,
    )
    return Unended(look, began=row.answered, until=row.until)


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
        seconds=row.seconds,
    )
