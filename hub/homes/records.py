"""What the store and the access log keep of a home, written together."""

import secrets
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.errors import CODE_USED, HOME_UNKNOWN, Problem
from hub.homes.authority import HomeCertificate
from hub.homes.codes import code_id
from hub.protocol.consent import SignedConsent, State
from hub.protocol.enrolment import Enrolment, proof_digest
from hub.protocol.entries import EntryKind
from hub.protocol.keys import from_jwk, thumbprint
from hub.store.tables import certificates, codes, consents, homes
from hub.transparency.log import PUBLIC, Page

_HOME_ID_BYTES = 8


async def take_code(page: Page, enrolment: Enrolment, now: datetime) -> str:
    """Use the code up for a new home, or find the home that the same key made with it before."""
    connection = page.connection
    digest, accepted = proof_digest(enrolment.code), enrolment.consent.consent
    home = secrets.token_hex(_HOME_ID_BYTES)
    taken = await connection.execute(
        update(codes)
        .where(codes.c.digest == digest, codes.c.used.is_(None))
        .values(used=now, home=home)
    )
    if taken.rowcount:
        await connection.execute(
            insert(homes).values(
                home=home,
                key_x=enrolment.key["x"],
                name=accepted.name,
                waiver=accepted.waiver.digest,
                policy=accepted.policy.digest,
                enrolled=now,
            )
        )
        page.add(
            EntryKind.HOME,
            actor=PUBLIC,
            outcome="enrolled",
            home=home,
            about={"code": code_id(digest), "key": thumbprint(from_jwk(enrolment.key))},
        )
        await note_consent(page, home, enrolment.consent)
        return home
    before = (
        await connection.execute(
            select(homes.c.home)
            .join(codes, codes.c.home == homes.c.home)
            .where(
                codes.c.digest == digest,
                homes.c.key_x == enrolment.key["x"],
                homes.c.removed.is_(None),
            )
        )
    ).scalar_one_or_none()
    if before is None:
        raise Problem(CODE_USED, "each code is good for one home: ask the city for a new one")
    return str(before)


async def note_consent(page: Page, home: str, signed: SignedConsent) -> None:
    """Keep a record; sent again because the answer was lost, it is the same one."""
    consent, connection = signed.consent, page.connection
    known = await connection.execute(select(consents.c.id).where(consents.c.id == consent.id))
    if known.first() is not None:
        return
    await connection.execute(
        insert(consents).values(
            id=consent.id, home=home, state=consent.state, at=consent.at, token=signed.token
        )
    )
    page.add(
        EntryKind.HOME,
        actor=PUBLIC,
        outcome="accepted" if consent.state is State.GIVEN else "withdrawn",
        home=home,
        about={
            "consent": consent.id,
            "waiver": consent.waiver.digest,
            "policy": consent.policy.digest,
        },
    )


async def end_home(
    page: Page, home: str, now: datetime, actor: str, role: str | None = None
) -> None:
    """End a home; again for one that has ended before.

    Raises:
        Problem: `home-unknown`.

    """
    connection = page.connection
    ended = await connection.execute(
        update(homes).where(homes.c.home == home, homes.c.removed.is_(None)).values(removed=now)
    )
    if ended.rowcount:
        page.add(EntryKind.HOME, actor=actor, role=role, outcome="removed", home=home, about={})
    elif (
        await connection.execute(select(homes.c.home).where(homes.c.home == home))
    ).first() is None:
        raise Problem(HOME_UNKNOWN, f"there is no enrolled home {home}")
    await connection.execute(
        update(certificates)
        .where(certificates.c.home == home, certificates.c.revoked.is_(None))
        .values(revoked=now)
    )


async def note_certificate(
    connection: AsyncConnection, home: str, certificate: HomeCertificate
) -> None:
    """Keep what is needed to revoke a certificate."""
    await connection.execute(
        insert(certificates).values(serial=certificate.serial, home=home, ends=certificate.ends)
    )
