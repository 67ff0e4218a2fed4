"""One-time enrolment codes: made for one resident, kept only as a digest."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.protocol.enrolment import SECRET_BYTES, Code, ca_pin, proof_digest
from hub.store.tables import codes

CODE_LIFE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """What the hub knows of a code: for whom it was made, until when, and which home used it."""

    label: str
    expires: datetime
    home: str | None


class Codes:
    """The enrolment codes in the database."""

    def __init__(self, engine: AsyncEngine, ca_der: bytes) -> None:
        """Take the database, and the CA certificate that every code pins."""
        self._engine = engine
        self._ca_der = ca_der

    async def create(self, label: str, now: datetime, life: timedelta = CODE_LIFE) -> Code:
        """Make a code; nobody can read it again."""
        code = Code(secrets.token_bytes(SECRET_BYTES), ca_pin(self._ca_der))
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(codes).values(
                    digest=proof_digest(code.proof), label=label, created=now, expires=now + life
                )
            )
        return code

    async def find(self, proof: str) -> CodeRecord | None:
        """Return what is known of the code that a home presents."""
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(
                    select(codes.c.label, codes.c.expires, codes.c.home).where(
                        codes.c.digest == proof_digest(proof)
                    )
                )
            ).one_or_none()
        return None if row is None else CodeRecord(row.label, row.expires, row.home)
