"""The one path of every look (DESIGN.md 5.4): nothing reaches a camera by another way.

It is decided and entered in the log, in one transaction; then the home is asked, with the proof
of the entry; then its end is entered, and only then its picture is relayed. Who asks was
authenticated before.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub.access.asks import Asks, Silent
from hub.access.decide import ABOUT_THE_CAMERA, Denial
from hub.access.ends import SILENT, Ends
from hub.access.judge import Judge, Judged, Live
from hub.access.looks import Asked, End, Looks, UnderWay
from hub.access.shown import Shown
from hub.errors import (
    CAMERA_FAILED,
    CAMERA_SILENT,
    CAMERA_UNAVAILABLE,
    INCIDENT_CLOSED,
    POLICY,
    Problem,
)
from hub.operators.tokens import Caller
from hub.pictures.recent import Fresh
from hub.protocol.entries import EntryKind
from hub.protocol.errors import LOG_REASONS, Reason
from hub.protocol.keys import b64url
from hub.protocol.look_entry import ALLOWED
from hub.protocol.reply import Picture, Reply
from hub.protocol.request import Operator, Request
from hub.protocol.rules import Incident, Refusal
from hub.protocol.vocabulary import Outcome, Scope
from hub.transparency.log import AccessLog, Written

_INCIDENT_OVER = frozenset({Refusal.INCIDENT_NOT_OPEN, Refusal.INCIDENT_TOO_OLD})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look gave: its id and the picture."""

    look: str
    picture: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class _Allowed:
    """A look that may happen, with its entry."""

    asked: Asked
    live: Live
    incident: Incident
    written: Written

    @property
    def under_way(self) -> UnderWay:
        return UnderWay(
            look=self.asked.id,
            incident=self.asked.incident,
            camera=self.asked.camera,
            home=self.live.grant.home,
            pseudonym=self.asked.caller.pseudonym,
            role=self.asked.caller.role,
        )


