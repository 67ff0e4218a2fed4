"""When the personal data of a registration is deleted: one pure function."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNCONFIRMED = timedelta(days=7)
DECIDED = timedelta(days=30)
UNDECIDED = timedelta(days=90)


class State(StrEnum):
    """How far a registration has come."""

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides how long a registration is kept. `used`: when a home enrolled with its code."""

    state: State
    created: datetime
    confirmed: datetime | None = None
    decided: datetime | None = None
    code_ends: datetime | None = None
    used: datetime | None = None


def kept_until(standing: Standing) -> datetime:
    """Return when the registration is deleted if nothing happens to it before."""
    match standing.state:
        case State.UNCONFIRMED:
            return standing.created + UNCONFIRMED
        case State.WAITING:
            return (standing.confirmed or standing.created) + UNDECIDED
        case State.DECLINED:
            return (standing.decided or standing.created) + DECIDED
        case State.APPROVED:
            # A code that nobody used is worth nothing after its end.
            since = standing.used or standing.code_ends or standing.decided
            return (since or standing.created) + DECIDED
