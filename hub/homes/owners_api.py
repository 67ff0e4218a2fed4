"""HTTP: what the hub holds about a home, and its deletion, for whoever holds the home's key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from hub.errors import HOME_UNKNOWN, REFUSED_STATEMENT
from hub.homes.api import HomeId, Token
from hub.homes.owners import Held, Owners
from hub.http.routes import Answer, Call, Nothing, Route


class OwnerDemand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A home's signed demand."""

    home: HomeId
    token: Token


class HeldCode(msgspec.Struct, frozen=True):
    """The enrolment code that the home used, with the label that the city gave it."""

    id: str
    label: str
    created: datetime
    expires: datetime
    used: datetime | None


class HeldConsent(msgspec.Struct, frozen=True):
    """A consent record; `token` is empty if its text was deleted."""

    id: str
    state: str
    at: datetime
    token: str
    sha256: str


class HeldCertificate(msgspec.Struct, frozen=True):
    """A certificate for the broker."""

    serial: str
    ends: datetime
    revoked: datetime | None


class HeldCamera(msgspec.Struct, frozen=True):
    """A camera: the highest number seen, and the newest grant if there is one."""

    camera: str
    seq: int
    ends: int
    grant: str | None


class HeldPicture(msgspec.Struct, frozen=True):
    """A picture of the home that an operator attached to an incident."""

    id: str
    look: str
    camera: str
    attached: datetime
    length: int
    sha256: str


class HeldRegistration(msgspec.Struct, frozen=True):
    """The registration that led to the enrolment, until it is deleted."""

    id: str
    name: str
    address: str
    email: str | None
    phone: str | None
    site: str
    cameras: int | None
    note: str
    created: datetime


class HeldRecord(msgspec.Struct, frozen=True):
    """Everything that the hub holds about a home; `looks` and `entries` are counts."""

    home: str
    name: str
    key: str
    waiver: str
    policy: str
    enrolled: datetime
    removed: datetime | None
    deleted: datetime | None
    codes: list[HeldCode]
    consents: list[HeldConsent]
    certificates: list[HeldCertificate]
    cameras: list[HeldCamera]
    pictures: list[HeldPicture]
    registrations: list[HeldRegistration]
    looks: int
    entries: int


class Deleted(msgspec.Struct, frozen=True):
    """When the home's data was deleted."""

    deleted: datetime


class OwnersApi:
    """The public routes for owners."""

    def __init__(self, owners: Owners) -> None:
        """Take what answers owners."""
        self._owners = owners

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="POST",
                path="/api/v1/homes/record",
                handler=self.get_record,
                summary="Everything that the hub holds about a home, for this home alone",
                scope=None,
                body=OwnerDemand,
                answer=HeldRecord,
                problems=(HOME_UNKNOWN, REFUSED_STATEMENT),
            ),
            Route(
                method="POST",
                path="/api/v1/homes/deletion",
                handler=self.delete_home,
                summary="End a home and delete what tells whose it was",
                scope=None,
                body=OwnerDemand,
                answer=Deleted,
                problems=(HOME_UNKNOWN, REFUSED_STATEMENT),
            ),
        ]

    async def get_record(self, call: Call[Nothing, OwnerDemand]) -> Answer:
        """Tell everything."""
        return Answer(_answer(await self._owners.record(call.body.home, call.body.token)))

    async def delete_home(self, call: Call[Nothing, OwnerDemand]) -> Answer:
        """Forget a home."""
        return Answer(Deleted(await self._owners.delete(call.body.home, call.body.token)))


def _answer(held: Held) -> HeldRecord:
    home = held.home
    return HeldRecord(
        home=home.home,
        name=home.name,
        key=home.key_x,
        waiver=home.waiver,
        policy=home.policy,
        enrolled=home.enrolled,
        removed=home.removed,
        deleted=home.deleted,
        codes=[_made(HeldCode, one) for one in held.codes],
        consents=[_made(HeldConsent, one, sha256=one["digest"]) for one in held.consents],
        certificates=[_made(HeldCertificate, one) for one in held.certificates],
        cameras=[_made(HeldCamera, one, grant=_text(one["token"])) for one in held.cameras],
        pictures=[_made(HeldPicture, one) for one in held.pictures],
        registrations=[_made(HeldRegistration, one) for one in held.registrations],
        looks=held.looks,
        entries=held.entries,
    )


def _made[T: msgspec.Struct](kind: type[T], row: Mapping[str, Any], **more: object) -> T:
    values = {**row, **more}
    return kind(**{name: values[name] for name in kind.__struct_fields__})


def _text(token: object) -> str | None:
    return token.decode("ascii") if isinstance(token, bytes) else None
