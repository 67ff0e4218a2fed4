"""Sessions in the store: kept by a digest, locked when idle, ended for good."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.errors import SESSION_LOCKED, UNAUTHENTICATED, Problem
from hub.operators.roles import SCOPES
from hub.operators.secret import digest, new_id, new_secret
from hub.operators.session_rules import FORGOTTEN, Session, State
from hub.operators.tokens import Caller
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.store.tables import operators, sessions
from hub.transparency.log import AccessLog, Page

NOTED = timedelta(seconds=15)
"""How exactly the store knows when a session was last used."""

COLUMNS = (
    sessions.c.id,
    sessions.c.operator,
    sessions.c.via,
    sessions.c.created,
    sessions.c.authenticated,
    sessions.c.used,
    sessions.c.locked,
    sessions.c.ended,
)


class Sessions:
    """The sessions of all operators; the store is asked each time, so what ends, ends at once."""

    def __init__(self, engine: AsyncEngine, log: AccessLog, idle: timedelta) -> None:
        """Take the store, the access log, and how long a session may go unused."""
        self._engine = engine
        self._log = log
        self.idle = idle
        self._seen: dict[str, str] = {}
        self.on_session_ended: Callable[[str, str], None] = lambda _operator, _session: None
        """Told the operator and the session when it is over or locked: nothing may go on to it."""

    async def open(self, page: Page, operator: str, via: str) -> tuple[str, Session]:
        """Begin a session of an operator and return the secret for the cookie."""
        secret = new_secret()
        session = Session(
            id=new_id(),
            operator=operator,
            via=via,
            created=page.now,
            authenticated=page.now,
            used=page.now,
        )
        await page.connection.execute(
            insert(sessions).values(
                id=session.id,
                digest=digest(secret),
                operator=operator,
                via=via,
                created=page.now,
                authenticated=page.now,
                used=page.now,
            )
        )
        return secret, session

    async def caller(self, cookie: str, now: datetime, *, locked: bool, active: bool) -> Caller:
        """Return who holds this cookie; `active` says that its holder did something.

        Raises:
            Problem: `unauthenticated`, or `session-locked` unless a locked one will do.

        """
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(
                    select(
                        *COLUMNS,
                        operators.c.pseudonym,
                        operators.c.role,
                        operators.c.disabled,
                        operators.c.locked.label("shut"),
                    )
                    .join(operators, operators.c.id == sessions.c.operator)
                    .where(sessions.c.digest == digest(cookie))
                )
            ).one_or_none()
        if row is None or row.disabled is not None or row.shut is not None:
            raise Problem(UNAUTHENTICATED, "The session is over: sign in.")
        session, state = session_of_row(row), session_of_row(row).state(now, self.idle)
        self._seen[session.id] = session.operator
        if state is not State.ACTIVE:
            await self._settle(session, state, row.pseudonym, row.role)
            if state is State.ENDED:
                raise Problem(UNAUTHENTICATED, "The session is over: sign in.")
            if not locked:
                raise Problem(SESSION_LOCKED, "The session is locked: show a passkey to go on.")
        elif active and now - session.used >= NOTED:
            await self._note(session, now)
        role = Role(row.role)
        return Caller(row.pseudonym, role, SCOPES[role], session.operator, session.id)

    async def find(self, session: str) -> Session:
        """Return a session.

        Raises:
            Problem: `unauthenticated` if there is none.

        """
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(select(*COLUMNS).where(sessions.c.id == session))
            ).one_or_none()
        if row is None:
            raise Problem(UNAUTHENTICATED, "The session is over: sign in.")
        return session_of_row(row)

    async def of(self, operator: str, now: datetime) -> list[Session]:
        """Return the sessions of an operator that are not over, oldest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(*COLUMNS)
                .where(sessions.c.operator == operator, sessions.c.ended.is_(None))
                .order_by(sessions.c.created)
            )
            found = [session_of_row(row) for row in rows]
        return [one for one in found if one.state(now, self.idle) is not State.ENDED]

    async def sweep(self, now: datetime) -> None:
        """Lock what is idle, end what was forgotten, and notice what another process ended."""
        seen = set(self._seen)
        async with self._engine.connect() as connection:
            rows = (
                await connection.execute(
                    select(*COLUMNS, operators.c.pseudonym, operators.c.role)
                    .join(operators, operators.c.id == sessions.c.operator)
                    .where(sessions.c.ended.is_(None))
                )
            ).all()
        for row in rows:
            session = session_of_row(row)
            if (state := session.state(now, self.idle)) is not State.ACTIVE:
                await self._settle(session, state, row.pseudonym, row.role)
        self.told_ended(seen - {row.id for row in rows})

    def told_ended(self, ended: Iterable[str]) -> None:
        """Tell whoever listens that these are over, each once, after it is in the store."""
        for session in ended:
            if (operator := self._seen.pop(session, None)) is not None:
                self.on_session_ended(operator, session)

    async def _settle(self, session: Session, state: State, pseudonym: str, role: str) -> None:
        """Write what time has done to a session; only the first who finds it does."""
        over = state is State.ENDED
        if session.ended is not None or (session.locked is not None and not over):
            return
        async with self._log.writing() as page:
            changed = await page.connection.execute(
                update(sessions)
                .where(
                    sessions.c.id == session.id,
                    sessions.c.ended.is_(None),
                    # Whoever used it meanwhile has it unlocked.
                    sessions.c.used == session.used,
                    sessions.c.authenticated == session.authenticated,
                    *(() if over else (sessions.c.locked.is_(None),)),
                )
                .values(
                    {"ended": page.now, "ended_why": "forgotten"} if over else {"locked": page.now}
                )
            )
            if changed.rowcount:
                page.add(
                    EntryKind.SESSION,
                    actor=pseudonym,
                    role=role,
                    outcome="ended" if over else "locked",
                    about={"session": session.id, **({"why": "forgotten"} if over else {})},
                )
        if over:
            self.told_ended([session.id])
        elif changed.rowcount:
            self.on_session_ended(session.operator, session.id)

    async def _note(self, session: Session, now: datetime) -> None:
        # Without the note it locks sooner, which is no harm.
        with suppress(SQLAlchemyError):
            async with self._engine.begin() as connection:
                await connection.execute(
                    update(sessions)
                    .where(sessions.c.id == session.id, sessions.c.locked.is_(None))
                    .values(used=now)
                )


