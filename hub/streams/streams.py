"""The streams of one hub: opened on the one access path, renewed, and ended whatever happens."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from hub.access.ends import HUB_STOPPED, Ends, lasted
from hub.access.looks import End, Looks
from hub.access.path import Allowed, Path
from hub.access.problems import SILENT_HOME, problem_with, unavailable
from hub.access.receipts import note_size
from hub.errors import CAMERA_SILENT, MALFORMED, NOT_FOUND, NOT_READY, UNAUTHENTICATED, Problem
from hub.operators.tokens import Caller
from hub.protocol.claims import Fields
from hub.protocol.documents import Policy
from hub.protocol.errors import Rejected
from hub.protocol.reply import Reply
from hub.protocol.session import Act, Word
from hub.protocol.stream import Candidate, IceServer, Offer
from hub.protocol.vocabulary import Outcome, Scope
from hub.streams.lasting import Lease, begin, renew, why_over, why_told
from hub.streams.running import Ending, Running
from hub.streams.sessions import MOST_CANDIDATES, Session
from hub.streams.told import Over
from hub.streams.watch import Watch
from hub.streams.words import Words

_STORE_FAILED = "store_failed"


class Streams:
    """All streams that this hub opened: in memory; their lines and leases are in the store."""

    def __init__(
        self,
        *,
        path: Path,
        looks: Looks,
        ends: Ends,
        policy: Policy,
        running: Running,
        watch: Watch,
        words: Words,
    ) -> None:
        """Take the path of every look, and the rooms around."""
        self._path = path
        self._looks = looks
        self._ends = ends
        self._policy = policy
        self._running = running
        self._watch = watch
        self._words = words
        self._tasks: set[asyncio.Task[object]] = set()
        self._stopped = False
        self.ice: Callable[[str, datetime], tuple[IceServer, ...]] = lambda _look, _ends: ()
        """Gives the city's STUN and TURN servers for one side of one look that ends then."""
        self.on_begun: Callable[[Session], None] = lambda _session: None
        """Told of a stream that begins to run."""

    def __len__(self) -> int:
        """Return how many run."""
        return len(self._running.all())

    def start(self) -> None:
        """Begin to watch over them."""
        self._watch.start()

    def recheck(self) -> None:
        """Judge all running streams again at once: something changed."""
        self._watch.recheck()

    async def stop(self) -> None:
        """End all, and open none any more; another time does nothing."""
        self._stopped = True
        await self._watch.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._running.end(
            [Ending(session, Over.HUB_STOPPED) for session in self._running.all()]
        )

    async def open(
        self, incident: str, camera: str, offer: str, caller: Caller, *, trickle: bool = False
    ) -> Session:
        """Begin a stream; returns when the home has answered.

        With `trickle` whoever asks listens to the camera's candidates that come after the answer.

        Raises:
            Problem: as for a snapshot (`not-found`, `incident-closed`, `policy`,
                `camera-unavailable` for all that could tell of the owner, `camera-failed`,
                `camera-silent`), and `malformed`, `offer-refused`, `relay-needed`, `camera-busy`,
                `no-live-video`, `codec-unsupported`.
            SQLAlchemyError: if the log cannot be written; then nobody was asked, or at least
                nothing is relayed.

        """
        if self._stopped:
            raise Problem(NOT_READY, "The hub is stopping.")
        try:
            read = Offer.read(Fields({"sdp": offer, "ice": [], "trickle": trickle}))
        except Rejected as err:
            raise Problem(MALFORMED, f"The offer cannot be read: {err.detail}.") from err
        opening = asyncio.create_task(self._open(incident, camera, read, caller))
        self._keep(opening)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            # Whoever asked has gone, and the home may say yes all the same.
            opening.add_done_callback(self._unwanted)
            raise

    def find(self, secret: str) -> Session | None:
        """Return the running stream with this secret."""
        return self._running.find(secret)

    def of(self, caller: Caller) -> list[Session]:
        """Return the running streams that this caller opened, oldest first."""
        return [session for session in self._running.all() if session.caller == caller]

    async def renew(self, session: Session, caller: Caller) -> None:
        """Decide again, and let the stream live `LEASE` from now; `until` and `ends` tell.

        Raises:
            Problem: `not-found` if it is over or another caller's; else as for `open`, and then
                the stream is over.
            SQLAlchemyError: if the store cannot be written; then the lease stays as it was.

        """
        if session.over is not None or caller != session.caller:
            raise _none()
        async with self._path.log.writing() as page:
            judged = await self._path.judge.judge(page.connection, session.asked, page.now)
            here = await self._watch.present(page.connection, session, page.now)
            over = why_over(session.lease, judged.decision, present=here, now=page.now)
            lease = renew(session.lease, page.now)
            if over is None and not await self._looks.renew(
                page.connection, session.look, lease.until
            ):
                # Its end was written by another hub, by the home's word.
                over = Over.NO_LONGER_AVAILABLE
        if over is None and session.over is None:
            session.renewed(lease.until)
            self._words.renew(session.under_way.home, session.look, lease.until)
            return
        if over is not None:
            await self._running.end([Ending(session, over)])
        raise _none() if judged.decision.allowed else problem_with(judged)

    async def candidates(self, session: Session, candidates: tuple[Candidate, ...]) -> None:
        """Pass candidates of the player on to the home."""
        taken = candidates[: MOST_CANDIDATES - session.sent]
        if session.over is None and taken:
            session.sent += len(taken)
            self._words.candidates(session.under_way.home, session.look, taken)

    async def close(self, session: Session, reason: Over = Over.STOPPED) -> None:
        """End a stream, if it is not over."""
        await self._running.end([Ending(session, reason)])

    async def heard(self, home: str, word: Word) -> None:
        """Deal with a home's word."""
        session = self._running.of(word.session)
        if session is None or session.under_way.home != home:
            if word.act is Act.ENDED and not self._running.past(word.session):
                await self._heard_of_another_s(home, word)
        elif word.act is Act.CANDIDATES:
            session.found(word.candidates)
        elif session.began is None:
            session.early = word
        else:
            await self._running.end([self._told(session, word)])

    def answered(self, home: str, look: str) -> None:
        """Deal with a reply for which nobody waits any more."""
        self._running.late(home, look)

    async def _open(self, incident: str, camera: str, offer: Offer, caller: Caller) -> Session:
        look = await self._path.decide(incident, camera, Scope.STREAM, caller)
        lease = begin(self._policy, look.incident, look.asked.at)
        session = Session(
            asked=look.asked,
            under_way=look.under_way,
            ice=self.ice(look.asked.id, lease.ends),
            until=lease.until,
            ends=lease.ends,
        )
        # Before the home is asked: it may speak of the stream at once.
        self._running.add(session)
        try:
            for_home = replace(offer, ice=self.ice(session.look, session.ends))
            reply = await self._path.ask(look, for_home)
        except Problem as problem:
            silent = problem.kind is CAMERA_SILENT
            self._running.drop(session, Over.NO_LONGER_AVAILABLE, close=silent)
            raise
        except BaseException as err:
            self._give_up(session, err)
            raise
        try:
            await self._begin(session, look, reply)
        except Problem:
            self._running.drop(session, Over.NO_LONGER_AVAILABLE, close=True)
            raise
        except BaseException as err:
            self._give_up(session, err)
            raise
        if session.early is not None:
            await self._running.end([self._told(session, session.early)])
            raise unavailable()
        # What changed while it was opened told nobody of it.
        self.recheck()
        return session

    async def _begin(self, session: Session, look: Allowed, reply: Reply) -> None:
        """Let a stream run, if it still may.

        Raises:
            Problem: if the incident was closed or moved, or the grant taken back, meanwhile.
            SQLAlchemyError: if its beginning cannot be written.

        """
        assert reply.answer is not None  # noqa: S101 - `Asks` takes nothing else for an ok
        written, began = None, False
        async with self._path.log.writing() as page:
            judged = await self._path.judge.judge(page.connection, session.asked, page.now)
            here = await self._watch.present(page.connection, session, page.now)
            over = why_over(session.lease, judged.decision, present=here, now=page.now)
            if over is None:
                began = await self._looks.began(page.connection, session.look, page.now)
                if reply.log_size <= page.start:
                    await note_size(page.connection, reply.home, reply.log_size)
            else:
                end = End(outcome=Outcome.REFUSED, reason=judged.decision.reason or over)
                written = await self._ends.write(page, look.under_way, end, reply.log_size)
        if written is not None:
            self._ends.over(page, written)
        if began:
            self._running.begin(session, reply.answer, page.now)
            self.on_begun(session)
        elif not judged.decision.allowed:
            raise problem_with(judged)
        elif over is Over.SIGNED_OUT:
            raise Problem(UNAUTHENTICATED, "Whoever asked is not signed in any more.")
        else:
            raise Problem(CAMERA_SILENT, SILENT_HOME)

    def _give_up(self, session: Session, err: BaseException) -> None:
        """End a stream that did not begin because something here went wrong."""
        cancelled = isinstance(err, asyncio.CancelledError)
        self._running.drop(session, Over.HUB_STOPPED, close=True)
        reason = HUB_STOPPED if cancelled else _STORE_FAILED
        self._running.owe(session.under_way, End(outcome=Outcome.FAILED, reason=reason))
        self.recheck()

    def _told(self, session: Session, word: Word) -> Ending:
        reason = why_told(word, session.lease, self._path.now())
        return Ending(session, reason, word.seconds or 0)

    async def _heard_of_another_s(self, home: str, word: Word) -> None:
        """Write the end of a stream that a hub opened that may have stopped since.

        If it runs, it heard the same word, and one of both writes it. What it closed is its own.
        """
        if word.reason == "closed":
            return
        with suppress(SQLAlchemyError):
            found = await self._looks.running(word.session, home)
            if found is None or found.began is None or found.until is None:
                return
            lease = Lease(found.until, found.until)
            reason = why_told(word, lease, self._path.now())
            seconds = min(word.seconds or 0, lasted(found.began, found.until))
            end = End(outcome=Outcome.OK, reason=reason, seconds=seconds)
            await self._ends.end([(found.look, end)])

    def _unwanted(self, opening: asyncio.Task[Session]) -> None:
        if not opening.cancelled() and opening.exception() is None:
            self._keep(asyncio.create_task(self.close(opening.result())))

    def _keep(self, task: asyncio.Task[Session] | asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _none() -> Problem:
    return Problem(NOT_FOUND, "There is no such stream.")
