"""The steps of every look, in their order (DESIGN.md 5.4): nothing reaches a camera by another way.

It is decided and entered in the log, in one transaction; then the home is asked, with the proof
of the entry; then it is decided again, and its end (a stream's beginning) is written, and only
then what the home gave is relayed. Who asks was authenticated before.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub.access.asks import Asks, Silent
from hub.access.decide import Denial
from hub.access.ends import SILENT, Ends
from hub.access.judge import Judge, Live
from hub.access.looks import Asked, End, Looks, UnderWay
from hub.access.problems import SILENT_HOME, problem_of, problem_with, unavailable
from hub.access.shown import Shown
from hub.errors import CAMERA_SILENT, Problem
from hub.operators.tokens import Caller
from hub.protocol.entries import EntryKind
from hub.protocol.errors import LOG_REASONS, Reason
from hub.protocol.look_entry import ALLOWED
from hub.protocol.reply import Reply
from hub.protocol.request import Operator, Request
from hub.protocol.rules import Incident
from hub.protocol.stream import Offer
from hub.protocol.vocabulary import Outcome, Scope
from hub.transparency.log import AccessLog, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A look that may happen, with its entry."""

    asked: Asked
    live: Live
    incident: Incident
    written: Written

    @property
    def under_way(self) -> UnderWay:
        """Return what its end needs to know."""
        return UnderWay(
            look=self.asked.id,
            incident=self.asked.incident,
            camera=self.asked.camera,
            home=self.live.grant.home,
            pseudonym=self.asked.caller.pseudonym,
            role=self.asked.caller.role,
        )


class Path:
    """Takes looks of every kind from the decision to the home's reply."""

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
        self.log = log
        self.judge = judge
        self.now = now
        self._looks = looks
        self._ends = ends
        self._asks = asks
        self._shown = shown
        self._count = count
        self._doubted = doubted

    async def decide(self, incident: str, camera: str, scope: Scope, caller: Caller) -> Allowed:
        """Decide a look, and enter it whether it may happen or not.

        Raises:
            Problem: `not-found`, or why it may not happen as far as whoever asks may know.
            SQLAlchemyError: if the log cannot be written; then nobody was asked.

        """
        id_ = secrets.token_urlsafe(16)
        async with self.log.writing() as page:
            asked = Asked(
                id=id_, incident=incident, camera=camera, scope=scope, caller=caller, at=page.now
            )
            judged = await self.judge.judge(page.connection, asked, page.now)
            live, decision = judged.live, judged.decision
            page.add(
                EntryKind.LOOK,
                actor=caller.pseudonym,
                role=caller.role,
                outcome=ALLOWED if decision.allowed else Outcome.REFUSED,
                home=live.grant.home if live else None,
                about=self.judge.about(asked, judged),
            )
            await self._looks.begin(
                page.connection, asked, live.grant if live else None, decision.reason
            )
        if live is None or not decision.allowed:
            self._count(Outcome.REFUSED)
            raise problem_with(judged)
        return Allowed(asked=asked, live=live, incident=judged.incident, written=page.written[0])

    async def ask(self, look: Allowed, offer: Offer | None = None) -> Reply:
        """Ask the home. A look to which it does not say yes ends here.

        Raises:
            Problem: `camera-silent` if there was no answer in time, so that the home may still
                give one; another one if the home said no, or was not asked.

        """
        if self.judge.live(look.asked.camera, self.now()) is None:
            # Taken back while the entry was written.
            await self.end(look, End(outcome=Outcome.REFUSED, reason=Denial.NOT_LIVE))
            raise unavailable()
        try:
            reply = await self._ask(look, offer)
        except Silent:
            await self.end(look, End(outcome=SILENT))
            raise Problem(CAMERA_SILENT, SILENT_HOME) from None
        if reply.reason in LOG_REASONS:
            self._doubted(reply.home, str(reply.reason))
        if reply.outcome is not Outcome.OK:
            end = End(outcome=reply.outcome, reason=reply.reason)
            await self.end(look, end, reply.log_size)
            raise problem_of(reply)
        return reply

    async def end(self, look: Allowed, end: End, log_size: int | None = None) -> None:
        """Write the end of a look, if nobody did."""
        await self._ends.end([(look.under_way, end)], log_size)

    async def _ask(self, look: Allowed, offer: Offer | None) -> Reply:
        """Ask the home; once more if it has seen less of the log than the proof begins at.

        Raises:
            Silent: if it does not answer.

        """
        reply, turn = await self._ask_once(look, offer)
        if reply.reason != Reason.LOG_BEHIND:
            return reply
        if await self.log.lacks(reply.log_size):
            # It has seen a log that we do not have.
            self._doubted(reply.home, reply.reason)
            return reply
        self._shown.behind(reply.home, reply.log_size, turn)
        reply, _ = await self._ask_once(look, offer)
        return reply

    async def _ask_once(self, look: Allowed, offer: Offer | None) -> tuple[Reply, int]:
        asked, grant = look.asked, look.live.grant
        log, turn = self._shown.prove(grant.home, self.log.book, look.written)
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
            offer=offer,
        )
        return await self._asks.ask(request, look.live.verifier), turn
