"""Signing in, unlocking and signing out: each with its entry, failures too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import BANNER, UNAUTHENTICATED, Problem
from hub.operators.accounts import Account, account_of
from hub.operators.challenges import Challenges, Purpose
from hub.operators.door import Door
from hub.operators.passkeys import Passkey, find_passkey, note_shown, passkeys_of
from hub.operators.refusals import Refusal, Refusals
from hub.operators.session_rules import Session
from hub.operators.sessions import Sessions, end_sessions, take_up
from hub.operators.webauthn import Untrusted, WebAuthn, challenge_of, passkey_of
from hub.protocol.entries import EntryKind
from hub.store.tables import failures, operators
from hub.transparency.log import AccessLog, Page

PASSKEY = "passkey"
"""How a session began, as entries say it; the other way is `provider`."""


class SignIn:
    """What happens at the door."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        sessions: Sessions,
        challenges: Challenges,
        refusals: Refusals,
        door: Door,
    ) -> None:
        """Take the store, the log, and the rest of the room."""
        self._engine = engine
        self._log = log
        self._sessions = sessions
        self._challenges = challenges
        self._refusals = refusals
        self._door = door
        self._webauthn = WebAuthn(door.rp_id, door.origin, door.title)

    async def ask(self, banner: str, now: datetime) -> dict[str, Any]:
        """Return what a browser needs to show a passkey, to one who acknowledged the banner.

        Raises:
            Problem: `banner`.

        """
        self.check_banner(banner)
        challenge = await self._challenges.new(Purpose.SIGN_IN, "", now, banner)
        return self._webauthn.request([], challenge)

    def check_banner(self, banner: str) -> None:
        """Check that a banner was acknowledged.

        Raises:
            Problem: `banner`.

        """
        if not self._door.acknowledged(banner):
            raise Problem(BANNER, "Acknowledge the banner that the sign-in page shows.")

    async def sign_in(
        self, answer: Mapping[str, Any], source: str, now: datetime
    ) -> tuple[str, Session]:
        """Begin a session for who shows a passkey; return the cookie's secret.

        Raises:
            Problem: `sign-in-refused`, which does not say why; the log does.

        """
        found = await self._shown(answer, Purpose.SIGN_IN, "", now)
        if isinstance(found, Refusal):
            await self._refusals.refuse(found, source)
        passkey, counter, banner = found
        return await self.admit(
            passkey.operator, PASSKEY, source, {"banner": banner}, passkey, counter
        )

    async def ask_again(self, session: Session, now: datetime) -> dict[str, Any]:
        """Return what the browser of a session needs to show a passkey of the same operator."""
        challenge = await self._challenges.new(Purpose.UNLOCK, session.id, now)
        async with self._engine.connect() as connection:
            known = await passkeys_of(connection, session.operator)
        return self._webauthn.request([one.data for one in known], challenge)

    async def unlock(
        self, session: Session, answer: Mapping[str, Any], source: str, now: datetime
    ) -> None:
        """Let a session go on whose operator shows a passkey.

        Raises:
            Problem: `sign-in-refused`, or `unauthenticated` if the session is over.

        """
        found = await self._shown(answer, Purpose.UNLOCK, session.id, now)
        if isinstance(found, Refusal):
            # Whatever was shown, somebody at this operator's session failed.
            await self._refusals.refuse(Refusal(found.why, session.operator), source, session.id)
        passkey, counter, _ = found
        if passkey.operator != session.operator:
            await self._refusals.refuse(Refusal("foreign", session.operator), source, session.id)
        refused = None
        async with self._log.writing() as page:
            account = await account_of(page.connection, session.operator)
            if not await note_shown(page.connection, passkey, counter, page.now):
                refused = Refusal("counter", account.id)
            elif not account.open or not await take_up(page.connection, session.id, page.now):
                raise Problem(UNAUTHENTICATED, "The session is over: sign in.")
            else:
                await _used(page, account)
                page.add(
                    EntryKind.SESSION,
                    actor=account.pseudonym,
                    role=account.role,
                    outcome="authenticated",
                    about={"session": session.id, "source": source, "via": PASSKEY},
                )
        if refused:
            await self._refusals.refuse(refused, source, session.id)

    async def sign_out(self, session: Session) -> None:
        """End a session at its holder's wish."""
        async with self._log.writing() as page:
            account = await account_of(page.connection, session.operator)
            ended = await end_sessions(page, session.operator, "signed-out", session.id)
            for one in ended:
                page.add(
                    EntryKind.SESSION,
                    actor=account.pseudonym,
                    role=account.role,
                    outcome="signed-out",
                    about={"session": one},
                )
        self._sessions.told_ended(ended)

    async def admit(
        self,
        operator: str,
        via: str,
        source: str,
        about: Mapping[str, object],
        passkey: Passkey | None = None,
        counter: int = 0,
    ) -> tuple[str, Session]:
        """Begin a session for who proved to be this operator.

        Raises:
            Problem: `sign-in-refused` if the account is closed or the passkey was copied.

        """
        found: tuple[str, Session] | Refusal
        async with self._log.writing() as page:
            account = await account_of(page.connection, operator)
            if not account.open:
                found = Refusal("locked" if account.disabled is None else "disabled", operator)
            elif passkey and not await note_shown(page.connection, passkey, counter, page.now):
                found = Refusal("counter", operator)
            else:
                await _used(page, account)
                found = await self._sessions.open(page, operator, via)
                page.add(
                    EntryKind.SESSION,
                    actor=account.pseudonym,
                    role=account.role,
                    outcome="signed-in",
                    about={"session": found[1].id, "source": source, "via": via, **about},
                )
        if isinstance(found, Refusal):
            await self._refusals.refuse(found, source)
        return found

    async def _shown(
        self, answer: Mapping[str, Any], purpose: Purpose, bound: str, now: datetime
    ) -> tuple[Passkey, int, str] | Refusal:
        """Return the passkey that was shown, its counter, and what was kept with the challenge."""
        try:
            challenge, shown = challenge_of(answer), passkey_of(answer)
        except Untrusted:
            return Refusal("malformed")
        async with self._engine.connect() as connection:
            passkey = await find_passkey(connection, shown)
        kept = await self._challenges.take(purpose, challenge, bound, now)
        if passkey is None:
            return Refusal("unknown")
        if kept is None:
            return Refusal("challenge", passkey.operator)
        try:
            counter = self._webauthn.shown(
                answer, challenge, passkey.operator, passkey.data, passkey.counter
            )
        except Untrusted as err:
            return Refusal("counter" if "counter" in str(err) else "untrusted", passkey.operator)
        return passkey, counter, kept


async def _used(page: Page, account: Account) -> None:
    await page.connection.execute(
        update(operators).where(operators.c.id == account.id).values(last_used=page.now)
    )
    await page.connection.execute(delete(failures).where(failures.c.operator == account.id))
