"""One-time links that sign in: made by a command on the hub's machine, where the city allows it."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select

from hub.errors import ACCOUNT_STATE, NOT_FOUND, Problem, StartError
from hub.operators.accounts import account_of
from hub.operators.actors import BY_COMMAND
from hub.operators.challenges import Challenges, Purpose
from hub.operators.door import Door
from hub.operators.refusals import Refusal, Refusals
from hub.operators.secret import digest, new_secret
from hub.operators.session_rules import LINK, Session
from hub.operators.sign_in import SignIn
from hub.protocol.entries import EntryKind
from hub.store.tables import challenges, operators
from hub.transparency.log import AccessLog

LIFE = timedelta(minutes=5)


async def new_link(log: AccessLog, door: Door, who: str) -> str:
    """Return the address that signs an operator in once; `who` is their id, or their name.

    Raises:
        StartError: if the city allows no such links.
        Problem: `not-found`, or `account-state` if the account is disabled or locked, or if
            several have this name.

    """
    if not door.links:
        raise StartError("links that sign in are off: operators.sign_in_links is not true")
    secret = new_secret()
    async with log.writing() as page:
        wanted = select(operators.c.id).where((operators.c.id == who) | (operators.c.name == who))
        found = list(await page.connection.scalars(wanted))
        if len(found) > 1:
            raise Problem(ACCOUNT_STATE, "Several operators have this name: say the id.")
        if not found:
            raise Problem(NOT_FOUND, "There is no such operator.")
        account = await account_of(page.connection, found[0])
        if not account.open:
            raise Problem(ACCOUNT_STATE, "The account is disabled or locked.")
        await page.connection.execute(
            insert(challenges).values(
                digest=digest(secret),
                purpose=Purpose.LINK,
                bound="",
                expires=page.now + LIFE,
                data=account.id,
            )
        )
        page.add(
            EntryKind.OPERATOR,
            actor=BY_COMMAND.pseudonym,
            role=BY_COMMAND.role,
            outcome="link-made",
            about={"operator": account.id, "pseudonym": account.pseudonym},
        )
    # What follows the # is not sent to any server.
    return f"{door.origin}/link#{secret}"


class SignInLinks:
    """What such a link opens."""

    def __init__(self, sign_in: SignIn, challenges_: Challenges, refusals: Refusals) -> None:
        """Take the rest of the room."""
        self._sign_in = sign_in
        self._challenges = challenges_
        self._refusals = refusals

    async def use(
        self, secret: str, banner: str, source: str, now: datetime
    ) -> tuple[str, Session]:
        """Begin a session for who holds a link, which is used up; return the cookie's secret.

        Raises:
            Problem: `banner`, which leaves the link as it is; `sign-in-refused`, which does not
                say why; the log does.

        """
        self._sign_in.check_banner(banner)
        operator = await self._challenges.take(Purpose.LINK, secret, "", now)
        if operator is None:
            await self._refusals.refuse(Refusal("link"), source)
        return await self._sign_in.admit(operator, LINK, source, {"banner": banner})