class Access:
    """Carries out looks."""

    def __init__(
        self,
        *,
        log: AccessLog,
        judge: Judge,
        looks: Looks,
        ends: Ends,
        asks: Asks,
        shown: Shown,
        count: Callable[[str], None],
        doubted: Callable[[str, str], None],
        now: Callable[[], datetime],
    ) -> None:
        """Take the rooms that the path goes through, and the clock.

        `count(outcome)` hears of looks that were refused here, `doubted(home, reason)` of a home
        that says that the log does not add up.
        """
        self._log = log
        self._judge = judge
        self._looks = looks
        self._ends = ends
        self._asks = asks
        self._shown = shown
        self._count = count
        self._doubted = doubted
        self._now = now
        self.on_picture: Callable[[Fresh], None] = _nobody_keeps
        """Told of each still that is relayed, which may be attached for a few minutes."""

    async def snapshot(self, incident: str, camera: str, caller: Caller) -> Seen:
        """Take one still through a camera.

        Raises:
            Problem: `not-found` or `incident-closed` for the incident; `policy` if the city's
                rules forbid the look; `camera-unavailable` if the camera is not live, not in the
                circle, not in scope, or its owner refused, which nobody can tell apart (rule 7);
                `camera-failed`; `camera-silent`.
            SQLAlchemyError: if the log cannot be written; then nobody was asked, or at least
                nothing is relayed.

        """
        look = await self._decide(incident, camera, Scope.SNAPSHOT, caller)
        if self._judge.live(camera, self._now()) is None:
            # Taken back while the entry was written.
            await self._end(look, End(outcome=Outcome.REFUSED, reason=Denial.NOT_LIVE))
            raise _unavailable()
        try:
            reply = await self._ask(look)
        except Silent:
            await self._end(look, End(outcome=SILENT))
            raise Problem(CAMERA_SILENT, "The home did not answer in time.") from None
        if reply.reason in LOG_REASONS:
            self._doubted(reply.home, str(reply.reason))
        if reply.picture is None:
            end = End(outcome=reply.outcome, reason=reply.reason)
            await self._end(look, end, reply.log_size)
            raise _problem_of(reply)
        await self._receive(look, reply.picture, reply.log_size)
        self.on_picture(
            Fresh(
                look=look.asked.id,
                incident=incident,
                camera=camera,
                home=reply.home,
                caller=caller,
                picture=reply.picture,
                reply=reply.token,
                at=self._now(),
            )
        )
        return Seen(look.asked.id, reply.picture)

    async def _decide(self, incident: str, camera: str, scope: Scope, caller: Caller) -> _Allowed:
        """Decide a look, and enter it whether it may happen or not."""
        id_ = secrets.token_urlsafe(16)
        async with self._log.writing() as page:
            asked = Asked(
                id=id_, incident=incident, camera=camera, scope=scope, caller=caller, at=page.now
            )
            judged = await self._judge.judge(page.connection, asked, page.now)
            live, decision = judged.live, judged.decision
            page.add(
                EntryKind.LOOK,
                actor=caller.pseudonym,
                role=caller.role,
                outcome=ALLOWED if decision.allowed else Outcome.REFUSED,
                home=live.grant.home if live else None,
                about=self._judge.about(asked, judged),
            )
            await self._looks.begin(
                page.connection, asked, live.grant if live else None, decision.reason
            )
        if live is None or not decision.allowed:
            self._count(Outcome.REFUSED)
            raise _problem_with(judged)
        return _Allowed(
            asked=asked,
            live=live,
            incident=judged.incident,
            written=page.written[0],
        )

    async def _ask(self, look: _Allowed) -> Reply:
        """Ask the home; once more if it has seen less of the log than the proof begins at.

        Raises:
            Silent: if it does not answer.

        """
        reply, turn = await self._ask_once(look)
        if reply.reason != Reason.LOG_BEHIND:
            return reply
        if await self._log.lacks(reply.log_size):
            # It has seen a log that we do not have.
            self._doubted(reply.home, reply.reason)
            return reply
        self._shown.behind(reply.home, reply.log_size, turn)
        reply, _ = await self._ask_once(look)
        return reply

    async def _ask_once(self, look: _Allowed) -> tuple[Reply, int]:
        asked, grant = look.asked, look.live.grant
        log, turn = self._shown.prove(grant.home, self._log.book, look.written)
        request = Request(
            id=asked.id,
            hub=grant.hub,
            home=grant.home,
            camera=asked.camera,
            grant=grant.jti,
            action=asked.scope,
            incident=look.incident,
            operator=Operator(pseudonym=asked.caller.pseudonym, role=asked.caller.role),
            policy=grant.policy,
            issued=asked.at,
            log=log,
        )
        return await self._asks.ask(request, look.live.verifier), turn

    async def _receive(self, look: _Allowed, picture: Picture, log_size: int) -> None:
        """End a look by its picture, if it may still be had now.

        Raises:
            Problem: if the incident was closed or moved, or the grant taken back, meanwhile.

        """
        async with self._log.writing() as page:
            judged = await self._judge.judge(page.connection, look.asked, page.now)
            end = (
                End(
                    outcome=Outcome.OK,
                    sha256=b64url(hashlib.sha256(picture.data).digest()),
                    length=len(picture.data),
                )
                if judged.decision.allowed
                else End(outcome=Outcome.REFUSED, reason=judged.decision.reason)
            )
            written = await self._ends.write(page, look.under_way, end, log_size)
        if written is None:
            raise Problem(CAMERA_SILENT, "The home did not answer in time.")
        self._ends.over(page, written)
        if not judged.decision.allowed:
            raise _problem_with(judged)

    async def _end(self, look: _Allowed, end: End, log_size: int | None = None) -> None:
        async with self._log.writing() as page:
            written = await self._ends.write(page, look.under_way, end, log_size)
        if written is not None:
            self._ends.over(page, written)


def _nobody_keeps(_fresh: Fresh) -> None:
    pass


def _problem_with(judged: Judged) -> Problem:
    """Say why a look may not happen, as far as whoever asks may know."""
    reason = judged.decision.reason
    if reason is None or reason in ABOUT_THE_CAMERA:
        return _unavailable()
    if reason in _INCIDENT_OVER:
        return Problem(INCIDENT_CLOSED, f"Incident {judged.record.incident.reference} is closed.")
    return Problem(POLICY, "The policy does not allow this look.", reason=reason)


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
