"""Invitation links: good once and for a while, kept only as a digest."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.errors import INVITATION_EXPIRED, INVITATION_UNKNOWN, INVITATION_USED, Problem
from hub.operators.secret import digest, new_secret
from hub.store.tables import invitations

LIFE = timedelta(hours=72)
OWN_LIFE = timedelta(minutes=15)
"""How long the link is good that an operator makes for another device of their own."""


async def new_invitation(
    connection: AsyncConnection, operator: str, now: datetime, life: timedelta = LIFE
) -> str:
    """Make the one invitation of an operator that is good, and return its secret."""
    await connection.execute(
        delete(invitations).where(invitations.c.operator == operator, invitations.c.used.is_(None))
    )
    secret = new_secret()
    await connection.execute(
        insert(invitations).values(
            digest=digest(secret), operator=operator, created=now, expires=now + life
        )
    )
    return secret


async def invited(connection: AsyncConnection, secret: str, now: datetime) -> str:
    """Return the operator whom an invitation is for, without using it.

    Raises:
        Problem: `invitation-unknown`, `invitation-used` or `invitation-expired`.

    """
    row = (
        await connection.execute(select(invitations).where(invitations.c.digest == digest(secret)))
    ).one_or_none()
    if row is None:
        raise Problem(INVITATION_UNKNOWN, "There is no such invitation: ask for another.")
    if row.used is not None:
        raise Problem(INVITATION_USED, "This invitation was used: ask for another.")
    if now >= row.expires:
        raise Problem(INVITATION_EXPIRED, "This invitation has ended: ask for another.")
    return str(row.operator)


async def use_invitation(connection: AsyncConnection, secret: str, now: datetime) -> str:
    """Use an invitation up and return the operator whom it was for.

    Raises:
        Problem: as `invited`.

    """
    operator = await invited(connection, secret, now)
    done = await connection.execute(
        update(invitations)
        .where(invitations.c.digest == digest(secret), invitations.c.used.is_(None))
        .values(used=now)
    )
    if not done.rowcount:
        raise Problem(INVITATION_USED, "This invitation was used: ask for another.")
    return operator


def link(origin: str, secret: str) -> str:
    """Return the address to open; what follows the # is not sent to any server."""
    return f"{origin}/join#{secret}"
