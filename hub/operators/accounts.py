"""Operators' accounts: made by invitation, changed with an entry each, disabled when unused."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.errors import ACCOUNT_STATE, NOT_FOUND, Problem
from hub.operators.actors import BY_HUB, Actor
from hub.operators.invitations import LIFE, new_invitation
from hub.operators.passkeys import passkeys_of, remove_passkeys
from hub.operators.secret import new_id
from hub.operators.sessions import end_sessions
from hub.operators.tokens import random_letters
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.store.tables import failures, operators
from hub.transparency.log import AccessLog, Page

UNUSED = timedelta(days=90)
"""An account that nobody used for this long is disabled (CJIS AC-2(3))."""
_SUFFIX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person with an account. The name stays here: homes and entries know the pseudonym."""

    id: str
    name: str
    pseudonym: str
    role: Role
    created: datetime
    disabled: datetime | None = None
    disabled_why: str | None = None
    locked: datetime | None = None
    last_used: datetime | None = None
    login: str | None = None
    subject: str | None = None
    home_lat: float | None = None
    home_lon: float | None = None
    home_radius_m: float | None = None
    shift: str | None = None

    @property
    def open(self) -> bool:
        """Tell whether its operator may sign in."""
        return self.disabled is None and self.locked is None


class Accounts:
    """The accounts in the store. Every change is in the log, in the same transaction."""

    def __init__(
        self, engine: AsyncEngine, log: AccessLog, told_ended: Callable[[Iterable[str]], None]
    ) -> None:
        """Take the store, the log, and who is told of sessions that ended with an account."""
        self._engine = engine
        self._log = log
        self._told_ended = told_ended

    async def list(self) -> list[Account]:
        """Return all accounts, oldest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(operators).order_by(operators.c.created, operators.c.id)
            )
            return [_account(row) for row in rows]

    async def find(self, operator: str) -> Account:
        """Return an account.

        Raises:
            Problem: `not-found`.

        """
        async with self._engine.connect() as connection:
            return await account_of(connection, operator)

    async def invite(
        self,
        name: str,
        role: Role,
        by: Actor,
        *,
        life: timedelta = LIFE,
        details: Mapping[str, object] | None = None,
    ) -> tuple[Account, str]:
        """Make an account and the secret of its invitation, which nobody can read again.

        Raises:
            Problem: `account-state` if another account has the same login.

        """
        async with self._log.writing() as page:
            account = Account(
                id=new_id(),
                name=name,
                pseudonym=await _new_pseudonym(page.connection),
                role=role,
                created=page.now,
            )
            await _write(
                page,
                insert(operators).values(
                    id=account.id,
                    name=name,
                    pseudonym=account.pseudonym,
                    role=role,
                    created=page.now,
                    **(details or {}),
                ),
            )
            secret = await new_invitation(page.connection, account.id, page.now, life)
            _enter(page, by, "invited", account, {"role": role})
        return account, secret

    async def invite_again(
        self, operator: str, by: Actor, *, life: timedelta = LIFE, replace: bool = False
    ) -> str:
        """Make another invitation; with `replace` the passkeys so far, and all sessions, end.

        Raises:
            Problem: `not-found`, or `account-state` if the account is disabled.

        """
        ended: list[str] = []
        async with self._log.writing() as page:
            account = await account_of(page.connection, operator)
            if account.disabled is not None:
                raise Problem(ACCOUNT_STATE, "The account is disabled.")
            secret = await new_invitation(page.connection, operator, page.now, life)
            about: dict[str, object] = {"replace": replace}
            if replace:
                about["removed"] = await remove_passkeys(page.connection, operator)
                ended = await end_sessions(page, operator, "replaced")
            _enter(page, by, "invited-again", account, about)
        self._told_ended(ended)
        return secret

    async def change(self, operator: str, by: Actor, changes: Mapping[str, Any]) -> Account:
        """Change what is known of an operator; with another role all sessions end.

        Raises:
            Problem: `not-found`, or `account-state` if another account has the same login.

        """
        ended: list[str] = []
        async with self._log.writing() as page:
            account = await account_of(page.connection, operator)
            if changes:
                await _write(
                    page, update(operators).where(operators.c.id == operator).values(**changes)
                )
            # What the columns hold is personal; that they changed, and the role, is not.
            about: dict[str, object] = {"changed": sorted(changes)}
            if changes.get("role", account.role) != account.role:
                about |= {"role": changes["role"], "role_before": account.role}
                ended = await end_sessions(page, operator, "role")
            if "login" in changes and changes["login"] != account.login:
                await _set(page, operator, subject=None)
            _enter(page, by, "changed", account, about)
            account = await account_of(page.connection, operator)
        self._told_ended(ended)
        return account

    async def disable(self, operator: str, why: str, by: Actor) -> None:
        """Disable an account: its operator is out at once.

        Raises:
            Problem: `not-found`, or `account-state` if it is disabled already.

        """
        async with self._log.writing() as page:
            account = await account_of(page.connection, operator)
            if account.disabled is not None:
                raise Problem(ACCOUNT_STATE, "The account is disabled already.")
            ended = await _disable(page, account, why, by)
        self._told_ended(ended)

    async def enable(self, operator: str, by: Actor) -> None:
        """Let an operator in again whose account was disabled, or locked by failed sign-ins.

        Raises:
            Problem: `not-found`, or `account-state` if it is neither.

        """
        async with self._log.writing() as page:
            account = await account_of(page.connection, operator)
            if account.open:
                raise Problem(ACCOUNT_STATE, "The account is neither disabled nor locked.")
            await _set(
                page, operator, disabled=None, disabled_why=None, locked=None, last_used=page.now
            )
            await page.connection.execute(failures.delete().where(failures.c.operator == operator))
            outcome = "released" if account.disabled is None else "enabled"
            _enter(page, by, outcome, account, {})

    async def end_sessions(self, operator: str, by: Actor, session: str | None = None) -> int:
        """End the sessions of an operator, or one of them, and return how many.

        Raises:
            Problem: `not-found`, also if there is no such session.

        """
        async with self._log.writing() as page:
            account = await account_of(page.connection, operator)
            ended = await end_sessions(page, operator, "revoked", session)
            if session is not None and not ended:
                raise Problem(NOT_FOUND, "There is no such session.")
            for one in ended:
                page.add(
                    EntryKind.SESSION,
                    actor=by.pseudonym,
                    role=by.role,
                    outcome="ended",
                    about={"session": one, "pseudonym": account.pseudonym, "why": "revoked"},
                )
        self._told_ended(ended)
        return len(ended)

    async def remove_passkey(self, operator: str, passkey: str, by: Actor) -> None:
        """Remove a passkey of an operator, if another is left.

        Raises:
            Problem: `not-found`, or `account-state` if it is the last one.

        """
        async with self._log.writing() as page:
            account = await account_of(page.connection, operator)
            known = await passkeys_of(page.connection, operator)
            if not await remove_passkeys(page.connection, operator, passkey):
                raise Problem(NOT_FOUND, "There is no such passkey.")
            if len(known) == 1:
                raise Problem(ACCOUNT_STATE, "It is the last passkey of this account.")
            _enter(page, by, "passkey-removed", account, {"passkey": passkey})

    async def sweep(self, now: datetime) -> None:
        """Disable the accounts that nobody used for long."""
        last = func.coalesce(operators.c.last_used, operators.c.created)
        async with self._engine.connect() as connection:
            stale = await connection.scalars(
                select(operators.c.id).where(operators.c.disabled.is_(None), last <= now - UNUSED)
            )
            found = stale.all()
        for operator in found:
            async with self._log.writing() as page:
                account = await account_of(page.connection, operator)
                ended: list[str] = []
                used = account.last_used or account.created
                if account.disabled is None and used <= now - UNUSED:
                    ended = await _disable(page, account, "unused for 90 days", BY_HUB)
            self._told_ended(ended)


async def account_of(connection: AsyncConnection, operator: str) -> Account:
    """Return an account.

    Raises:
        Problem: `not-found`.

    """
    row = (
        await connection.execute(select(operators).where(operators.c.id == operator))
    ).one_or_none()
    if row is None:
        raise Problem(NOT_FOUND, "There is no such operator.")
    return _account(row)


async def account_by(
    connection: AsyncConnection, *, subject: str | None = None, login: str | None = None
) -> Account | None:
    """Return the account that a provider's subject is linked to, or that was invited as `login`."""
    column, value = (
        (operators.c.subject, subject) if subject is not None else (operators.c.login, login)
    )
    row = (await connection.execute(select(operators).where(column == value))).one_or_none()
    return None if row is None else _account(row)


