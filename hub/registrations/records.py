"""A registration as it is read from the store."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select

from hub.protocol.enrolment import Code
from hub.protocol.vocabulary import Site
from hub.public.words import Language
from hub.registrations.form import Wish
from hub.registrations.retention import Standing, State, kept_until
from hub.store.tables import codes, registrations

JOINED = select(registrations, codes.c.expires, codes.c.used).join_from(
    registrations, codes, registrations.c.code == codes.c.digest, isouter=True
)
"""Every registration, with the end and the use of its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration; `ends` is when it is deleted if nothing happens to it before."""

    id: str
    state: State
    wish: Wish
    created: datetime
    confirmed: datetime | None
    decided: datetime | None
    enrolled: datetime | None
    ends: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """An approved registration, and its code, which nobody can read again."""

    registration: Registration
    code: Code
    until: datetime


def read(row: Row[tuple[object, ...]]) -> Registration:
    """Read a row of `JOINED`."""
    state = State(row.state)
    return Registration(
        id=row.id,
        state=state,
        wish=Wish(
            name=row.name,
            address=row.address,
            email=row.email,
            phone=row.phone,
            site=Site(row.site),
            cameras=row.cameras,
            note=row.note,
            language=Language(row.language),
        ),
        created=row.created,
        confirmed=row.confirmed,
        decided=row.decided,
        enrolled=row.used,
        ends=kept_until(
            Standing(
                state=state,
                created=row.created,
                confirmed=row.confirmed,
                decided=row.decided,
                code_ends=row.expires,
                used=row.used,
            )
        ),
    )
