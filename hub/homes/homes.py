"""The homes that are enrolled: who may speak, with which key and which certificates."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import (
    CODE_EXPIRED,
    CODE_UNKNOWN,
    HOME_UNKNOWN,
    REFUSED_STATEMENT,
    RULES_CHANGED,
    Problem,
)
from hub.homes.authority import Authority, HomeCertificate
from hub.homes.certificates import Revoked, key_of_csr
from hub.homes.codes import Codes
from hub.homes.records import end_home, note_certificate, note_consent, take_code
from hub.protocol.consent import Consent, State, verify_consent
from hub.protocol.documents import Policy, Waiver
from hub.protocol.enrolment import verify_enrolment, verify_renewal
from hub.protocol.errors import Rejected
from hub.protocol.keys import from_jwk, to_jwk
from hub.protocol.status import Status, verify_status
from hub.protocol.tokens import Verifier
from hub.store.tables import cameras, certificates, homes
from hub.transparency.log import COMMANDS, PUBLIC, AccessLog

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRecord:
    """An enrolled home, for a person at the hub."""

    home: str
    name: str
    enrolled: datetime
    removed: datetime | None


class Homes:
    """The enrolled homes, in the database and by their keys in memory."""

    def __init__(
        self,
        engine: AsyncEngine,
        authority: Authority,
        hub: str,
        waiver: Waiver,
        policy: Policy,
        log: AccessLog,
    ) -> None:
        """Take the database, the CA, the hub's id, the rules in force and the access log.

        `on_removed(home)` is called for a home that may not speak any more, `on_crl()` when the
        revocation list was written and the broker should read it.
        """
        self.on_removed: Callable[[str], None] = _nobody_listens
        self.on_crl: Callable[[], None] = _nothing_to_do
        self._engine = engine
        self._authority = authority
        self._log = log
        self._codes = Codes(engine, log, authority.der)
        self._hub = hub
        self._waiver = waiver
        self._policy = policy
        self._verifiers: dict[str, Verifier] = {}

    def verifier(self, home: str) -> Verifier | None:
        """Return the key that this home signs with, or None if it is not enrolled (any more)."""
        return self._verifiers.get(home)

    def __len__(self) -> int:
        """Return how many homes are enrolled."""
        return len(self._verifiers)

    async def load(self, now: datetime) -> None:
        """Read the enrolled homes, at the start and when another process changed them."""
        # A home may enrol while the database answers: only those known before can be gone.
        known = set(self._verifiers)
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(homes.c.home, homes.c.key_x).where(homes.c.removed.is_(None))
            )
            keys = {row.home: row.key_x for row in rows}
        gone = known - keys.keys()
        for home in keys.keys() - self._verifiers.keys():
            self._verifiers[home] = Verifier(_public_key(keys[home]))
        # First what needs no disk: a home that cannot be revoked at the broker is gone here.
        for home in gone:
            self._verifiers.pop(home, None)
            _LOGGER.info("Home %s was removed", home)
            self.on_removed(home)
        await self._write_crl(now)

    async def list(self) -> list[HomeRecord]:
        """Return every home that ever enrolled, oldest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(homes).order_by(homes.c.enrolled))
            return [
                HomeRecord(home=row.home, name=row.name, enrolled=row.enrolled, removed=row.removed)
                for row in rows
            ]

    async def enrol(self, token: str, key: Mapping[str, Any], now: datetime) -> dict[str, str]:
        """Take a home in and return what `Enrolled.parse` reads.

        The same code with the same key gives the same home again while the code lives: the answer
        may have been lost.

        Raises:
            Problem: `refused-statement`, `rules-changed`, `code-unknown`, `code-expired`,
                `code-used`.

        """
        try:
            enrolment = verify_enrolment(token, to_jwk(from_jwk(dict(key))), self._hub, now)
            certified = key_of_csr(enrolment.csr)
        except Rejected as err:
            raise _refused(err) from err
        self._check_rules(enrolment.consent.consent)
        code = await self._codes.find(enrolment.code)
        if code is None:
            raise Problem(CODE_UNKNOWN, "ask the city for a new code")
        if code.expires <= now:
            raise Problem(CODE_EXPIRED, "ask the city for a new code")
        async with self._log.writing() as page:
            home = await take_code(page, enrolment, now)
            certificate = self._authority.sign_home(certified, home, now)
            await note_certificate(page.connection, home, certificate)
        self._verifiers[home] = Verifier(from_jwk(enrolment.key))
        _LOGGER.info("Home %s enrolled", home)
        return self._answer(home, certificate)

    async def renew(self, home: str, token: str, now: datetime) -> dict[str, str]:
        """Give a home its next certificate; the one it has stays good until its end.

        Raises:
            Problem: `home-unknown`, `refused-statement`.

        """
        verifier = self._enrolled(home)
        try:
            certified = key_of_csr(verify_renewal(token, verifier, home, self._hub, now))
        except Rejected as err:
            raise _refused(err) from err
        async with self._engine.begin() as connection:
            # Written before it is signed: whoever removes the home meanwhile comes before or after.
            kept = await connection.execute(
                update(homes)
                .where(homes.c.home == home, homes.c.removed.is_(None))
                .values(home=home)
            )
            if not kept.rowcount:
                raise _unknown()
            certificate = self._authority.sign_home(certified, home, now)
            await note_certificate(connection, home, certificate)
        _LOGGER.info("Home %s has a new certificate until %s", home, certificate.ends)
        return self._answer(home, certificate)

    async def consent(self, home: str, token: str, now: datetime) -> State:
        """Keep what an owner signed: rules accepted anew, or everything withdrawn.

        Raises:
            Problem: `home-unknown`, `refused-statement`, `rules-changed`.

        """
        verifier = self._enrolled(home)
        try:
            signed = verify_consent(token, verifier, home, self._hub, now)
        except Rejected as err:
            raise _refused(err) from err
        consent = signed.consent
        given = consent.state is State.GIVEN
        if given:
            self._check_rules(consent)
        async with self._log.writing() as page:
            await note_consent(page, home, signed)
            if given:
                await page.connection.execute(
                    update(homes)
                    .where(homes.c.home == home)
                    .values(
                        name=consent.name,
                        waiver=consent.waiver.digest,
                        policy=consent.policy.digest,
                    )
                )
            else:
                await end_home(page, home, now, PUBLIC)
        if not given:
            await self.load(now)
        _LOGGER.info("Consent of home %s: %s", home, consent.state)
        return consent.state

    async def status(self, home: str, token: str, now: datetime) -> Status:
        """Tell a home what the hub holds of it.

        Raises:
            Problem: `home-unknown`, `refused-statement`.

        """
        try:
            verify_status(token, self._enrolled(home), home, self._hub, now)
        except Rejected as err:
            raise _refused(err) from err
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(cameras.c.camera, cameras.c.seq).where(cameras.c.home == home)
            )
            seqs = {row.camera: row.seq for row in rows}
        return Status(seqs=seqs, waiver=self._waiver.digest, policy=self._policy.digest)

    async def remove(
        self, home: str, now: datetime, *, actor: str = COMMANDS, role: str | None = None
    ) -> None:
        """End a home: its key is not believed any more and its certificates are revoked.

        Again for a home that was removed before, in case that something failed then.

        Raises:
            Problem: `home-unknown`.

        """
        async with self._log.writing() as page:
            await end_home(page, home, now, actor, role)
        await self.load(now)

    def _enrolled(self, home: str) -> Verifier:
        verifier = self.verifier(home)
        if verifier is None:
            raise _unknown()
        return verifier

    def _check_rules(self, consent: Consent) -> None:
        accepted = consent.waiver.digest, consent.policy.digest
        in_force = self._waiver.digest, self._policy.digest
        if consent.state is not State.GIVEN or accepted != in_force:
            raise Problem(
                RULES_CHANGED, "what was accepted is not what is in force: read and accept it anew"
            )

    def _answer(self, home: str, certificate: HomeCertificate) -> dict[str, str]:
        return {"home": home, "certificate": certificate.pem, "ca": self._authority.pem}

    async def _write_crl(self, now: datetime) -> None:
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(certificates.c.serial, certificates.c.revoked).where(
                    certificates.c.revoked.is_not(None), certificates.c.ends > now
                )
            )
            revoked = [Revoked(row.serial, row.revoked) for row in rows]
        self._authority.write_crl(revoked, now)
        self.on_crl()


def _unknown() -> Problem:
    return Problem(HOME_UNKNOWN, "this home is not enrolled, or was removed: enrol again")


def _refused(err: Rejected) -> Problem:
    return Problem(REFUSED_STATEMENT, err.detail, reason=err.reason)


def _public_key(x: str) -> Ed25519PublicKey:
    return from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x})


def _nobody_listens(_home: str) -> None:
    pass


def _nothing_to_do() -> None:
    pass
