"""The passkeys of operators in the store."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.tables import passkeys


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey as the hub keeps it: its public key, and how often it has signed."""

    id: str
    data: bytes
    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of an operator."""

    id: str
    operator: str
    data: bytes
    counter: int
    created: datetime
    last_used: datetime | None


async def add_passkey(
    connection: AsyncConnection, operator: str, made: NewPasskey, now: datetime
) -> None:
    """Keep a new passkey.

    Raises:
        IntegrityError: if it is there already, whoever's it is.

    """
    await connection.execute(
        insert(passkeys).values(
            id=made.id, operator=operator, data=made.data, counter=made.counter, created=now
        )
    )


async def find_passkey(connection: AsyncConnection, passkey: str) -> Passkey | None:
    """Return a passkey by its id."""
    row = (await connection.execute(select(passkeys).where(passkeys.c.id == passkey))).one_or_none()
    return None if row is None else _passkey(row)


async def passkeys_of(connection: AsyncConnection, operator: str) -> list[Passkey]:
    """Return the passkeys of an operator, oldest first."""
    rows = await connection.execute(
        select(passkeys)
        .where(passkeys.c.operator == operator)
        .order_by(passkeys.c.created, passkeys.c.id)
    )
    return [_passkey(row) for row in rows]


async def note_shown(
    connection: AsyncConnection, passkey: Passkey, counter: int, now: datetime
) -> bool:
    """Keep a passkey's new counter; False if it was shown elsewhere meanwhile, or is gone."""
    done = await connection.execute(
        update(passkeys)
        .where(passkeys.c.id == passkey.id, passkeys.c.counter == passkey.counter)
        .values(counter=counter, last_used=now)
    )
    return bool(done.rowcount)


async def remove_passkeys(
    connection: AsyncConnection, operator: str, passkey: str | None = None
) -> int:
    """Remove the passkeys of an operator, or one of them; return how many there were."""
    wanted = [passkeys.c.operator == operator]
    if passkey is not None:
        wanted.append(passkeys.c.id == passkey)
    count = await connection.scalar(select(func.count()).select_from(passkeys).where(*wanted))
    await connection.execute(delete(passkeys).where(*wanted))
    return count or 0


def _passkey(row: Row[tuple[object, ...]]) -> Passkey:
    return Passkey(
        id=row.id,
        operator=row.operator,
        data=row.data,
        counter=row.counter,
        created=row.created,
        last_used=row.last_used,
    )
