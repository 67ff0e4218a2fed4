"""May this look happen, as far as the home knows? Asked before it, after it, and while it lasts."""

from dataclasses import dataclass
from datetime import datetime

from .protocol.documents import Policy
from .protocol.grant import Grant
from .protocol.request import Request
from .protocol.rules import Incident, Permission, Refusal, may_look
from .protocol.vocabulary import Scope
from .share import Share

NOT_SHARING = "not_sharing"
BUSY = "busy"


class Refused(Exception):  # noqa: N818 - the vocabulary's word for it
    """The home does not let this look happen."""

    def __init__(self, reason: str) -> None:
        """Keep the reason that the hub is told."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for: one scope, for one incident, under the rules of this hash."""

    action: Scope
    incident: Incident
    policy: str

    @classmethod
    def by(cls, request: Request) -> Asked:
        """Return what a request asks for."""
        return cls(action=request.action, incident=request.incident, policy=request.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the owner gives of one camera at this moment: the share, its grant, the switches."""

    share: Share | None = None
    grant: Grant | None = None
    sharing: bool = False


def look_refused(policy: Policy, given: Given, asked: Asked, now: datetime) -> str | None:
    """Return why a look may not happen, by the first check that fails, or None."""
    share, grant = given.share, given.grant
    if share is None or grant is None:
        return Refusal.NOT_GRANTED
    if not given.sharing:
        return NOT_SHARING
    if asked.policy != policy.digest:
        return Refusal.POLICY_CHANGED
    permission = Permission(
        scopes=grant.scopes,
        gate=share.gate,
        starts=grant.starts,
        ends=grant.ends,
        place=share.place,
        policy=grant.policy,
    )
    return may_look(policy, permission, asked.incident, asked.action, now)
