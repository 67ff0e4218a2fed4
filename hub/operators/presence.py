"""Who of those that began something long is still here: signed in, or with a valid token."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.operators.session_rules import State
from hub.operators.sessions import COLUMNS, session_of_row
from hub.operators.tokens import Caller
from hub.store.tables import api_tokens, operators, sessions


async def present(
    connection: AsyncConnection, callers: Iterable[Caller], now: datetime, idle: timedelta
) -> frozenset[Caller]:
    """Return those whose session is open and not locked, or whose token is valid.

    `idle` is how long a session may go unused.
    """
    asked = frozenset(callers)
    signed_in = await _sessions(connection, {one.session for one in asked}, now, idle)
    valid = await _tokens(connection, {one.token for one in asked}, now)
    return frozenset(one for one in asked if one.session in signed_in or one.token in valid)


async def _sessions(
    connection: AsyncConnection, ids: set[str | None], now: datetime, idle: timedelta
) -> set[str]:
    if not (wanted := ids - {None}):
        return set()
    rows = await connection.execute(
        select(*COLUMNS)
        .join(operators, operators.c.id == sessions.c.operator)
        .where(
            sessions.c.id.in_(wanted),
            operators.c.disabled.is_(None),
            operators.c.locked.is_(None),
        )
    )
    return {row.id for row in rows if session_of_row(row).state(now, idle) is State.ACTIVE}


async def _tokens(connection: AsyncConnection, ids: set[str | None], now: datetime) -> set[str]:
    if not (wanted := ids - {None}):
        return set()
    return set(
        await connection.scalars(
            select(api_tokens.c.id).where(
                api_tokens.c.id.in_(wanted),
                api_tokens.c.revoked.is_(None),
                api_tokens.c.expires > now,
            )
        )
    )
