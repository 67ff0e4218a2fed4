"""Challenges: random, bound to what they were made for, short-lived, and good for one try."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.operators.secret import digest
from hub.store.tables import challenges

LIFE = timedelta(minutes=5)
_BYTES = 32


class Purpose(StrEnum):
    """What a challenge is for."""

    SIGN_IN = "sign-in"
    UNLOCK = "unlock"
    JOIN = "join"
    PROVIDER = "provider"
    LINK = "link"


class Challenges:
    """The challenges that are open, in the store, so that any of several hubs can take them."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the store."""
        self._engine = engine

    async def new(self, purpose: Purpose, bound: str, now: datetime, data: str = "") -> bytes:
        """Make one, for `bound` (a session, an invitation) alone; `data` is kept with it."""
        challenge = secrets.token_bytes(_BYTES)
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(challenges).values(
                    digest=digest(challenge),
                    purpose=purpose,
                    bound=bound,
                    expires=now + LIFE,
                    data=data,
                )
            )
        return challenge

    async def take(
        self, purpose: Purpose, challenge: bytes | str, bound: str, now: datetime
    ) -> str | None:
        """Use one up, whatever becomes of the try; return its data, or None if it is not good."""
        async with self._engine.begin() as connection:
            row = (
                await connection.execute(
                    delete(challenges)
                    .where(challenges.c.digest == digest(challenge))
                    .returning(
                        challenges.c.purpose,
                        challenges.c.bound,
                        challenges.c.expires,
                        challenges.c.data,
                    )
                )
            ).one_or_none()
        if row is None or (row.purpose, row.bound) != (purpose, bound) or now >= row.expires:
            return None
        return str(row.data)

    async def sweep(self, now: datetime) -> None:
        """Forget those that were never used."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(challenges).where(challenges.c.expires <= now))
