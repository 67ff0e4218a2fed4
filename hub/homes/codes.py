"""One-time enrolment codes: made for one resident, kept only as a digest."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.protocol.claims import seconds
from hub.protocol.enrolment import SECRET_BYTES, Code, ca_pin, proof_digest
from hub.protocol.entries import EntryKind
from hub.store.tables import codes
from hub.transparency.log import COMMANDS, AccessLog, Page

CODE_LIFE = timedelta(days=14)
_ID_LETTERS = 16


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """What the hub knows of a code: for whom it was made, until when, and which home used it."""

    label: str
    expires: datetime
    home: str | None


class Codes:
    """The enrolment codes in the database."""

    def __init__(self, engine: AsyncEngine, log: AccessLog, ca_der: bytes) -> None:
        """Take the database, the access log, and the CA certificate that every code pins."""
        self._engine = engine
        self._log = log
        self._ca_der = ca_der

    async def create(self, label: str, now: datetime, life: timedelta = CODE_LIFE) -> Code:
        """Make a code; nobody can read it again."""
        async with self._log.writing() as page:
            return await self.make(page, label, now, life, actor=COMMANDS)

    async def make(
        self,
        page: Page,
        label: str,
        now: datetime,
        life: timedelta = CODE_LIFE,
        *,
        actor: str,
        role: str | None = None,
    ) -> Code:
        """Make a code together with what else is on the page."""
        code = Code(secrets.token_bytes(SECRET_BYTES), ca_pin(self._ca_der))
        digest, expires = proof_digest(code.proof), now + life
        page.add(
            EntryKind.HOME,
            actor=actor,
            role=role,
            outcome="invited",
            about={"code": code_id(digest), "expires": seconds(expires)},
        )
        await page.connection.execute(
            insert(codes).values(digest=digest, label=label, created=now, expires=expires)
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


def code_id(digest: str) -> str:
    """Return what a code is called in the log: enough to find it, nothing to guess it by."""
    return digest[:_ID_LETTERS]
