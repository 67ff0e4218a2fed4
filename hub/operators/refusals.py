"""Failed sign-ins: each an entry, and too many of them lock the account (CJIS AC-7)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import delete, insert, select, update

from hub.errors import SIGN_IN_REFUSED, Problem
from hub.operators.accounts import Account, account_of
from hub.operators.lockout import WINDOW, lockout_due
from hub.operators.secret import new_id
from hub.operators.sessions import end_sessions
from hub.protocol.entries import EntryKind
from hub.store.tables import failures, operators
from hub.transparency.log import HUB, PUBLIC, AccessLog, Page


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a sign-in was refused: one word for the log, and whose account it was, if anyone's."""

    why: str
    operator: str | None = None


class Refusals:
    """Writes what failed, and refuses without saying why."""

    def __init__(self, log: AccessLog, told_ended: Callable[[Iterable[str]], None]) -> None:
        """Take the log, and who is told of the sessions of an account that was locked."""
        self._log = log
        self._told_ended = told_ended

    async def refuse(
        self,
        refusal: Refusal,
        source: str,
        session: str | None = None,
    ) -> NoReturn:
        """Write a failed sign-in, lock the account if there were too many, and refuse.

        Raises:
            Problem: `sign-in-refused`.

        """
        ended: list[str] = []
        about: dict[str, object] = {"why": refusal.why, "source": source}
        if session is not None:
            about["session"] = session
        async with self._log.writing() as page:
            if refusal.operator is None:
                page.add(EntryKind.SESSION, actor=PUBLIC, outcome="refused", about=about)
            else:
                account = await account_of(page.connection, refusal.operator)
                page.add(
                    EntryKind.SESSION,
                    actor=account.pseudonym,
                    role=account.role,
                    outcome="refused",
                    about=about,
                )
                ended = await _count_failure(page, account)
        self._told_ended(ended)
        raise Problem(SIGN_IN_REFUSED, "The sign-in was refused. Ask an administrator.")


async def _count_failure(page: Page, account: Account) -> list[str]:
    """Keep a failure; lock the account if it is one too many, and return the sessions ended."""
    connection = page.connection
    await connection.execute(delete(failures).where(failures.c.at <= page.now - WINDOW))
    await connection.execute(insert(failures).values(id=new_id(), operator=account.id, at=page.now))
    times = await connection.scalars(select(failures.c.at).where(failures.c.operator == account.id))
    if not account.open or not lockout_due(times, page.now):
        return []
    await connection.execute(
        update(operators).where(operators.c.id == account.id).values(locked=page.now)
    )
    page.add(
        EntryKind.OPERATOR,
        actor=HUB,
        outcome="locked",
        about={
            "operator": account.id,
            "pseudonym": account.pseudonym,
            "why": "five failed sign-ins in fifteen minutes",
        },
    )
    return await end_sessions(page, account.id, "locked")
