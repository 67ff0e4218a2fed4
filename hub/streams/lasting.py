"""How long a stream may last, and why it is over: decided by what is known, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.access.decide import ABOUT_THE_CAMERA, Decision
from hub.access.looks import first_lease
from hub.access.problems import INCIDENT_OVER
from hub.protocol.documents import Policy
from hub.protocol.rules import Incident
from hub.protocol.session import Word
from hub.protocol.stream import LEASE
from hub.streams.told import Over

_NEARLY = timedelta(seconds=5)
"""How far a home's clock may be from ours for its word on the time to be the reason."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A stream lives until `until`, however often it is renewed not longer than `ends`."""

    until: datetime
    ends: datetime


def begin(policy: Policy, incident: Incident, asked: datetime) -> Lease:
    """Return the lease of a stream that is asked for now."""
    rule = policy.kinds.get(incident.kind)
    # A kind that the policy no longer has ends at once.
    over = incident.opened + rule.duration if rule is not None else asked
    ends = min(asked + policy.stream, over).replace(microsecond=0)
    return Lease(min(first_lease(asked), ends), ends)


def renew(lease: Lease, now: datetime) -> Lease:
    """Return the lease of a stream that may go on; whole seconds, as homes know it."""
    until = min(now.replace(microsecond=0) + LEASE, lease.ends)
    return Lease(max(until, lease.until), lease.ends)


def why_over(
    lease: Lease, decision: Decision | None, *, present: bool, now: datetime
) -> Over | None:
    """Return why a stream is over, or None if it may go on.

    `decision` is the one about its look as it would be now, None if nobody can decide now: then
    only time tells. `present` is whether its caller is still signed in.
    """
    if not present:
        return Over.SIGNED_OUT
    if decision is not None and not decision.allowed:
        return why_refused(decision)
    if now >= lease.ends:
        return Over.LONGEST
    return Over.LEASE_OVER if now >= lease.until else None


def why_refused(decision: Decision) -> Over:
    """Return the word for a decision against a look (rule 7)."""
    if decision.reason is None or decision.reason in ABOUT_THE_CAMERA:
        return Over.NO_LONGER_AVAILABLE
    return Over.INCIDENT_CLOSED if decision.reason in INCIDENT_OVER else Over.NOT_ALLOWED


def why_told(word: Word, lease: Lease, now: datetime) -> Over:
    """Return the word for what a home says of an end, told as far as anyone may know (rule 7).

    What a home says of the time is believed if it is time: else the owner's own limits would show.
    """
    match word.reason:
        case "camera_failed":
            return Over.CAMERA_FAILED
        case "longest" if now >= lease.ends - _NEARLY:
            return Over.LONGEST
        case "lease_over" if now >= lease.until - _NEARLY:
            return Over.LEASE_OVER
        case _:
            return Over.NO_LONGER_AVAILABLE
