"""Who sends a request: a machine by its token, or else an operator by a session's cookie."""

from datetime import datetime

from aiohttp import web

from hub.errors import FORBIDDEN, UNAUTHENTICATED, Problem
from hub.http.limits import source
from hub.http.routes import Route
from hub.operators.csrf import COOKIE, READING, check_csrf, check_navigation
from hub.operators.refused_tokens import RefusedTokens
from hub.operators.sessions import Sessions
from hub.operators.tokens import Caller, Tokens

BACKGROUND = "X-RTCC-Background"
"""What a page sends by itself carries this header: it does not keep a session from locking."""


def says_who(request: web.Request) -> bool:
    """Tell whether whoever calls shows anything that says who they are."""
    return "Authorization" in request.headers or COOKIE in request.cookies


class Authentication:
    """The one place that decides who calls."""

    def __init__(
        self, tokens: Tokens, refused: RefusedTokens, sessions: Sessions, origin: str
    ) -> None:
        """Take the tokens, what enters refused ones, the sessions, and the hub's own origin."""
        self._tokens = tokens
        self._refused = refused
        self._sessions = sessions
        self._origin = origin

    async def __call__(self, request: web.Request, route: Route, now: datetime) -> Caller:
        """Return who calls this route, and whether its scope or session is theirs.

        Raises:
            Problem: `unauthenticated`, `session-locked` or `forbidden`.

        """
        caller = await self._who(request, route, now)
        if route.session and caller.session is None:
            raise Problem(FORBIDDEN, "This is for operators who signed in, not for tokens.")
        if route.scope is not None and route.scope not in caller.scopes:
            whom = "token" if caller.session is None else "role"
            raise Problem(FORBIDDEN, f"This {whom} lacks the scope {route.scope}.")
        return caller

    async def _who(self, request: web.Request, route: Route, now: datetime) -> Caller:
        if "Authorization" in request.headers:
            return await self._machine(request, now)
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise Problem(UNAUTHENTICATED, "Send an API token as a bearer (RFC 6750), or sign in.")
        if request.method in READING:
            check_navigation(request.headers)
        else:
            check_csrf(request.headers, cookie, self._origin)
        by_itself = route.locked or route.background or BACKGROUND in request.headers
        return await self._sessions.caller(cookie, now, locked=route.locked, active=not by_itself)

    async def _machine(self, request: web.Request, now: datetime) -> Caller:
        try:
            return await self._tokens.authenticate(_bearer(request), now)
        except Problem:
            await self._refused.note(source(request.remote), now)
            raise


def _bearer(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Problem(UNAUTHENTICATED, "Send an API token as a bearer (RFC 6750), or sign in.")
    return token
