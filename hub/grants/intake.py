"""From the broker to the live set: verify, refuse or reserve, store, admit, acknowledge.

Two stages run behind each other, each taking whatever has gathered while it was busy: one
verifies and lets revocations act at once, the other commits and then lets grants go live. A
message is acknowledged to the broker only when the store holds it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.grants import words
from hub.grants.cameras import Cameras
from hub.grants.words import Word, digest
from hub.protocol.errors import Reason, Rejected
from hub.protocol.grant import Grant, Revocation, verify
from hub.protocol.tokens import LONGEST, Verifier
from hub.rejections import Rejections

_LOGGER = logging.getLogger(__name__)
_BATCH = 128
_WORKERS = 2
_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it came: from which home, about which camera; `done` once it is dealt with."""

    home: str
    camera: str
    token: bytes
    verifier: Verifier
    done: asyncio.Future[None]

    def finish(self) -> None:
        """Let the message be acknowledged, if somebody still waits for that."""
        if not self.done.done():
            self.done.set_result(None)


class Intake:
    """Takes grants and revocations into the live set, in order, in batches."""

    def __init__(
        self,
        *,
        cameras: Cameras,
        engine: AsyncEngine,
        hub: str,
        verifier_of: Callable[[str], Verifier | None],
        rejections: Rejections,
        now: Callable[[], datetime],
    ) -> None:
        """Take the live set, the store, this hub's id, the homes' keys and the clock."""
        self._cameras = cameras
        self._engine = engine
        self._hub = hub
        self._verifier_of = verifier_of
        self._rejections = rejections
        self._now = now
        self._arrivals = asyncio.Queue[Arrival]()
        self._commits = asyncio.Queue[tuple[list[Word], list[Arrival]]]()
        self._executor = ThreadPoolExecutor(_WORKERS, thread_name_prefix="verify")
        self._tasks: list[asyncio.Task[None]] = []
        self.storing = True

    def start(self) -> None:
        """Start both stages."""
        self._tasks = [
            asyncio.create_task(self._verify_all(), name="intake verify"),
            asyncio.create_task(self._commit_all(), name="intake commit"),
        ]

    async def stop(self) -> None:
        """End both stages; what was not acknowledged will be sent again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def take(self, home: str, camera: str, token: bytes) -> None:
        """Deal with one message; return when it may be acknowledged."""
        if not token:
            # A cleared retained message. It says nothing: only a signed revocation ends a grant.
            return
        if len(token) > LONGEST:
            self._refuse(home, Rejected(Reason.OVERSIZED, f"longer than {LONGEST} characters"))
            return
        verifier = self._verifier_of(home)
        if verifier is None:
            self._refuse(home, Rejected(Reason.UNKNOWN_HOME, "no such home is enrolled"))
            return
        held = self._cameras.held(camera)
        if held is not None and held.home == home and held.digest == digest(token):
            return
        done = asyncio.get_running_loop().create_future()
        await self._arrivals.put(Arrival(home, camera, token, verifier, done))
        await done

    async def _verify_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = await _gathered(self._arrivals)
            now = self._now()
            share = -(-len(batch) // _WORKERS)
            parts = [batch[i : i + share] for i in range(0, len(batch), share)]
            results = await asyncio.gather(
                *(
                    loop.run_in_executor(self._executor, _verified, part, self._hub, now)
                    for part in parts
                )
            )
            accepted: list[Word] = []
            waiting: list[Arrival] = []
            for arrival, result in zip(
                batch, (one for part in results for one in part), strict=True
            ):
                if (word := self._reserve(arrival, result)) is None:
                    arrival.finish()
                else:
                    accepted.append(word)
                    waiting.append(arrival)
            if accepted:
                await self._commits.put((accepted, waiting))

    def _reserve(self, arrival: Arrival, result: Grant | Revocation | Rejected) -> Word | None:
        try:
            if isinstance(result, Rejected):
                raise result
            token_digest = digest(arrival.token)
            held = self._cameras.held(arrival.camera)
            if held is not None and held.digest == token_digest:
                return None
            self._cameras.check(arrival.camera, result)
        except Rejected as rejected:
            self._refuse(arrival.home, rejected)
            return None
        self._cameras.reserve(arrival.camera, result, token_digest)
        return Word(arrival.camera, result, arrival.token)

    async def _commit_all(self) -> None:
        while True:
            batches = await _gathered(self._commits)
            accepted = [word for batch, _ in batches for word in batch]
            await self._store(accepted)
            for word in accepted:
                held = self._cameras.held(word.camera)
                if held is not None and held.seq == word.word.seq:
                    self._cameras.admit(word.camera)
            for _, waiting in batches:
                for arrival in waiting:
                    arrival.finish()

    async def _store(self, accepted: Sequence[Word]) -> None:
        while True:
            try:
                await words.save(self._engine, accepted)
            except SQLAlchemyError as err:
                if self.storing:
                    cause = getattr(err, "orig", None) or err
                    _LOGGER.critical("The store takes no grants, so none is live: %s", cause)
                    # Unacknowledged grants fill the broker's window, and behind them no
                    # revocation arrives any more. So nothing is believed until it is over.
                    self._cameras.suspend()
                self.storing = False
                await asyncio.sleep(_RETRY_S)
            else:
                if not self.storing:
                    _LOGGER.warning("The store takes grants again")
                    self._cameras.resume()
                self.storing = True
                return

    def _refuse(self, home: str, rejected: Rejected) -> None:
        self._rejections.note(home, rejected, self._now())


async def _gathered[T](queue: asyncio.Queue[T]) -> list[T]:
    batch = [await queue.get()]
    while len(batch) < _BATCH and not queue.empty():
        batch.append(queue.get_nowait())
    return batch


def _verified(
    arrivals: Sequence[Arrival], hub: str, now: datetime
) -> list[Grant | Revocation | Rejected]:
    results: list[Grant | Revocation | Rejected] = []
    for arrival in arrivals:
        try:
            results.append(
                verify(arrival.token, arrival.verifier, arrival.home, arrival.camera, hub, now)
            )
        except Rejected as rejected:
            results.append(rejected)
    return results
