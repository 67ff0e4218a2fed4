"""The one path of every look (DESIGN.md 5.4): nothing reaches a camera by another way.

Incident open and policy allows, camera live and in the circle and in scope, the line written,
the home asked, its picture relayed, the outcome written. Who asks was authenticated before.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub.access.asks import Asks, Silent
from hub.access.looks import Asked, Looks
from hub.errors import (
    CAMERA_FAILED,
    CAMERA_SILENT,
    CAMERA_UNAVAILABLE,
    INCIDENT_CLOSED,
    POLICY,
    Problem,
)
from hub.grants.cameras import Cameras, permission
from hub.incidents.incidents import Incidents
from hub.operators.tokens import Caller
from hub.protocol.documents import Policy
from hub.protocol.grant import Grant
from hub.protocol.keys import b64url
from hub.protocol.reply import Picture, Reply
from hub.protocol.request import Operator, Request
from hub.protocol.rules import Incident, Refusal, may_look, policy_allows
from hub.protocol.tokens import Verifier
from hub.protocol.vocabulary import Outcome, Scope

_LOGGER = logging.getLogger(__name__)

SILENT = "silent"
NOT_LIVE = "not_live"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look gave: its id and the picture."""

    look: str
    picture: Picture


class Access:
    """Carries out looks."""

    def __init__(
        self,
        *,
        incidents: Incidents,
        cameras: Cameras,
        looks: Looks,
        asks: Asks,
        policy: Policy,
        hub: str,
        verifier_of: Callable[[str], Verifier | None],
        count: Callable[[str], None],
        now: Callable[[], datetime],
    ) -> None:
        """Take the rooms that the path goes through, the policy in force and the clock."""
        self._incidents = incidents
        self._cameras = cameras
        self._looks = looks
        self._asks = asks
        self._policy = policy
        self._hub = hub
        self._verifier_of = verifier_of
        self._count = count
        self._now = now

    async def snapshot(self, incident: str, camera: str, caller: Caller) -> Seen:
        """Take one still through a camera.

        Raises:
            Problem: `not-found` or `incident-closed` for the incident; `policy` if the city's
                rules forbid the look; `camera-unavailable` if the camera is not live, not in the
                circle, not in scope, or its owner refused, which nobody can tell apart (rule 7);
                `camera-failed`; `camera-silent`.

        """
        record = await self._incidents.get_open(incident, self._now())
        asked = Asked(
            id=secrets.token_urlsafe(16),
            incident=incident,
            camera=camera,
            scope=Scope.SNAPSHOT,
            caller=caller,
            at=self._now(),
        )
        grant, verifier = await self._granted(asked, record.incident)
        await self._looks.begin(asked, grant.home, grant.jti)
        await self._still_allowed(asked)
        try:
            reply = await self._asks.ask(self._request(asked, grant, record.incident), verifier)
        except Silent:
            await self._ended(asked, SILENT)
            raise Problem(CAMERA_SILENT, "The home did not answer in time.") from None
        await self._still_allowed(asked)
        if reply.outcome is Outcome.OK and reply.picture is not None:
            await self._ended(asked, Outcome.OK, picture=reply.picture)
            return Seen(asked.id, reply.picture)
        await self._ended(asked, reply.outcome, reply.reason)
        raise _problem_of(reply)

    async def _granted(self, asked: Asked, incident: Incident) -> tuple[Grant, Verifier]:
        refusal = policy_allows(self._policy, incident, asked.scope, asked.at)
        if refusal is not None:
            await self._refused(asked, refusal)
            raise Problem(POLICY, "The policy does not allow this look.", reason=refusal)
        grant = self._cameras.live(asked.camera, asked.at)
        verifier = self._verifier_of(grant.home) if grant is not None else None
        if grant is None or verifier is None:
            await self._refused(asked, NOT_LIVE)
            raise _unavailable()
        refusal = may_look(self._policy, permission(grant), incident, asked.scope, asked.at)
        if refusal is not None:
            await self._refused(asked, refusal)
            raise _unavailable()
        return grant, verifier

    async def _still_allowed(self, asked: Asked) -> None:
        """Stop a look whose reason has gone while its line was written or its home was asked."""
        now = self._now()
        record = await self._incidents.get(asked.incident)
        if not record.is_open(now):
            await self._ended(asked, Outcome.REFUSED, Refusal.INCIDENT_NOT_OPEN)
            raise Problem(INCIDENT_CLOSED, f"Incident {record.incident.reference} is closed.")
        grant = self._cameras.live(asked.camera, now)
        if grant is None:
            refusal: str | None = NOT_LIVE
        else:
            refusal = may_look(self._policy, permission(grant), record.incident, asked.scope, now)
        if refusal is not None:
            await self._ended(asked, Outcome.REFUSED, refusal)
            raise _unavailable()

    def _request(self, asked: Asked, grant: Grant, incident: Incident) -> Request:
        return Request(
            id=asked.id,
            hub=self._hub,
            home=grant.home,
            camera=asked.camera,
            grant=grant.jti,
            action=asked.scope,
            incident=incident,
            operator=Operator(pseudonym=asked.caller.pseudonym, role=asked.caller.role),
            policy=self._policy.digest,
            issued=asked.at,
        )

    async def _refused(self, asked: Asked, reason: Refusal | str) -> None:
        self._count(Outcome.REFUSED)
        await self._looks.refuse(asked, reason)

    async def _ended(
        self, asked: Asked, outcome: str, reason: str | None = None, picture: Picture | None = None
    ) -> None:
        self._count(outcome)
        _LOGGER.info("Look %s for incident %s: %s", asked.id, asked.incident, outcome)
        await self._looks.end(
            asked.id,
            self._now(),
            outcome,
            reason=reason,
            sha256=b64url(hashlib.sha256(picture.data).digest()) if picture else None,
            length=len(picture.data) if picture else None,
        )


def _problem_of(reply: Reply) -> Problem:
    if reply.outcome is Outcome.FAILED:
        return Problem(
            CAMERA_FAILED,
            "The home reached its camera, but the camera gave no usable picture.",
            reason=reply.reason,
        )
    return _unavailable()


def _unavailable() -> Problem:
    return Problem(CAMERA_UNAVAILABLE, "This camera is not available for this incident now.")
