"""Signing in by way of the city's provider: only who was invited, and only without a password."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.operators.accounts import Account, account_by
from hub.operators.challenges import Challenges, Purpose
from hub.operators.provider import Provider, ProviderError
from hub.operators.provider_rules import logins, resists_phishing, role_allowed, subject
from hub.operators.refusals import Refusal, Refusals
from hub.operators.secret import digest, new_secret
from hub.operators.sign_in import SignIn
from hub.protocol.entries import EntryKind
from hub.store.tables import operators
from hub.transparency.log import AccessLog

_LOGGER = logging.getLogger(__name__)
PROVIDER = "provider"
"""How a session began, as entries say it."""


class ProviderSignIn:
    """The way out to the provider and back."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        provider: Provider,
        sign_in: SignIn,
        challenges: Challenges,
        refusals: Refusals,
    ) -> None:
        """Take the store, the log, the provider, and the rest of the room."""
        self._engine = engine
        self._log = log
        self._provider = provider
        self._sign_in = sign_in
        self._challenges = challenges
        self._refusals = refusals

    async def leave(self, banner: str, now: datetime) -> tuple[str, str]:
        """Return where to send a browser, and the secret that it must bring back in a cookie.

        Raises:
            Problem: `banner`.
            ProviderError: if the provider does not answer.

        """
        self._sign_in.check_banner(banner)
        cookie, nonce, verifier = new_secret(), new_secret(), new_secret()
        kept = json.dumps({"nonce": nonce, "verifier": verifier, "banner": banner})
        state = await self._challenges.new(Purpose.PROVIDER, digest(cookie), now, kept)
        return await self._provider.address(state.hex(), nonce, verifier, now), cookie

    async def arrive(self, code: str, state: str, cookie: str, source: str, now: datetime) -> str:
        """Begin a session for who comes back; return its cookie's secret.

        Raises:
            Problem: `sign-in-refused`, which does not say why; the log does.

        """
        kept = await self._kept(state, cookie, now)
        if kept is None:
            await self._refusals.refuse(Refusal("challenge"), source)
        try:
            claims = await self._provider.claims(code, kept["nonce"], kept["verifier"], now)
        except ProviderError as err:
            _LOGGER.warning("The provider of sign-ins is not believed: %s", err)
            await self._refusals.refuse(Refusal("provider"), source)
        account = await self._account(claims)
        if account is None:
            await self._refusals.refuse(Refusal("unknown"), source)
        settings = self._provider.settings
        if not resists_phishing(claims, settings):
            await self._refusals.refuse(Refusal("weak", account.id), source)
        if not role_allowed(claims, settings, account.role):
            await self._refusals.refuse(Refusal("role", account.id), source)
        if account.subject is None:
            await self._link(account, subject(claims, settings.issuer), source)
        secret, _ = await self._sign_in.admit(
            account.id, PROVIDER, source, {"banner": kept["banner"]}
        )
        return secret

    async def _kept(self, state: str, cookie: str, now: datetime) -> dict[str, str] | None:
        try:
            challenge = bytes.fromhex(state)
        except ValueError:
            return None
        kept = await self._challenges.take(Purpose.PROVIDER, challenge, digest(cookie), now)
        return None if kept is None else json.loads(kept)

    async def _account(self, claims: Mapping[str, Any]) -> Account | None:
        """Return the account that is linked to the person, or that waits to be."""
        linked = subject(claims, self._provider.settings.issuer)
        async with self._engine.connect() as connection:
            if (account := await account_by(connection, subject=linked)) is not None:
                return account
            for login in logins(claims):
                account = await account_by(connection, login=login)
                # What is linked to another person is theirs, whatever this one is called now.
                if account is not None and account.subject is None:
                    return account
        return None

    async def _link(self, account: Account, linked: str, source: str) -> None:
        try:
            async with self._log.writing() as page:
                done = await page.connection.execute(
                    update(operators)
                    .where(operators.c.id == account.id, operators.c.subject.is_(None))
                    .values(subject=linked)
                )
                if done.rowcount:
                    page.add(
                        EntryKind.OPERATOR,
                        actor=account.pseudonym,
                        role=account.role,
                        outcome="linked",
                        about={"operator": account.id, "source": source},
                    )
        except IntegrityError:
            done = None
        if done is None or not done.rowcount:
            await self._refusals.refuse(Refusal("unknown"), source)
