"""Joining: who holds an invitation makes a passkey, and the invitation is used up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import ACCOUNT_STATE, Problem
from hub.operators.accounts import account_of
from hub.operators.challenges import Challenges, Purpose
from hub.operators.door import Door
from hub.operators.invitations import invited, use_invitation
from hub.operators.passkeys import NewPasskey, add_passkey, passkeys_of
from hub.operators.refusals import Refusal, Refusals
from hub.operators.secret import digest
from hub.operators.webauthn import Untrusted, WebAuthn, challenge_of
from hub.protocol.entries import EntryKind
from hub.transparency.log import AccessLog


class Joining:
    """What an invitation opens."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        challenges: Challenges,
        refusals: Refusals,
        door: Door,
    ) -> None:
        """Take the store, the log, and the rest of the room."""
        self._engine = engine
        self._log = log
        self._challenges = challenges
        self._refusals = refusals
        self._webauthn = WebAuthn(door.rp_id, door.origin, door.title)

    async def ask(self, secret: str, now: datetime) -> dict[str, Any]:
        """Return what a browser needs to make a passkey for who holds an invitation.

        Raises:
            Problem: as `invited`.

        """
        async with self._engine.connect() as connection:
            account = await account_of(connection, await invited(connection, secret, now))
            known = await passkeys_of(connection, account.id)
        challenge = await self._challenges.new(Purpose.JOIN, digest(secret), now)
        return self._webauthn.creation(
            account.id, account.name, [one.data for one in known], challenge
        )

    async def join(
        self, secret: str, answer: Mapping[str, Any], source: str, now: datetime
    ) -> None:
        """Keep the passkey that the holder of an invitation made, and use the invitation up.

        Raises:
            Problem: as `invited`; `sign-in-refused` if the passkey is not believed, or
                `account-state` if the account is disabled.

        """
        async with self._engine.connect() as connection:
            operator = await invited(connection, secret, now)
        made = await self._made(secret, answer, now)
        if isinstance(made, Refusal):
            await self._refusals.refuse(made, source)
        try:
            async with self._log.writing() as page:
                operator = await use_invitation(page.connection, secret, page.now)
                account = await account_of(page.connection, operator)
                if account.disabled is not None:
                    raise Problem(ACCOUNT_STATE, "The account is disabled.")
                await add_passkey(page.connection, operator, made, page.now)
                page.add(
                    EntryKind.OPERATOR,
                    actor=account.pseudonym,
                    role=account.role,
                    outcome="passkey-added",
                    about={"operator": operator, "passkey": made.id, "source": source},
                )
        except IntegrityError:
            await self._refusals.refuse(Refusal("known"), source)

    async def _made(
        self, secret: str, answer: Mapping[str, Any], now: datetime
    ) -> NewPasskey | Refusal:
        try:
            challenge = challenge_of(answer)
        except Untrusted:
            return Refusal("malformed")
        if await self._challenges.take(Purpose.JOIN, challenge, digest(secret), now) is None:
            return Refusal("challenge")
        try:
            return self._webauthn.registered(answer, challenge)
        except Untrusted:
            return Refusal("untrusted")