async def end_sessions(
    page: Page, operator: str, why: str, session: str | None = None
) -> list[str]:
    """End the sessions of an operator, or one of them; return those that were not over."""
    wanted = [sessions.c.operator == operator, sessions.c.ended.is_(None)]
    if session is not None:
        wanted.append(sessions.c.id == session)
    found = list(await page.connection.scalars(select(sessions.c.id).where(*wanted)))
    await page.connection.execute(
        update(sessions).where(*wanted).values(ended=page.now, ended_why=why)
    )
    return found


async def take_up(connection: AsyncConnection, session: str, now: datetime) -> bool:
    """Unlock a session whose operator showed a passkey; False if it is over."""
    done = await connection.execute(
        update(sessions)
        .where(
            sessions.c.id == session,
            sessions.c.ended.is_(None),
            sessions.c.authenticated > now - FORGOTTEN,
        )
        .values(locked=None, used=now, authenticated=now)
    )
    return bool(done.rowcount)


def session_of_row(row: Row[tuple[object, ...]]) -> Session:
    """Read a session from a row that has `COLUMNS`."""
    return Session(
        id=row.id,
        operator=row.operator,
        via=row.via,
        created=row.created,
        authenticated=row.authenticated,
        used=row.used,
        locked=row.locked,
        ended=row.ended,
    )