async def _disable(page: Page, account: Account, why: str, by: Actor) -> list[str]:
    await _set(page, account.id, disabled=page.now, disabled_why=why)
    # The words of an administrator may name someone; the entry says only who did it.
    cause = why if by.operator is None and by == BY_HUB else "administrator"
    _enter(page, by, "disabled", account, {"why": cause})
    return await end_sessions(page, account.id, "disabled")


async def _set(page: Page, operator: str, **values: object) -> None:
    await page.connection.execute(
        update(operators).where(operators.c.id == operator).values(**values)
    )


async def _write(page: Page, statement: Any) -> None:  # noqa: ANN401 - an insert or an update
    try:
        await page.connection.execute(statement)
    except IntegrityError as err:
        raise Problem(ACCOUNT_STATE, "Another account has this login.") from err


def _enter(
    page: Page, by: Actor, outcome: str, account: Account, about: Mapping[str, object]
) -> None:
    page.add(
        EntryKind.OPERATOR,
        actor=by.pseudonym,
        role=by.role,
        outcome=outcome,
        about={"operator": account.id, "pseudonym": account.pseudonym, **about},
    )


async def _new_pseudonym(connection: AsyncConnection) -> str:
    # It does not say the role, because a role may change and the pseudonym may not.
    while True:
        found = f"operator-{random_letters(_SUFFIX)}"
        taken = select(operators.c.id).where(operators.c.pseudonym == found)
        if await connection.scalar(taken) is None:
            return found


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(**dict(row._mapping) | {"role": Role(row.role)})  # noqa: SLF001 - its public name
