"""What the API of supervision takes and answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from hub.access.decide import Need
from hub.protocol.vocabulary import Role
from hub.supervision.approvals import Standing
from hub.supervision.report import Act
from hub.supervision.reviews import Cause, Review, Verdict
from hub.supervision.standing import Word

type Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
type Note = Annotated[str, msgspec.Meta(max_length=2_000)]
type Moment = Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339, with its offset")]


class NewApproval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A supervisor's word about what goes beyond one person's limits, and why."""

    decision: Literal["approve", "deny"]
    reason: Reason


class ApprovalAnswer(msgspec.Struct, frozen=True):
    """One word: about the circle, the longer time, or both. `reason` is in its author's words."""

    id: str
    decision: Word
    pseudonym: str
    role: Role
    at: datetime
    radius_m: float | None
    time: bool
    reason: str


class ApprovalList(msgspec.Struct, frozen=True):
    """What was said about an incident, oldest first, and what of it waits."""

    incident: str
    waits: list[Need]
    approvals: list[ApprovalAnswer]


class WaitingAnswer(msgspec.Struct, frozen=True):
    """An open incident that waits; `allowed_radius_m` is how far looks go meanwhile."""

    incident: str
    kind: str
    reference: str
    opened: datetime
    opened_by: str
    waits: list[Need]
    radius_m: float
    allowed_radius_m: float


class WaitingList(msgspec.Struct, frozen=True):
    """Open incidents that wait for a supervisor, oldest first."""

    waiting: list[WaitingAnswer]


class Which(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which reviews are wanted."""

    state: Literal["open", "signed", "all"] = "open"


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a supervisor found, and a note that stays at the hub."""

    finding: Verdict
    note: Note = ""


class ReviewAnswer(msgspec.Struct, frozen=True):
    """A review: whom and what it is about, until when it must be signed, and its signature."""

    id: str
    cause: Cause
    subject: str | None
    incident: str | None
    about: Mapping[str, Any]
    filed: datetime
    due: datetime
    overdue: bool
    signed: datetime | None
    signed_by: str | None
    finding: Verdict | None
    note: str | None


class ReviewList(msgspec.Struct, frozen=True):
    """Reviews, newest first."""

    reviews: list[ReviewAnswer]


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time, its end excluded, and how it shall be written."""

    since: Moment
    until: Moment
    format: Literal["json", "csv"] = "json"


class ActivityReport(msgspec.Struct, frozen=True):
    """Looks, incidents and approvals as the access log tells of them, in its order."""

    since: datetime
    until: datetime
    acts: list[Act]


def approvals_answer(standing: Standing) -> ApprovalList:
    """Tell what was said about an incident."""
    return ApprovalList(
        incident=standing.record.incident.id,
        waits=sorted(standing.waits),
        approvals=[
            ApprovalAnswer(
                id=each.id,
                decision=each.word,
                pseudonym=each.pseudonym,
                role=Role(each.role),
                at=each.at,
                radius_m=each.circle.radius_m if each.circle else None,
                time=each.long,
                reason=each.reason,
            )
            for each in standing.approvals
        ],
    )


def waiting_answer(standing: Standing) -> WaitingAnswer:
    """Tell what waits."""
    incident = standing.record.incident
    return WaitingAnswer(
        incident=incident.id,
        kind=incident.kind,
        reference=incident.reference,
        opened=incident.opened,
        opened_by=standing.record.opened_by,
        waits=sorted(standing.waits),
        radius_m=incident.circle.radius_m,
        allowed_radius_m=standing.now.circle.radius_m,
    )


def review_answer(review: Review, now: datetime) -> ReviewAnswer:
    """Tell of a review."""
    finding = review.finding
    return ReviewAnswer(
        id=review.id,
        cause=finding.cause,
        subject=finding.subject,
        incident=finding.incident,
        about=finding.about,
        filed=review.filed,
        due=review.due,
        overdue=review.overdue(now),
        signed=review.signed,
        signed_by=review.signed_by,
        finding=review.verdict,
        note=review.note,
    )
