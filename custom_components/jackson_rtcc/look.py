"""Looks: answers the hub's requests after checking everything again by itself (rule 3)."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from . import picture
from .bridge import BridgeError
from .bridge import Reason as NoStream
from .ledger import Ledger, Look
from .log_evidence import Source
from .log_watch import LogWatch
from .permit import BUSY, NOT_SHARING, Asked, Given, Refused, look_refused
from .protocol import request as requests
from .protocol import topics
from .protocol.city import City
from .protocol.errors import Reason, Rejected
from .protocol.keys import from_jwk
from .protocol.look_entry import check_look
from .protocol.reply import Picture, Reply, sign_reply
from .protocol.request import REQUEST, Request, Used
from .protocol.rules import Refusal
from .protocol.stream import Offer
from .protocol.tokens import Signer, Verifier
from .protocol.vocabulary import Outcome
from .session import Ended
from .session_rule import End
from .sessions import Sessions
from .share import Share
from .shares import Shares
from .stills import Stills
from .unbelieved import Unbelieved
from .unproved import proof_missing

_LOGGER = logging.getLogger(__name__)

MOST_WAITING = 16
# What the owner did, whatever the way; that a home is being stopped must not stand out (rule 7).
_REFUSED_ENDS = frozenset({End.NOT_SHARING, End.NOT_GRANTED, End.DISCONNECTED, End.STOPPING})
_REFUSED_OFFERS = frozenset(
    {NoStream.OFFER_MALFORMED, NoStream.OFFER_NOT_RECEIVING, NoStream.RELAY_NEEDED}
)
_TIME_REASONS = frozenset({Reason.EXPIRED, Reason.CLOCK, Reason.TOO_LONG})


class Looks:
    """The one path from a request to a reply."""

    def __init__(
        self,
        hass: HomeAssistant,
        shares: Shares,
        ledger: Ledger,
        watch: LogWatch,
        sessions: Sessions,
        *,
        home: str,
        city: City,
        signer: Signer,
    ) -> None:
        """Take what is shared, who keeps the record, checks the log, streams; asks and answers."""
        self._hass = hass
        self._home = home
        self._city = city
        self._hub = city.hub
        self._verifier = Verifier(from_jwk(city.key))
        self._signer = signer
        self._shares = shares
        self._ledger = ledger
        self._watch = watch
        self._sessions = sessions
        self._stills = Stills(hass)
        self._used = Used(dt_util.utcnow())
        self._open: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()
        self._unbelieved = Unbelieved("request", self.counts)
        self.publish: Callable[[str, bytes], None] = lambda _topic, _payload: None
        self.doubt: Callable[[bool], None] = lambda _clock: None
        """Told of a request that makes sense only if the rules, a key or (True) a clock is off."""

        self.doubt_log: Callable[[], None] = lambda: None
        """Told of a request whose proof begins elsewhere than where this home is."""

    @callback
    def receive(self, token: bytes) -> None:
        """Take what arrived on the topic for requests."""
        now = dt_util.utcnow()
        try:
            request = requests.verify(token, self._verifier, self._home, self._hub, now)
        except Rejected as err:
            self._reject(token, err, now)
            return
        try:
            self._check_new(request, now)
        except Rejected as err:
            self._unbelieved.note(err, now)
            # A broker may deliver twice; only what is answered already is worth an answer.
            if request.id not in self._open:
                self._reply(request, Outcome.REFUSED, err.reason, proved=False)
            return
        if not self._logged_well(request, now):
            return
        self._used.claim(request, now)
        if len(self._open) >= MOST_WAITING:
            self._reply(request, Outcome.REFUSED, BUSY)
            return
        self._open.add(request.id)
        task = self._hass.async_create_background_task(
            self._answer(request), f"jackson_rtcc look {request.id}", eager_start=True
        )
        if not task.done():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End every look."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._stills.close()

    def _check_new(self, request: Request, now: datetime) -> None:
        self._used.check(request, now)
        if self._ledger.knows(request.id):
            # A look under the name of an earlier one would be told to nobody.
            raise Rejected(Reason.REPLAYED, "this look is in the record already")

    def _logged_well(self, request: Request, now: datetime) -> bool:
        """Check the look's line in the access log (rule 4), in the order of arrival."""
        try:
            self._watch.verify(
                request.log, Source.REQUEST, lambda entry: check_look(entry, request)
            )
        except Rejected as err:
            if err.reason is Reason.LOG_BEHIND:
                # No verdict on the look: the hub asks again, from where this home is.
                self._send(request, Outcome.REFUSED, err.reason)
                self.doubt_log()
                return False
            self._unbelieved.note(err, now)
            self._used.claim(request, now)
            self._reply(request, Outcome.REFUSED, err.reason, proved=False)
            return False
        return True

    async def _answer(self, request: Request) -> None:
        try:
            subentry_id, share = self._permit(request)
            kept = self._hass.async_create_task(
                self._watch.save_seen(), f"jackson_rtcc log {request.id}", eager_start=True
            )
            if request.offer is None:
                await self._hand_over_still(request, subentry_id, share, kept)
            else:
                await self._hand_over_stream(request, request.offer, subentry_id, share, kept)
        except Refused as err:
            self._reply(request, Outcome.REFUSED, err.reason)
        except Ended as err:
            refused = err.why in _REFUSED_ENDS
            self._reply(request, Outcome.REFUSED if refused else Outcome.FAILED, err.why)
        except BridgeError as err:
            _LOGGER.warning("A camera gave no live video for a look: %s (%s)", err.reason, err)
            refused = err.reason in _REFUSED_OFFERS
            self._reply(request, Outcome.REFUSED if refused else Outcome.FAILED, err.reason)
        except picture.CameraError as err:
            _LOGGER.warning("A camera gave no picture for a look: %s (%s)", err.reason, err)
            self._reply(request, Outcome.FAILED, err.reason)
        else:
            # At once: after a crash the city's log would tell of a look that is not known here.
            await self._ledger.save()
        finally:
            self._open.discard(request.id)

    async def _hand_over_still(
        self, request: Request, subentry_id: str, share: Share, kept: asyncio.Task[None]
    ) -> None:
        with self._ledger.looking(subentry_id):
            still = await self._stills.get(share, request.grant, request.operator.pseudonym)
        await kept
        self._permit_again(request, share)
        self._reply(request, Outcome.OK, still=still)

    async def _hand_over_stream(
        self,
        request: Request,
        offer: Offer,
        subentry_id: str,
        share: Share,
        kept: asyncio.Task[None],
    ) -> None:
        """Reply with the camera's answer; what ends the stream afterwards is the sessions' care."""
        session = await self._sessions.begin(request, offer, subentry_id, share)
        try:
            await kept
            self._permit_again(request, share)
            answer = session.answer
        except BaseException:
            self._sessions.end(session, End.NOT_SHARING)
            raise
        self._sessions.hand_over(session)
        self._reply(request, Outcome.OK, answer=answer)

    def _permit(self, request: Request) -> tuple[str, Share]:
        """Return the camera that may be looked through.

        Raises:
            Refused: by the first check that fails.

        """
        now = dt_util.utcnow()
        subentry_id = self._shares.find(request.camera)
        given = self._shares.given(subentry_id, now, request.grant) if subentry_id else Given()
        if reason := look_refused(self._city.policy, given, Asked.by(request), now):
            if reason == Refusal.POLICY_CHANGED:
                self.doubt(False)
            raise Refused(reason)
        assert subentry_id and given.share  # noqa: PT018, S101 - what is not there is refused
        return subentry_id, given.share

    def _permit_again(self, request: Request, share: Share) -> None:
        """Refuse if the owner took it back, or masked it, while the camera was busy."""
        if self._permit(request)[1] != share:
            raise Refused(NOT_SHARING)

    def _reject(self, token: bytes, err: Rejected, now: datetime) -> None:
        self._unbelieved.note(err, now)
        if err.reason is Reason.UNKNOWN_KEY:
            self.doubt(False)
        if err.reason is Reason.MALFORMED:
            amiss = proof_missing(token, self._verifier, self._hub, self._home, now)
            if amiss is not None:
                self._watch.miss_proof(f"a request came without its line in the log: {amiss}")
        if err.reason not in _TIME_REASONS:
            return
        # Signed by the hub and meant for us: one of the two clocks is wrong, and it may know.
        try:
            claims = self._verifier.verify(token, REQUEST)
            request = requests.read(claims, self._home, self._hub)
        except Rejected:
            return
        self.doubt(True)
        self._reply(request, Outcome.REFUSED, err.reason, proved=False)

    def _reply(
        self,
        request: Request,
        outcome: Outcome,
        reason: str | None = None,
        *,
        still: Picture | None = None,
        answer: str | None = None,
        proved: bool = True,
    ) -> None:
        """Reply, and keep the record; `proved` if the look is known to stand in the log."""
        reply = self._send(request, outcome, reason, still=still, answer=answer)
        self._record(request, reply, request.log.proof.index if proved else None)

    def _send(
        self,
        request: Request,
        outcome: Outcome,
        reason: str | None = None,
        *,
        still: Picture | None = None,
        answer: str | None = None,
    ) -> Reply:
        self.counts[reason or outcome] += 1
        reply = Reply(
            home=self._home,
            hub=self._hub,
            camera=request.camera,
            request=request.id,
            jti=uuid4().hex,
            issued=dt_util.utcnow(),
            outcome=outcome,
            log_size=self._watch.seen.size,
            reason=reason,
            picture=still,
            answer=answer,
        )
        self.publish(topics.replies(self._home, request.id), sign_reply(self._signer, reply))
        return reply

    def _record(self, request: Request, reply: Reply, log_index: int | None) -> None:
        if self._ledger.knows(request.id):
            # A request that is sent again is told of once.
            return
        subentry_id = self._shares.find(request.camera)
        look = Look.of(
            request,
            camera=subentry_id,
            name=self._shares.all[subentry_id].name if subentry_id else None,
            answered=reply.issued,
            outcome=reply.outcome,
            reason=reply.reason,
            log_index=log_index,
        )
        self._ledger.record(look, dt_util.get_default_time_zone(), reply.picture)
