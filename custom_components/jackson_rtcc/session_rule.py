"""May this session go on? The one decision; whatever can change it asks here again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .ledger import Look
from .permit import NOT_SHARING, Asked, Given, look_refused
from .protocol.documents import Policy
from .protocol.rules import Refusal
from .protocol.session import LONGEST_SESSION_S, Word
from .protocol.stream import LEASE
from .protocol.vocabulary import Outcome, Scope
from .share import Share

CLOCK_SLACK = timedelta(seconds=5)
"""How far a clock may be set back before a lease cannot be told from one that is over."""


class End(StrEnum):
    """Why a session ended, in the words of the wire."""

    CLOSED = "closed"
    LEASE_OVER = "lease_over"
    LONGEST = "longest"
    NOT_SHARING = "not_sharing"
    NOT_GRANTED = "not_granted"
    DISCONNECTED = "disconnected"
    CAMERA_FAILED = "camera_failed"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A session: what it was asked for, what the owner shared when it began, how long it is leased.

    `until` is by the home's clock; `promised` is the newest end of the lease by the hub's.
    """

    asked: Asked
    share: Share
    began: datetime
    until: datetime
    promised: datetime

    def renewed(self, word: Word, now: datetime) -> Running:
        """Return the session after a renewal; an old one changes nothing.

        What counts is for how long the hub renews, not by which clock, and never more than a lease.
        """
        if word.until is None or word.until <= self.promised:
            return self
        until = now + min(word.until - word.issued, LEASE)
        return replace(self, until=until, promised=word.until)


def session_end(policy: Policy, running: Running, given: Given, now: datetime) -> End | None:
    """Return why a session must end now, or None if it goes on.

    It goes on across a renewal of its grant, not across a change of what the owner allows.
    """
    if reason := look_refused(policy, given, running.asked, now):
        return _END_BY_REFUSAL.get(reason, End.NOT_GRANTED)
    if given.share != running.share:
        return End.NOT_SHARING
    if now >= running.began + policy.stream:
        return End.LONGEST
    if now >= running.until or running.until - now > LEASE + CLOCK_SLACK:
        return End.LEASE_OVER
    return None


def next_end(policy: Policy, running: Running, given: Given) -> datetime:
    """Return when a session that goes on now must be asked about again, if nothing else happens."""
    ends = [running.until, running.began + policy.stream]
    if (rule := policy.kinds.get(running.asked.incident.kind)) is not None:
        ends.append(running.asked.incident.opened + rule.duration)
    if policy.pilot is not None:
        ends.append(policy.pilot.ends)
    if given.grant is not None:
        ends.append(given.grant.ends)
    return min(ends)


def end_in_record(look: Look, now: datetime) -> tuple[str, int] | None:
    """Return why and after how many seconds a stream that runs no more ended; None if it was none.

    If the record does not tell, Home Assistant stopped without a word, nobody knows when.
    """
    if look.action is not Scope.STREAM or look.outcome is not Outcome.OK:
        return None
    if look.seconds is not None:
        return look.reason or End.CLOSED, look.seconds
    lasted = max(0.0, (now - look.answered).total_seconds())
    return End.STOPPING, round(min(lasted, LONGEST_SESSION_S))


_END_BY_REFUSAL = {
    NOT_SHARING: End.NOT_SHARING,
    # How long an incident of this kind may be looked at is the rules' word, not the owner's.
    Refusal.INCIDENT_TOO_OLD: End.LONGEST,
}
