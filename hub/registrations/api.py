"""HTTP: what administrators do with registrations."""

from datetime import datetime
from typing import Annotated

import msgspec

from hub.errors import NOT_FOUND, REGISTRATION_STATE
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.actors import Actor
from hub.operators.tokens import TokenScope
from hub.protocol.vocabulary import Site
from hub.public.words import Language
from hub.registrations.desk import Decided, Desk
from hub.registrations.records import Registration
from hub.registrations.retention import State


class RegistrationAnswer(msgspec.Struct, frozen=True):
    """A registration. `ends` is when it is deleted if nothing happens to it before."""

    id: str
    state: State
    name: str
    address: str
    email: str | None
    phone: str | None
    site: Site
    cameras: int | None
    note: str
    language: Language
    created: datetime
    confirmed: datetime | None
    decided: datetime | None
    enrolled: datetime | None
    ends: datetime


class RegistrationList(msgspec.Struct, frozen=True):
    """All registrations that are still kept, oldest first."""

    registrations: list[RegistrationAnswer]


class Decision(msgspec.Struct, frozen=True):
    """What came of it. `code` is there if no mail was sent: hand it over, it is shown this once."""

    registration: RegistrationAnswer
    mailed: bool
    code: str | None = None
    code_ends: datetime | None = None


class Refusing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the city declines, in words for the resident."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class DeletedRegistration(msgspec.Struct, frozen=True):
    """What was deleted."""

    id: str


class RegistrationsApi:
    """The routes of administrators."""

    def __init__(self, desk: Desk) -> None:
        """Take the desk."""
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        scope, one = TokenScope.REGISTRATIONS_WRITE, "/api/v1/registrations/{registration}"
        return [
            Route(
                method="GET",
                path="/api/v1/registrations",
                handler=self.list_registrations,
                summary="The registrations of residents",
                scope=scope,
                answer=RegistrationList,
            ),
            Route(
                method="POST",
                path=f"{one}/confirm",
                handler=self.confirm_registration,
                summary="Confirm a registration after the resident was asked",
                scope=scope,
                answer=RegistrationAnswer,
                problems=(NOT_FOUND, REGISTRATION_STATE),
            ),
            Route(
                method="POST",
                path=f"{one}/approve",
                handler=self.approve_registration,
                summary="Approve a confirmed registration: makes and sends its enrolment code",
                scope=scope,
                answer=Decision,
                problems=(NOT_FOUND, REGISTRATION_STATE),
            ),
            Route(
                method="POST",
                path=f"{one}/decline",
                handler=self.decline_registration,
                summary="Decline a registration, with a reason for the resident",
                scope=scope,
                body=Refusing,
                answer=Decision,
                problems=(NOT_FOUND, REGISTRATION_STATE),
            ),
            Route(
                method="DELETE",
                path=one,
                handler=self.delete_registration,
                summary="Delete a registration and what was written in it",
                scope=scope,
                answer=DeletedRegistration,
                problems=(NOT_FOUND,),
            ),
        ]

    async def list_registrations(self, _call: Call[Nothing, Nothing]) -> Answer:
        """List the registrations."""
        found = await self._desk.registrations.list()
        return Answer(RegistrationList([_answer(one) for one in found]))

    async def confirm_registration(self, call: Call[Nothing, Nothing]) -> Answer:
        """Confirm by hand."""
        id_, actor = call.path["registration"], Actor.of(call.who)
        return Answer(_answer(await self._desk.registrations.confirm_by_hand(id_, actor)))

    async def approve_registration(self, call: Call[Nothing, Nothing]) -> Answer:
        """Approve."""
        return _decided(await self._desk.approve(call.path["registration"], Actor.of(call.who)))

    async def decline_registration(self, call: Call[Nothing, Refusing]) -> Answer:
        """Decline."""
        id_, actor = call.path["registration"], Actor.of(call.who)
        return _decided(await self._desk.decline(id_, call.body.reason, actor))

    async def delete_registration(self, call: Call[Nothing, Nothing]) -> Answer:
        """Delete."""
        id_ = call.path["registration"]
        await self._desk.registrations.delete(id_, Actor.of(call.who))
        return Answer(DeletedRegistration(id_))


def _decided(decided: Decided) -> Answer:
    approval = decided.approval
    return Answer(
        Decision(
            registration=_answer(decided.registration),
            mailed=decided.mailed,
            code=None if approval is None or decided.mailed else str(approval.code),
            code_ends=None if approval is None else approval.until,
        )
    )


def _answer(one: Registration) -> RegistrationAnswer:
    wish = one.wish
    return RegistrationAnswer(
        id=one.id,
        state=one.state,
        name=wish.name,
        address=wish.address,
        email=wish.email,
        phone=wish.phone,
        site=wish.site,
        cameras=wish.cameras,
        note=wish.note,
        language=wish.language,
        created=one.created,
        confirmed=one.confirmed,
        decided=one.decided,
        enrolled=one.enrolled,
        ends=one.ends,
    )
