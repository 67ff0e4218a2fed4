"""Puts the operators' room together: accounts, passkeys, sessions, tokens, and who calls."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.http.routes import Route
from hub.operators.account_api import AccountApi
from hub.operators.accounts import Accounts
from hub.operators.authentication import Authentication
from hub.operators.challenges import Challenges
from hub.operators.door import Door
from hub.operators.join_api import JoinApi
from hub.operators.joining import Joining
from hub.operators.operators_api import OperatorsApi
from hub.operators.pages.api import PagesApi
from hub.operators.provider import Provider
from hub.operators.provider_api import ProviderApi
from hub.operators.provider_sign_in import ProviderSignIn
from hub.operators.refusals import Refusals
from hub.operators.refused_tokens import RefusedTokens
from hub.operators.session_api import SessionApi
from hub.operators.sessions import Sessions
from hub.operators.sign_in import SignIn
from hub.operators.sign_in_links import SignInLinks
from hub.operators.sign_in_links_api import SignInLinksApi
from hub.operators.tokens import Tokens
from hub.operators.tokens_api import TokensApi
from hub.transparency.log import AccessLog


class Operators:
    """The room of those who look: people with accounts, and machines with tokens."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        tokens: Tokens,
        door: Door,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, the log, the machines' tokens, the door's settings, and the clock."""
        self.door = door
        self.sessions = Sessions(engine, log, door.idle)
        self.accounts = Accounts(engine, log, self.sessions.told_ended)
        self.authenticate = Authentication(tokens, RefusedTokens(log), self.sessions, door.origin)
        self._challenges = Challenges(engine)
        self._refusals = Refusals(log, self.sessions.told_ended)
        self._sign_in = SignIn(engine, log, self.sessions, self._challenges, self._refusals, door)
        self._joining = Joining(engine, log, self._challenges, self._refusals, door)
        self._engine = engine
        self._log = log
        self._tokens = tokens
        self._now = now
        self._provider = None if door.oidc is None else Provider(door.oidc, door.origin)

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        now, door = self._now, self.door
        routes = [
            *SessionApi(self._sign_in, self.sessions, door, now).routes(),
            *JoinApi(self._joining, door.origin, now).routes(),
            *AccountApi(self._engine, self.accounts, self.sessions, door.origin, now).routes(),
            *OperatorsApi(self.accounts, self.sessions, door.origin, now).routes(),
            *TokensApi(self._tokens, now).routes(),
            *PagesApi(door).routes(),
        ]
        if self._provider is not None:
            signing = ProviderSignIn(
                self._engine,
                self._log,
                self._provider,
                self._sign_in,
                self._challenges,
                self._refusals,
            )
            routes += ProviderApi(signing, door, now).routes()
        if door.links:
            links = SignInLinks(self._sign_in, self._challenges, self._refusals)
            routes += SignInLinksApi(links, door, now).routes()
        return routes

    async def sweep(self) -> None:
        """Do what time asks for: lock, end, disable, forget."""
        now = self._now()
        await self.sessions.sweep(now)
        await self.accounts.sweep(now)
        await self._challenges.sweep(now)

    async def close(self) -> None:
        """Let go of the connections to the provider."""
        if self._provider is not None:
            await self._provider.close()
