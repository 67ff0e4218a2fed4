"""Sessions: the live video that is under way, and the end of each the moment it may not go on."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .bridge import Bridge
from .late import Late
from .ledger import Ledger
from .permit import BUSY, Asked, Refused
from .protocol import topics
from .protocol.city import City
from .protocol.errors import Rejected
from .protocol.keys import from_jwk
from .protocol.request import REQUEST_LIFE, Request
from .protocol.session import SESSION, Act, Word, sign_word, verify_word
from .protocol.stream import LEASE, Candidate, Offer
from .protocol.tokens import LEEWAY, Signer, Token, Verifier
from .session import Ended, Session
from .session_rule import End, Running, end_in_record, next_end, session_end
from .share import Share
from .shares import Shares
from .unbelieved import Unbelieved

_LOGGER = logging.getLogger(__name__)

_MOST_EARLY = 100
"""Candidates of a player that are kept until the camera has answered."""


class Sessions:
    """Every session of a home; `most` tells how many there may be at once."""

    def __init__(
        self,
        hass: HomeAssistant,
        shares: Shares,
        ledger: Ledger,
        *,
        home: str,
        city: City,
        signer: Signer,
        most: Callable[[], int],
    ) -> None:
        """Take what is shared, who keeps the record, who speaks to whom, and the limit."""
        self._hass = hass
        self._shares = shares
        self._ledger = ledger
        self._home = home
        self._hub = city.hub
        self._policy = city.policy
        self._verifier = Verifier(from_jwk(city.key))
        self._signer = signer
        self._most = most
        self._bridge = Bridge(hass)
        self._sessions: dict[str, Session] = {}
        self._closed: dict[str, datetime] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False
        self.counts: Counter[str] = Counter()
        self._unbelieved = Unbelieved("word on a stream", self.counts)
        self.publish: Callable[[str, bytes], None] = lambda _topic, _payload: None

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._sessions)

    async def begin(self, request: Request, offer: Offer, camera: str, share: Share) -> Session:
        """Begin a session that may begin, and return it when the camera has answered.

        Raises:
            Refused: if there are too many.
            BridgeError: if the camera does not stream.
            Ended: if it was ended meanwhile.

        """
        now = dt_util.utcnow()
        self._closed = {id_: until for id_, until in self._closed.items() if until > now}
        if self._stopped:
            raise Ended(End.STOPPING)
        if request.id in self._closed:
            raise Ended(End.CLOSED)
        if request.id in self._sessions or self._full(camera, share):
            # One in the place of another would leave that without an end.
            raise Refused(BUSY)
        running = Running(
            asked=Asked.by(request),
            share=share,
            began=now,
            until=now + LEASE,
            promised=request.issued + LEASE,
        )
        late = Late(
            self._hass.loop,
            lambda found: self._say(request.id, Act.CANDIDATES, candidates=found),
        )
        session = Session(request.id, camera, running, self._ledger.begin(camera), late)
        self._sessions[session.id] = session
        self._set_timer(now)
        session.opening = self._hass.async_create_background_task(
            self._open(session, offer), f"jackson_rtcc stream {session.id}", eager_start=True
        )
        try:
            await asyncio.wait({session.opening})
            if session.ended is None:
                session.opening.result()
        except BaseException:
            self.end(session, End.CAMERA_FAILED)
            raise
        if session.ended is not None:
            raise Ended(session.ended)
        return session

    @callback
    def hand_over(self, session: Session) -> None:
        """Note that the hub gets the answer now: the owner's city looks through the camera."""
        session.handed_over = dt_util.utcnow()
        session.late.begin()

    @callback
    def receive(self, token: bytes) -> None:
        """Take a word of the hub."""
        now = dt_util.utcnow()
        try:
            word = verify_word(token, self._verifier, self._hub, self._home, now)
        except Rejected as err:
            self._unbelieved.note(err, now)
            return
        if (session := self._sessions.get(word.session)) is None:
            if word.act is Act.CLOSE:
                # It may overtake its request, which is sent again for another proof.
                self._closed[word.session] = now + REQUEST_LIFE + LEEWAY
            elif word.act is Act.RENEW:
                self._tell_again(word.session, now)
            return
        match word.act:
            case Act.CLOSE:
                self.end(session, End.CLOSED)
            case Act.RENEW:
                self._renew(session, word, now)
            case Act.CANDIDATES if session.answered is not None:
                session.answered.add(word.candidates)
            case Act.CANDIDATES if len(session.early) < _MOST_EARLY:
                session.early += word.candidates

    @callback
    def check(self) -> None:
        """End each session that may not go on; called whenever that may have changed."""
        now = dt_util.utcnow()
        for session in list(self._sessions.values()):
            self._check(session, now)
        self._set_timer(now)

    @callback
    def end(self, session: Session, why: End) -> None:
        """End a session, once."""
        if self._sessions.pop(session.id, None) is None:
            return
        session.ended = why
        session.late.end()
        if session.opening is not None:
            session.opening.cancel()
        if session.answered is not None:
            session.answered.close()
        session.not_viewed()
        if session.handed_over is not None:
            self._tell(session, session.handed_over, why)

    @callback
    def end_all(self, why: End) -> None:
        """End every session."""
        for session in list(self._sessions.values()):
            self.end(session, why)

    async def close(self) -> None:
        """End every session; none begins any more."""
        if self._stopped:
            return
        self._stopped = True
        opening = [
            session.opening for session in self._sessions.values() if session.opening is not None
        ]
        self.end_all(End.STOPPING)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if opening:
            await asyncio.wait(opening)
        self._bridge.close()

    async def _open(self, session: Session, offer: Offer) -> None:
        answered = await self._bridge.open(
            session.running.share.entity,
            session.id,
            offer,
            relay_only=session.running.share.relay_only,
            late=session.late.add,
            failed=lambda reason: self._camera_failed(session, reason),
        )
        if session.ended is not None:
            answered.close()
            return
        session.answered = answered
        if session.early:
            answered.add(tuple(session.early))

    @callback
    def _camera_failed(self, session: Session, reason: str) -> None:
        _LOGGER.warning("A camera gave up a stream: %s", reason)
        self.end(session, End.CAMERA_FAILED)

    def _full(self, camera: str, share: Share) -> bool:
        viewers = sum(session.camera == camera for session in self._sessions.values())
        return viewers >= share.viewers or len(self._sessions) >= self._most()

    @callback
    def _renew(self, session: Session, word: Word, now: datetime) -> None:
        # One that is over is not renewed, although its timer is late.
        if not self._check(session, now):
            session.running = session.running.renewed(word, now)
            self._set_timer(now)

    def _check(self, session: Session, now: datetime) -> bool:
        """End a session that may not go on; return whether it has ended."""
        given = self._shares.given(session.camera, now)
        if (why := session_end(self._policy, session.running, given, now)) is not None:
            self.end(session, why)
        return why is not None

    def _set_timer(self, now: datetime) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        nearest = min(
            (
                next_end(self._policy, session.running, self._shares.given(session.camera, now))
                for session in self._sessions.values()
            ),
            default=None,
        )
        if nearest is not None:
            # Not by the clock: one that is set back must not put an end off.
            wait = (nearest - now).total_seconds()
            self._timer = self._hass.loop.call_later(wait, self._on_timer)

    @callback
    def _on_timer(self) -> None:
        self._timer = None
        self.check()

    def _tell(self, session: Session, since: datetime, why: End) -> None:
        self.counts[f"ended_{why}"] += 1
        lasted = max(0, round((dt_util.utcnow() - since).total_seconds()))
        self._ledger.finish(session.id, seconds=lasted, reason=why)
        self._say(session.id, Act.ENDED, reason=why, seconds=lasted)

    def _tell_again(self, id_: str, now: datetime) -> None:
        """Tell of an end that the hub did not hear of: else it would log a stream that is none."""
        look = self._ledger.find(id_)
        if look is not None and (over := end_in_record(look, now)) is not None:
            reason, lasted = over
            self._say(id_, Act.ENDED, reason=reason, seconds=lasted)

    def _say(
        self,
        session: str,
        act: Act,
        *,
        candidates: tuple[Candidate, ...] = (),
        reason: str | None = None,
        seconds: int | None = None,
    ) -> None:
        word = Word(
            id=uuid4().hex,
            sender=self._home,
            receiver=self._hub,
            session=session,
            act=act,
            issued=dt_util.utcnow(),
            candidates=candidates,
            reason=reason,
            seconds=seconds,
        )
        self.publish(topics.replies(self._home, session), sign_word(self._signer, word))


def is_word(token: bytes) -> bool:
    """Tell whether what arrived on the topic for requests claims to be a word on a session."""
    try:
        return Token.parse(token).header.get("typ") == SESSION
    except Rejected:
        return False
