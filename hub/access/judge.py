"""Gathers the case of a look from the rooms that know of it, and has it decided."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.case import Approved, Case, case_about
from hub.access.decide import Decision, decide, incident_now
from hub.access.looks import Asked
from hub.grants.cameras import Cameras, permission
from hub.incidents.incidents import Incidents, Record
from hub.protocol.documents import Policy
from hub.protocol.grant import Grant
from hub.protocol.look_entry import look_about
from hub.protocol.rules import Incident
from hub.protocol.tokens import Verifier

type _Known = tuple[Record, tuple[Approved, ...]]
type ApprovedFor = Callable[[AsyncConnection, Incident, datetime], Awaitable[tuple[Approved, ...]]]


@dataclass(frozen=True, slots=True)
class Live:
    """A camera's grant that is live, and the key of its home."""

    grant: Grant
    verifier: Verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A decision and what it stands on; `incident` is as homes are told it."""

    case: Case
    decision: Decision
    record: Record
    incident: Incident
    live: Live | None


class Judge:
    """Decides looks under the policy in force."""

    def __init__(
        self,
        incidents: Incidents,
        cameras: Cameras,
        policy: Policy,
        verifier_of: Callable[[str], Verifier | None],
        approved: ApprovedFor,
    ) -> None:
        """Take the rooms, the policy, the homes' keys, and what tells what is approved."""
        self._incidents = incidents
        self._cameras = cameras
        self._policy = policy
        self._verifier_of = verifier_of
        self._approved = approved

    async def judge(self, connection: AsyncConnection, asked: Asked, moment: datetime) -> Judged:
        """Decide a look by what is true in this transaction, at this moment.

        Raises:
            Problem: `not-found` if there is no such incident.

        """
        return self._judged(asked, await self._read(connection, asked.incident, moment), moment)

    async def judge_all(
        self, connection: AsyncConnection, all_: Iterable[Asked], moment: datetime
    ) -> dict[str, Judged]:
        """Decide many looks, each incident read once; return what came out by the looks' ids."""
        known: dict[str, _Known] = {}
        judged = {}
        for asked in all_:
            if asked.incident not in known:
                known[asked.incident] = await self._read(connection, asked.incident, moment)
            judged[asked.id] = self._judged(asked, known[asked.incident], moment)
        return judged

    async def _read(self, connection: AsyncConnection, incident: str, moment: datetime) -> _Known:
        record = await self._incidents.read(connection, incident)
        return record, await self._approved(connection, record.incident, moment)

    def _judged(self, asked: Asked, known: _Known, moment: datetime) -> Judged:
        record, approvals = known
        live = self.live(asked.camera, moment)
        case = Case(
            moment=moment,
            scope=asked.scope,
            role=asked.caller.role,
            incident=record.incident,
            approvals=approvals,
            permission=permission(live.grant) if live else None,
            seat=self._cameras.seat(asked.camera),
        )
        return Judged(
            case=case,
            decision=decide(self._policy, case),
            record=record,
            incident=incident_now(self._policy, case),
            live=live,
        )

    def live(self, camera: str, moment: datetime) -> Live | None:
        """Return the camera's grant with its home's key, if it is live."""
        grant = self._cameras.live(camera, moment)
        verifier = self._verifier_of(grant.home) if grant else None
        return Live(grant, verifier) if grant and verifier else None

    def about(self, asked: Asked, judged: Judged) -> dict[str, object]:
        """Return what the entry of the look tells: all that is needed to decide it again."""
        return look_about(
            look=asked.id,
            camera=asked.camera,
            grant=judged.live.grant.jti if judged.live else None,
            scope=asked.scope,
            incident=judged.incident,
            policy=self._policy.digest,
        ) | {"reason": judged.decision.reason, "case": case_about(judged.case)}
