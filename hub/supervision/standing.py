"""What stands approved for an incident, and what of it still waits: read from its approvals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.access.case import Approved
from hub.access.decide import Need, needs, within
from hub.protocol.documents import Policy
from hub.protocol.geo import Circle
from hub.protocol.rules import Incident

AHEAD = timedelta(minutes=15)
"""So long before its end a supervisor can already approve more time: a view need not break off."""


class Word(StrEnum):
    """What somebody said about an incident that goes beyond one person's limits."""

    APPROVE = "approve"
    DENY = "deny"
    BREAK_GLASS = "break_glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One word: who said it, when, about which circle, and whether about the longer time."""

    id: str
    incident: str
    word: Word
    circle: Circle | None
    long: bool
    pseudonym: str
    role: str
    at: datetime
    reason: str


def in_force(approvals: Sequence[Approval]) -> tuple[Approved, ...]:
    """Return what is approved: everything since the last denial, oldest first."""
    found: list[Approved] = []
    for each in approvals:
        if each.word is Word.DENY:
            found.clear()
        else:
            found.append(Approved(each.circle, each.long))
    return tuple(found)


def waits(
    policy: Policy, incident: Incident, approvals: Sequence[Approval], now: datetime
) -> frozenset[Need]:
    """Return what waits for a supervisor; what the last word denied does not wait any more."""
    found = needs(policy, incident, in_force(approvals), now + AHEAD)
    last = approvals[-1] if approvals else None
    if last is None or last.word is not Word.DENY:
        return found
    denied = {Need.TIME} if last.long else set()
    if last.circle == incident.circle:
        denied.add(Need.CIRCLE)
    return found - denied


def telling(approved: Sequence[Approved], incident: Incident) -> tuple[Approved, ...]:
    """Return the newest ones that decide about the incident as it is: two at most.

    Each look's entry holds them, and an entry has a largest size, however long a trace is.
    """
    found = list(reversed(approved))
    circle = next(
        (one for one in found if one.circle and within(incident.circle, one.circle)), None
    )
    time = next((one for one in found if one.time), None)
    return tuple(dict.fromkeys(one for one in (circle, time) if one is not None))
