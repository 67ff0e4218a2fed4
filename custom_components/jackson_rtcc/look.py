"""Looks: answers the hub's requests after checking everything again by itself (rule 3)."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from . import picture
from .ledger import Ledger, Look
from .log_evidence import Source
from .log_watch import LogWatch
from .protocol import request as requests
from .protocol import topics
from .protocol.city import City
from .protocol.errors import Reason, Rejected
from .protocol.keys import from_jwk
from .protocol.look_entry import check_look
from .protocol.proofs import Logged
from .protocol.reply import Picture, Reply, sign_reply
from .protocol.request import REQUEST, REQUEST_LIFE, Request, Used
from .protocol.rules import Permission, Refusal, may_look
from .protocol.tokens import Signer, Verifier, check_parties, check_times
from .protocol.vocabulary import Outcome
from .share import Share
from .shares import Shares

_LOGGER = logging.getLogger(__name__)

AT_ONCE = 4
"""Cameras asked for a picture at the same time."""
MOST_WAITING = 16
NOT_SHARING = "not_sharing"
BUSY = "busy"
_SILENCE = timedelta(minutes=1)
_TIME_REASONS = frozenset({Reason.EXPIRED, Reason.CLOCK, Reason.TOO_LONG})


class Refused(Exception):  # noqa: N818 - the vocabulary's word for it
    """The home does not let this look happen."""

    def __init__(self, reason: str) -> None:
        """Keep the reason that the hub is told."""
        super().__init__(reason)
        self.reason = reason


class Looks:
    """The one path from a request to a reply."""

    def __init__(
        self,
        hass: HomeAssistant,
        shares: Shares,
        ledger: Ledger,
        watch: LogWatch,
        *,
        home: str,
        city: City,
        signer: Signer,
    ) -> None:
        """Take who asks, who answers, what is shared, who keeps the record, who checks the log."""
        self._hass = hass
        self._home = home
        self._city = city
        self._hub = city.hub
        self._verifier = Verifier(from_jwk(city.key))
        self._signer = signer
        self._shares = shares
        self._ledger = ledger
        self._watch = watch
        self._used = Used(dt_util.utcnow())
        self._open: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pictures: dict[tuple[Share, str], asyncio.Task[Picture]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._logged: dict[Reason, datetime] = {}
        self.counts: Counter[str] = Counter()
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
            self._used.check(request, now)
        except Rejected as err:
            self._note(err, now)
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
        tasks = [*self._tasks, *self._pictures.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

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
            self._note(err, now)
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
            with self._ledger.looking(subentry_id):
                still = await self._picture(share, request.grant)
            await kept
            self._permit_again(request, share)
        except Refused as err:
            self._reply(request, Outcome.REFUSED, err.reason)
        except picture.CameraError as err:
            _LOGGER.warning("A camera gave no picture for a look: %s (%s)", err.reason, err)
            self._reply(request, Outcome.FAILED, err.reason)
        else:
            self._reply(request, Outcome.OK, still=still)
            # At once: after a crash the city's log would tell of a look that is not known here.
            await self._ledger.save()
        finally:
            self._open.discard(request.id)

    def _permit(self, request: Request) -> tuple[str, Share]:
        """Return the camera that may be looked through.

        Raises:
            Refused: by the first check that fails.

        """
        now = dt_util.utcnow()
        subentry_id = self._shares.find(request.camera)
        grant = self._shares.granted(subentry_id, request.grant) if subentry_id else None
        if subentry_id is None or grant is None:
            raise Refused(Refusal.NOT_GRANTED)
        if not self._shares.sharing(subentry_id, now):
            raise Refused(NOT_SHARING)
        if request.policy != self._city.policy.digest:
            self.doubt(False)
            raise Refused(Refusal.POLICY_CHANGED)
        share = self._shares.all[subentry_id]
        permission = Permission(
            scopes=grant.scopes,
            gate=share.gate,
            starts=grant.starts,
            ends=grant.ends,
            place=share.place,
            policy=grant.policy,
        )
        if refusal := may_look(
            self._city.policy, permission, request.incident, request.action, now
        ):
            raise Refused(refusal)
        return subentry_id, share

    def _permit_again(self, request: Request, share: Share) -> None:
        """Refuse if the owner took it back, or masked it, while the camera was busy."""
        if self._permit(request)[1] != share:
            raise Refused(NOT_SHARING)

    async def _picture(self, share: Share, grant: str) -> Picture:
        """Return a picture; looks under one grant at the same time get the same one.

        Under another grant it is another one: the owner may have taken the camera back between
        the two, and a picture from before must not answer a look from after.
        """
        task = self._pictures.get((share, grant))
        if task is None:
            task = self._hass.async_create_background_task(
                self._take(share), f"jackson_rtcc picture {share.camera}", eager_start=False
            )
            self._pictures[share, grant] = task
            task.add_done_callback(partial(self._picture_taken, share, grant))
        await asyncio.wait({task})
        return task.result()

    def _picture_taken(self, share: Share, grant: str, task: asyncio.Task[Picture]) -> None:
        del self._pictures[share, grant]
        if not task.cancelled():
            # Seen here, in case that nobody waits for it any more.
            task.exception()

    async def _take(self, share: Share) -> Picture:
        async with self._turns:
            return await picture.take(self._hass, share.entity, share.mask)

    def _reject(self, token: bytes, err: Rejected, now: datetime) -> None:
        self._note(err, now)
        if err.reason is Reason.UNKNOWN_KEY:
            self.doubt(False)
        if err.reason is Reason.MALFORMED:
            self._look_for_proof(token, now)
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

    def _look_for_proof(self, token: bytes, now: datetime) -> None:
        """Tell whether the hub asked for a look without its line in the log."""
        try:
            claims = self._verifier.verify(token, REQUEST)
            check_parties(claims, self._hub, self._home)
            check_times(claims, now, REQUEST_LIFE)
        except Rejected:
            return
        try:
            Logged.read(claims.object("log"))
        except Rejected as err:
            self._watch.miss_proof(f"a request came without its line in the log: {err.detail}")

    def _note(self, err: Rejected, now: datetime) -> None:
        self.counts[err.reason] += 1
        if (last := self._logged.get(err.reason)) is None or now - last >= _SILENCE:
            self._logged[err.reason] = now
            _LOGGER.warning("A request was not believed: %s", err)

    def _reply(
        self,
        request: Request,
        outcome: Outcome,
        reason: str | None = None,
        still: Picture | None = None,
        *,
        proved: bool = True,
    ) -> None:
        """Reply, and keep the record; `proved` if the look is known to stand in the log."""
        reply = self._send(request, outcome, reason, still)
        self._record(request, reply, request.log.proof.index if proved else None)

    def _send(
        self,
        request: Request,
        outcome: Outcome,
        reason: str | None = None,
        still: Picture | None = None,
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
