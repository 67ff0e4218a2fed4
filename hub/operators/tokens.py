"""API tokens: how machines say who they are and what they may do."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import NOT_FOUND, UNAUTHENTICATED, Problem
from hub.protocol.claims import seconds
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.store.tables import api_tokens
from hub.transparency.log import COMMANDS, AccessLog

PREFIX = "rtcc_"
TOKEN_LIFE = timedelta(days=365)
REMEMBERED = timedelta(seconds=10)
"""How long a token is believed without asking the database; `forget` makes it at once."""
NOTED = timedelta(minutes=1)
"""How exactly the database knows when a token was last used."""

_SECRET_BYTES = 32
_LONGEST = 128
_MOST_REMEMBERED = 10_000
# Without letters and digits that are mistaken for each other aloud.
_PSEUDONYM_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class TokenScope(StrEnum):
    """What an API token allows."""

    GRANTS_READ = "grants:read"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_WRITE = "incidents:write"
    LOOKS_WRITE = "looks:write"
    PICTURES_WRITE = "pictures:write"
    APPROVALS_WRITE = "approvals:write"
    REVIEWS_WRITE = "reviews:write"
    REPORTS_READ = "reports:read"
    LOG_READ = "log:read"
    OPERATORS_WRITE = "operators:write"
    REGISTRATIONS_WRITE = "registrations:write"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as homes and logs know it: a pseudonym and a role, never a name.

    `operator` is the id of an account and `session` of its session; a machine has neither, but
    a `token`.
    """

    pseudonym: str
    role: Role
    scopes: frozenset[TokenScope]
    operator: str | None = None
    session: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token as the hub keeps it; the secret itself is shown once and not kept."""

    id: str
    name: str
    caller: Caller
    created: datetime
    expires: datetime
    revoked: datetime | None
    last_used: datetime | None = None

    def valid(self, now: datetime) -> bool:
        """Tell whether it may be used."""
        return self.revoked is None and now < self.expires


@dataclass(frozen=True, slots=True)
class _Known:
    token: ApiToken
    read: datetime


class Tokens:
    """The API tokens in the database, those in use also in memory."""

    def __init__(self, engine: AsyncEngine, log: AccessLog) -> None:
        """Take the database and the access log, which tells of every token made and revoked."""
        self._engine = engine
        self._log = log
        self._known: dict[str, _Known] = {}

    async def create(
        self,
        name: str,
        role: Role,
        scopes: frozenset[TokenScope],
        now: datetime,
        *,
        life: timedelta = TOKEN_LIFE,
        pseudonym: str | None = None,
        actor: str = COMMANDS,
        actor_role: Role | None = None,
    ) -> tuple[str, ApiToken]:
        """Make a token and return its secret, which nobody can read again, and its record.

        `actor` is who makes it, as the log says it.
        """
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        id_ = secrets.token_hex(4)
        token = ApiToken(
            id=id_,
            name=name,
            caller=Caller(pseudonym or new_pseudonym(role), role, scopes, token=id_),
            created=now,
            expires=now + life,
            revoked=None,
        )
        async with self._log.writing() as page:
            page.add(
                EntryKind.TOKEN,
                actor=actor,
                role=actor_role,
                outcome="made",
                about={
                    "token": token.id,
                    "pseudonym": token.caller.pseudonym,
                    "role": role,
                    "scopes": sorted(scopes),
                    "expires": seconds(token.expires),
                },
            )
            await page.connection.execute(
                insert(api_tokens).values(
                    id=token.id,
                    digest=_digest(secret),
                    name=name,
                    pseudonym=token.caller.pseudonym,
                    role=role,
                    scopes=" ".join(sorted(scopes)),
                    created=now,
                    expires=token.expires,
                )
            )
        return secret, token

    async def list(self) -> list[ApiToken]:
        """Return every token that was made, oldest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(api_tokens).order_by(api_tokens.c.created))
            return [_token(row) for row in rows]

    async def revoke(
        self,
        token_id: str,
        now: datetime,
        *,
        actor: str = COMMANDS,
        actor_role: Role | None = None,
    ) -> None:
        """End a token.

        Raises:
            Problem: `not-found`.

        """
        async with self._log.writing() as page:
            done = await page.connection.execute(
                update(api_tokens)
                .where(api_tokens.c.id == token_id, api_tokens.c.revoked.is_(None))
                .values(revoked=now)
            )
            if not done.rowcount:
                raise Problem(NOT_FOUND, f"there is no API token {token_id} that could be revoked")
            page.add(
                EntryKind.TOKEN,
                actor=actor,
                role=actor_role,
                outcome="revoked",
                about={"token": token_id},
            )
        self.forget()

    async def authenticate(self, bearer: str, now: datetime) -> Caller:
        """Return who holds this token.

        Raises:
            Problem: `unauthenticated` if there is no such token, or it has ended or been revoked.

        """
        token = None
        if bearer.startswith(PREFIX) and len(bearer) <= _LONGEST:
            token = await self._find(_digest(bearer), now)
        if token is None or not token.valid(now):
            raise Problem(UNAUTHENTICATED, "the API token is unknown, has ended or was revoked")
        return token.caller

    def forget(self) -> None:
        """Ask the database again: another process may have changed it."""
        self._known.clear()

    async def _find(self, digest: str, now: datetime) -> ApiToken | None:
        known = self._known.get(digest)
        if known is not None and timedelta(0) <= now - known.read < REMEMBERED:
            return known.token
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(select(api_tokens).where(api_tokens.c.digest == digest))
            ).one_or_none()
        if row is None:
            return None
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = _Known(token := _token(row), now)
        if token.valid(now) and (token.last_used is None or now - token.last_used >= NOTED):
            await self._note(token, now)
        return token

    async def _note(self, token: ApiToken, now: datetime) -> None:
        # A store that cannot be written keeps nobody out: it is not what the token is checked by.
        with suppress(SQLAlchemyError):
            async with self._engine.begin() as connection:
                await connection.execute(
                    update(api_tokens).where(api_tokens.c.id == token.id).values(last_used=now)
                )


def new_pseudonym(role: Role) -> str:
    """Return a name that homes may see, such as `officer-7F3K`."""
    return f"{role}-{random_letters(4)}"


def random_letters(count: int) -> str:
    """Return letters and digits that nobody mistakes for each other aloud."""
    return "".join(secrets.choice(_PSEUDONYM_LETTERS) for _ in range(count))


def _digest(secret: str) -> str:
    # The secret has 256 random bits: a plain hash cannot be searched.
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        caller=Caller(
            row.pseudonym,
            Role(row.role),
            frozenset(TokenScope(scope) for scope in row.scopes.split()),
            token=row.id,
        ),
        created=row.created,
        expires=row.expires,
        revoked=row.revoked,
        last_used=row.last_used,
    )
