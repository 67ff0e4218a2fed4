"""Reviews: what the hub puts before supervisors, each to be signed by one whom it is not about."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.errors import FORBIDDEN, NOT_FOUND, REVIEW_SIGNED, Problem
from hub.operators.tokens import Caller
from hub.protocol.documents import canonical
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.store.tables import reviews as table
from hub.transparency.log import HUB, AccessLog, Page

BROKEN_GLASS_DUE = timedelta(hours=72)
DUE = timedelta(days=7)
_MOST = 500


class Cause(StrEnum):
    """Why the hub filed a review."""

    BREAK_GLASS = "break_glass"
    REPEAT = "repeat"
    OFF_SHIFT = "off_shift"
    OWN_ADDRESS = "own_address"
    FISHING = "fishing"
    WEEKLY = "weekly"


class Verdict(StrEnum):
    """What a supervisor found."""

    JUSTIFIED = "justified"
    MISUSE = "misuse"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What shall be reviewed. `key` names the cause and its day: nothing is filed twice."""

    cause: Cause
    key: str
    subject: str | None
    about: Mapping[str, object]
    incident: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review that was filed, and its signature if it has one."""

    id: str
    finding: Finding
    filed: datetime
    due: datetime
    signed: datetime | None
    signed_by: str | None
    verdict: Verdict | None
    note: str | None

    def overdue(self, now: datetime) -> bool:
        """Tell whether it should have been signed."""
        return self.signed is None and now >= self.due


class Reviews:
    """All reviews."""

    def __init__(self, engine: AsyncEngine, log: AccessLog) -> None:
        """Take the store and the access log."""
        self._engine = engine
        self._log = log

    async def file(
        self, page: Page, finding: Finding, now: datetime, due: timedelta = DUE
    ) -> str | None:
        """File a review and return its id, or None if it was filed before."""
        known = select(table.c.id).where(table.c.key == finding.key)
        if (await page.connection.execute(known)).one_or_none() is not None:
            return None
        id_ = secrets.token_hex(8)
        about = canonical(dict(finding.about)).decode()
        await page.connection.execute(
            insert(table).values(
                id=id_,
                cause=finding.cause,
                key=finding.key,
                subject=finding.subject,
                incident=finding.incident,
                filed=now,
                due=now + due,
                about=about,
            )
        )
        page.add(
            EntryKind.REVIEW,
            actor=HUB,
            outcome="filed",
            about={
                "review": id_,
                "cause": finding.cause,
                "subject": finding.subject,
                "incident": finding.incident,
            },
        )
        return id_

    async def known(self, keys: list[str]) -> set[str]:
        """Return which of these were filed."""
        async with self._engine.connect() as connection:
            return set(
                (
                    await connection.execute(select(table.c.key).where(table.c.key.in_(keys)))
                ).scalars()
            )

    async def overdue(self, connection: AsyncConnection, subject: str, now: datetime) -> bool:
        """Tell whether a break-glass of this operator should have been reviewed, and was not."""
        return bool(
            (
                await connection.execute(
                    select(func.count())
                    .select_from(table)
                    .where(
                        table.c.subject == subject,
                        table.c.cause == Cause.BREAK_GLASS,
                        table.c.signed.is_(None),
                        table.c.due <= now,
                    )
                )
            ).scalar_one()
        )

    async def list(self, *, signed: bool | None = None) -> list[Review]:
        """Return the newest reviews, newest first; only those that are signed, or that are not."""
        query = select(table).order_by(table.c.filed.desc(), table.c.id).limit(_MOST)
        if signed is not None:
            query = query.where(table.c.signed.is_not(None) if signed else table.c.signed.is_(None))
        async with self._engine.connect() as connection:
            return [_read(row) for row in await connection.execute(query)]

    async def sign(
        self, id_: str, verdict: Verdict, note: str, caller: Caller, now: datetime
    ) -> Review:
        """Sign a review.

        Raises:
            Problem: `not-found`; `forbidden` for whoever is no supervisor or is its subject;
                `review-signed`.

        """
        if caller.role is not Role.SUPERVISOR:
            raise Problem(FORBIDDEN, "Only a supervisor signs a review.")
        async with self._log.writing() as page:
            row = (
                await page.connection.execute(select(table).where(table.c.id == id_))
            ).one_or_none()
            if row is None:
                raise Problem(NOT_FOUND, f"There is no review {id_}.")
            if row.subject == caller.pseudonym:
                raise Problem(FORBIDDEN, "Somebody else has to sign: this review is about you.")
            if row.signed is not None:
                raise Problem(REVIEW_SIGNED, f"It was signed by {row.signed_by}.")
            await page.connection.execute(
                update(table)
                .where(table.c.id == id_)
                .values(signed=now, signed_by=caller.pseudonym, finding=verdict, note=note)
            )
            # The note is a person's own words, which may name somebody: it stays in the table.
            page.add(
                EntryKind.REVIEW,
                actor=caller.pseudonym,
                role=caller.role,
                outcome=verdict,
                about={"review": id_, "cause": row.cause, "subject": row.subject},
            )
            signed = (await page.connection.execute(select(table).where(table.c.id == id_))).one()
        return _read(signed)


def _read(row: Row[tuple[object, ...]]) -> Review:
    return Review(
        id=row.id,
        finding=Finding(
            cause=Cause(row.cause),
            key=row.key,
            subject=row.subject,
            incident=row.incident,
            about=json.loads(row.about),
        ),
        filed=row.filed,
        due=row.due,
        signed=row.signed,
        signed_by=row.signed_by,
        verdict=Verdict(row.finding) if row.finding else None,
        note=row.note,
    )
