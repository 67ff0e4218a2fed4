"""HTTP: signing in by a passkey, who the session is, unlocking it, and signing out."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec

from hub.errors import BANNER, FORBIDDEN, SIGN_IN_REFUSED, Problem
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.csrf import COOKIE, check_same_origin, cookie_header, csrf_token
from hub.operators.door import Door
from hub.operators.session_rules import AGAIN, Session, State
from hub.operators.sessions import Sessions
from hub.operators.sign_in import SignIn
from hub.operators.tokens import Caller

type Shown = Annotated[dict[str, Any], msgspec.Meta(min_length=1, max_length=12)]


class Acknowledged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The SHA-256, in hexadecimal, of the use banner that the person acknowledged."""

    banner: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class PasskeyAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser answered (AuthenticationResponseJSON of WebAuthn)."""

    credential: Shown


class PasskeyOptions(msgspec.Struct, frozen=True):
    """What to ask the browser (WebAuthn's options as JSON)."""

    options: dict[str, Any]


class SessionView(msgspec.Struct, frozen=True):
    """Who is signed in. `locks` is when the session locks if nothing more is done in it."""

    session: str
    operator: str
    pseudonym: str
    role: str
    scopes: list[str]
    state: State
    via: str
    signed_in: datetime
    authenticated: datetime
    locks: datetime
    expires: datetime
    idle_limit_s: int
    csrf: str


class SessionApi:
    """The routes of one's own session."""

    def __init__(
        self, sign_in: SignIn, sessions: Sessions, door: Door, now: Callable[[], datetime]
    ) -> None:
        """Take the room, the door's settings, and the clock."""
        self._sign_in = sign_in
        self._sessions = sessions
        self._door = door
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        path = "/api/v1/session"
        return [
            Route(
                method="POST",
                path=f"{path}/challenge",
                handler=self.ask_passkey,
                summary="Ask for a challenge to sign in with, having acknowledged the banner",
                scope=None,
                body=Acknowledged,
                answer=PasskeyOptions,
                problems=(BANNER, FORBIDDEN),
                door=True,
            ),
            Route(
                method="POST",
                path=path,
                handler=self.sign_in,
                summary="Sign in with a passkey; the answer sets the session's cookie",
                scope=None,
                body=PasskeyAnswer,
                answer=SessionView,
                status=201,
                problems=(SIGN_IN_REFUSED, FORBIDDEN),
                door=True,
            ),
            Route(
                method="GET",
                path=path,
                handler=self.get_session,
                summary="Who is signed in, what they may do, and until when",
                scope=None,
                answer=SessionView,
                session=True,
                locked=True,
            ),
            Route(
                method="POST",
                path=f"{path}/unlock/challenge",
                handler=self.ask_passkey_again,
                summary="Ask for a challenge to show a passkey again",
                scope=None,
                answer=PasskeyOptions,
                session=True,
                locked=True,
                door=True,
            ),
            Route(
                method="POST",
                path=f"{path}/unlock",
                handler=self.unlock,
                summary="Show a passkey again: the session goes on for another twelve hours",
                scope=None,
                body=PasskeyAnswer,
                answer=SessionView,
                problems=(SIGN_IN_REFUSED,),
                session=True,
                locked=True,
                door=True,
            ),
            Route(
                method="DELETE",
                path=path,
                handler=self.sign_out,
                summary="Sign out",
                scope=None,
                status=204,
                session=True,
                locked=True,
            ),
        ]

    async def ask_passkey(self, call: Call[Nothing, Acknowledged]) -> Answer:
        """Give a challenge."""
        check_same_origin(call.request.headers, self._door.origin)
        return Answer(PasskeyOptions(await self._sign_in.ask(call.body.banner, self._now())))

    async def sign_in(self, call: Call[Nothing, PasskeyAnswer]) -> Answer:
        """Begin a session."""
        check_same_origin(call.request.headers, self._door.origin)
        cookie, session = await self._sign_in.sign_in(
            call.body.credential, remote(call), self._now()
        )
        caller = await self._sessions.caller(cookie, self._now(), locked=False, active=False)
        return Answer(self._view(session, caller, cookie), {"Set-Cookie": cookie_header(cookie)})

    async def get_session(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the session."""
        return Answer(await self._mine(call))

    async def ask_passkey_again(self, call: Call[Nothing, Nothing]) -> Answer:
        """Give a challenge to the session's operator alone."""
        session = await self._session(call)
        return Answer(PasskeyOptions(await self._sign_in.ask_again(session, self._now())))

    async def unlock(self, call: Call[Nothing, PasskeyAnswer]) -> Answer:
        """Let the session go on."""
        session = await self._session(call)
        await self._sign_in.unlock(session, call.body.credential, remote(call), self._now())
        return Answer(await self._mine(call))

    async def sign_out(self, call: Call[Nothing, Nothing]) -> Answer:
        """End the session."""
        await self._sign_in.sign_out(await self._session(call))
        return Answer(b"", {"Set-Cookie": cookie_header("")})

    async def _session(self, call: Call[Nothing, Any]) -> Session:
        return await self._sessions.find(session_of(call.who))

    async def _mine(self, call: Call[Nothing, Any]) -> SessionView:
        return self._view(await self._session(call), call.who, call.request.cookies[COOKIE])

    def _view(self, session: Session, caller: Caller, cookie: str) -> SessionView:
        idle = self._sessions.idle
        return SessionView(
            session=session.id,
            operator=session.operator,
            pseudonym=caller.pseudonym,
            role=caller.role,
            scopes=sorted(caller.scopes),
            state=session.state(self._now(), idle),
            via=session.via,
            signed_in=session.created,
            authenticated=session.authenticated,
            locks=session.locks(idle),
            expires=session.authenticated + AGAIN,
            idle_limit_s=int(idle.total_seconds()),
            csrf=csrf_token(cookie),
        )


def remote(call: Call[Any, Any]) -> str:
    """Return the address that a request comes from, as entries name it."""
    return call.request.remote or "unknown"


def session_of(caller: Caller) -> str:
    """Return the session of a caller on a route for sessions.

    Raises:
        Problem: `forbidden` if it is a machine.

    """
    if caller.session is None:
        raise Problem(FORBIDDEN, "This is for operators who signed in, not for tokens.")
    return caller.session
