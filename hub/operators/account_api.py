"""HTTP: what operators do for their own account: passkeys, sessions, another device."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import ACCOUNT_STATE, AUTHENTICATE_AGAIN, NOT_FOUND, Problem
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.accounts import Accounts
from hub.operators.actors import Actor
from hub.operators.invitations import OWN_LIFE, link
from hub.operators.passkeys import passkeys_of
from hub.operators.session_api import session_of
from hub.operators.sessions import Sessions


class PasskeyView(msgspec.Struct, frozen=True):
    """A passkey, by its id."""

    id: str
    created: datetime
    last_used: datetime | None


class OpenSession(msgspec.Struct, frozen=True):
    """A session that is not over."""

    id: str
    via: str
    signed_in: datetime
    last_used: datetime
    locked: bool
    this: bool


class AccountView(msgspec.Struct, frozen=True):
    """One's own account."""

    name: str
    pseudonym: str
    role: str
    passkeys: list[PasskeyView]
    sessions: list[OpenSession]


class InvitationLink(msgspec.Struct, frozen=True):
    """A link that is good once, and is shown this once."""

    link: str
    expires: datetime


class AccountApi:
    """The routes of one's own account."""

    def __init__(
        self,
        engine: AsyncEngine,
        accounts: Accounts,
        sessions: Sessions,
        origin: str,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, the room, the origin of the hub's own pages, and the clock."""
        self._engine = engine
        self._accounts = accounts
        self._sessions = sessions
        self._origin = origin
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        path = "/api/v1/account"
        return [
            Route(
                method="GET",
                path=path,
                handler=self.get_account,
                summary="One's own passkeys and sessions",
                scope=None,
                answer=AccountView,
                session=True,
            ),
            Route(
                method="POST",
                path=f"{path}/invitations",
                handler=self.invite_myself,
                summary="A link to make a passkey on another device of one's own",
                scope=None,
                answer=InvitationLink,
                status=201,
                problems=(AUTHENTICATE_AGAIN, ACCOUNT_STATE),
                session=True,
            ),
            Route(
                method="DELETE",
                path=f"{path}/passkeys/{{passkey}}",
                handler=self.remove_passkey,
                summary="Remove one of one's own passkeys, if it is not the last",
                scope=None,
                status=204,
                problems=(AUTHENTICATE_AGAIN, ACCOUNT_STATE, NOT_FOUND),
                session=True,
            ),
            Route(
                method="DELETE",
                path=f"{path}/sessions/{{session}}",
                handler=self.end_session,
                summary="End one of one's own sessions",
                scope=None,
                status=204,
                problems=(NOT_FOUND,),
                session=True,
            ),
        ]

    async def get_account(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the account."""
        account = await self._accounts.find(_operator(call))
        async with self._engine.connect() as connection:
            passkeys = await passkeys_of(connection, account.id)
        now = self._now()
        return Answer(
            AccountView(
                account.name,
                account.pseudonym,
                account.role,
                [PasskeyView(one.id, one.created, one.last_used) for one in passkeys],
                [
                    OpenSession(
                        one.id,
                        one.via,
                        one.created,
                        one.used,
                        one.locked is not None,
                        one.id == call.who.session,
                    )
                    for one in await self._sessions.of(account.id, now)
                ],
            )
        )

    async def invite_myself(self, call: Call[Nothing, Nothing]) -> Answer:
        """Make a link for another device."""
        await self._recent(call)
        secret = await self._accounts.invite_again(
            _operator(call), Actor.of(call.who), life=OWN_LIFE
        )
        return Answer(InvitationLink(link(self._origin, secret), self._now() + OWN_LIFE))

    async def remove_passkey(self, call: Call[Nothing, Nothing]) -> Answer:
        """Remove a passkey."""
        await self._recent(call)
        await self._accounts.remove_passkey(
            _operator(call), call.path["passkey"], Actor.of(call.who)
        )
        return Answer(b"")

    async def end_session(self, call: Call[Nothing, Nothing]) -> Answer:
        """End a session."""
        await self._accounts.end_sessions(_operator(call), Actor.of(call.who), call.path["session"])
        return Answer(b"")

    async def _recent(self, call: Call[Nothing, Nothing]) -> None:
        session = await self._sessions.find(session_of(call.who))
        if not session.recent(self._now()):
            raise Problem(AUTHENTICATE_AGAIN, "Show a passkey again first (session/unlock).")


def _operator(call: Call[Nothing, Nothing]) -> str:
    return str(call.who.operator)
