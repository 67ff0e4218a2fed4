"""What the hub tells an owner about the home, and how it forgets the home when told to."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.errors import HOME_UNKNOWN, REFUSED_STATEMENT, Problem
from hub.homes.codes import code_id
from hub.homes.homes import Homes
from hub.homes.records import end_home
from hub.protocol.entries import EntryKind
from hub.protocol.errors import Rejected
from hub.protocol.keys import b64url, from_jwk
from hub.protocol.owner import Demand, verify_demand
from hub.protocol.tokens import Verifier
from hub.store.tables import (
    cameras,
    certificates,
    codes,
    consents,
    homes,
    log_entries,
    looks,
    pictures,
    registrations,
)
from hub.transparency.log import PUBLIC, AccessLog, Page


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that the hub holds about a home, table by table."""

    home: Row[Any]
    codes: tuple[Mapping[str, object], ...]
    consents: tuple[Mapping[str, object], ...]
    certificates: tuple[Mapping[str, object], ...]
    cameras: tuple[Mapping[str, object], ...]
    pictures: tuple[Mapping[str, object], ...]
    registrations: tuple[Mapping[str, object], ...]
    looks: int
    entries: int


class Owners:
    """Answers owners, who prove by the home's key that they are; also after the home has left."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        homes_: Homes,
        hub: str,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, the log, the enrolled homes, the hub's id and the clock."""
        self._engine = engine
        self._log = log
        self._homes = homes_
        self._hub = hub
        self._now = now

    async def record(self, home: str, token: str) -> Held:
        """Return everything that the hub holds about the home.

        Raises:
            Problem: `home-unknown`, `refused-statement`.

        """
        async with self._engine.connect() as connection:
            row = await self._proved(connection, home, token, Demand.RECORD)
            own_codes = codes.c.home == home
            return Held(
                home=row,
                codes=tuple(
                    {**one, "id": code_id(str(one["digest"]))}
                    for one in await _rows(connection, codes, own_codes)
                ),
                consents=tuple(
                    {**one, "digest": one["digest"] or _digest(str(one["token"]))}
                    for one in await _rows(connection, consents, consents.c.home == home)
                ),
                certificates=await _rows(connection, certificates, certificates.c.home == home),
                cameras=await _rows(connection, cameras, cameras.c.home == home),
                pictures=await _rows(connection, pictures, pictures.c.home == home),
                registrations=await _rows(
                    connection,
                    registrations,
                    registrations.c.code.in_(select(codes.c.digest).where(own_codes)),
                ),
                looks=await _count(connection, looks, looks.c.home == home),
                entries=await _count(connection, log_entries, log_entries.c.home == home),
            )

    async def delete(self, home: str, token: str) -> datetime:
        """End the home if it has not left, and delete what tells whose it was; return when.

        Again for a home that was deleted before: the answer may have been lost.

        Raises:
            Problem: `home-unknown`, `refused-statement`.

        """
        async with self._engine.connect() as connection:
            await self._proved(connection, home, token, Demand.DELETION)
        return await self.forget(home, PUBLIC)

    async def forget(self, home: str, actor: str) -> datetime:
        """Do what `delete` does, for whom the city has asked in another way.

        Raises:
            Problem: `home-unknown`.

        """
        async with self._log.writing() as page:
            await end_home(page, home, page.now, actor)
            deleted = await page.connection.scalar(
                select(homes.c.deleted).where(homes.c.home == home)
            )
            if deleted is None:
                deleted = page.now
                await _erase(page, home)
                page.add(EntryKind.HOME, actor=actor, outcome="deleted", home=home, about={})
        await self._homes.load(self._now())
        return deleted

    async def _proved(
        self, connection: AsyncConnection, home: str, token: str, demand: Demand
    ) -> Row[Any]:
        """Return the home's row if it signed the demand; keys of homes that left are kept."""
        row = (await connection.execute(select(homes).where(homes.c.home == home))).one_or_none()
        if row is None:
            raise Problem(HOME_UNKNOWN, "this home never enrolled here")
        verifier = Verifier(from_jwk({"kty": "OKP", "crv": "Ed25519", "x": row.key_x}))
        try:
            verify_demand(token, demand, verifier, home, self._hub, self._now())
        except Rejected as err:
            raise Problem(REFUSED_STATEMENT, err.detail, reason=err.reason) from err
        return row


async def _erase(page: Page, home: str) -> None:
    """Delete whose home it was. Its key stays, by which what it signed can still be proved."""
    connection = page.connection
    for row in await connection.execute(
        select(consents.c.id, consents.c.token).where(consents.c.home == home)
    ):
        await connection.execute(
            update(consents)
            .where(consents.c.id == row.id)
            .values(token="", digest=_digest(row.token))
        )
    own_codes = select(codes.c.digest).where(codes.c.home == home)
    await connection.execute(delete(registrations).where(registrations.c.code.in_(own_codes)))
    await connection.execute(update(codes).where(codes.c.home == home).values(label=""))
    await connection.execute(delete(cameras).where(cameras.c.home == home))
    await connection.execute(
        update(homes).where(homes.c.home == home).values(name="", deleted=page.now)
    )


async def _rows(
    connection: AsyncConnection, table: Table, which: ColumnElement[bool]
) -> tuple[Mapping[str, object], ...]:
    rows = await connection.execute(select(table).where(which).order_by(*table.primary_key))
    return tuple(dict(row) for row in rows.mappings())


async def _count(connection: AsyncConnection, table: Table, which: ColumnElement[bool]) -> int:
    found = await connection.scalar(select(func.count()).select_from(table).where(which))
    return int(found or 0)


def _digest(token: str) -> str:
    return b64url(hashlib.sha256(token.encode()).digest())
