"""Receipts: what each home gets about the end of a look, sent until the home has signed for it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.access.shown import Shown
from hub.messaging.bus import Bus, Disconnected
from hub.protocol import topics
from hub.protocol.entries import Entry
from hub.protocol.errors import LOG_REASONS, Reason, Rejected
from hub.protocol.receipt import (
    Acknowledgement,
    Receipt,
    sign_receipt,
    verify_acknowledgement,
)
from hub.protocol.tokens import Signer, Verifier
from hub.rejections import Rejections
from hub.store.tables import homes, log_entries, receipts
from hub.transparency.log import AccessLog, Written

_LOGGER = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""How long a home can be away and still get its receipts; after that it asks by itself."""
FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 900.0
_AT_ONCE = 20
"""Receipts on their way to one home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of a look as a receipt tells it."""

    home: str
    camera: str
    look: str
    outcome: str
    seconds: int


@dataclass(slots=True)
class _Pending:
    ended: Ended
    written: Written
    made: datetime
    turn: int = -1
    pause: float = 0.0
    due: float = 0.0
    corrected: bool = False


class Receipts:
    """The receipts that no home has signed for yet, in the store and in memory."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        log: AccessLog,
        bus: Bus,
        signer: Signer,
        shown: Shown,
        verifier_of: Callable[[str], Verifier | None],
        rejections: Rejections,
        doubted: Callable[[str, str], None],
        now: Callable[[], datetime],
    ) -> None:
        """Take the rooms around; `doubted(home, reason)` hears that the log does not add up."""
        self._engine = engine
        self._log = log
        self._bus = bus
        self._signer = signer
        self._shown = shown
        self._verifier_of = verifier_of
        self._rejections = rejections
        self._doubted = doubted
        self._now = now
        self._pending: dict[str, dict[str, _Pending]] = {}
        self._online: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Read the store."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(receipts, log_entries.c.data)
                .join(log_entries, log_entries.c.index == receipts.c.entry)
                .order_by(receipts.c.entry)
            )
            for row in rows:
                written = Written(row.entry, Entry.parse(row.data))
                ended = Ended(
                    home=row.home,
                    camera=row.camera,
                    look=row.look,
                    outcome=row.outcome,
                    seconds=row.seconds,
                )
                self._of(row.home)[row.id] = _Pending(ended, written, row.made)
            sizes = await connection.execute(
                select(homes.c.home, homes.c.log_size).where(homes.c.log_size.is_not(None))
            )
            self._shown.load({row.home: row.log_size for row in sizes})

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._send_for_ever(), name="receipts")

    async def stop(self) -> None:
        """Send no more; what is not acknowledged is sent by the next hub."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def __len__(self) -> int:
        """Return how many are not acknowledged."""
        return sum(len(pending) for pending in self._pending.values())

    async def write(
        self, connection: AsyncConnection, ended: Ended, index: int, now: datetime
    ) -> str:
        """Write a receipt in the transaction of its entry, which gets `index`; return its id."""
        id_ = token_urlsafe(16)
        await connection.execute(
            insert(receipts).values(
                id=id_,
                home=ended.home,
                camera=ended.camera,
                look=ended.look,
                outcome=ended.outcome,
                seconds=ended.seconds,
                entry=index,
                made=now,
            )
        )
        return id_

    def send(self, id_: str, ended: Ended, written: Written, now: datetime) -> None:
        """Send a receipt that is written, at once or as soon as its home is there."""
        self._of(ended.home)[id_] = _Pending(ended, written, now)
        self._wake.set()

    def set_online(self, home: str, *, online: bool) -> None:
        """Note a home's presence; what it missed is sent when it comes."""
        if not online:
            self._online.discard(home)
            return
        self._online.add(home)
        for pending in self._pending.get(home, {}).values():
            pending.pause = pending.due = 0.0
            pending.corrected = False
        self._wake.set()

    def all_offline(self) -> None:
        """Forget every home's presence: the hub does not hear its broker."""
        self._online.clear()

    def awaits(self, home: str, id_: str) -> bool:
        """Tell whether this home owes a word on this receipt."""
        return id_ in self._pending.get(home, {})

    async def take(self, home: str, id_: str, payload: bytes) -> None:
        """Deal with a home's word on a receipt."""
        try:
            word = self._read(home, id_, payload)
        except Rejected as rejected:
            self._rejections.note(home, rejected, self._now())
            return
        if word.reason != Reason.LOG_BEHIND:
            await self._acknowledged(home, id_, word)
        elif await self._log.lacks(word.log_size):
            self._doubted(home, word.reason)
        elif (pending := self._pending.get(home, {}).get(id_)) is not None:
            # Unless its other word was heard meanwhile.
            self._again(home, pending, word)

    async def sweep(self, now: datetime) -> None:
        """Give up what no home has signed for in a long time."""
        old = [
            (home, id_)
            for home, all_ in self._pending.items()
            for id_, pending in all_.items()
            if pending.made <= now - KEPT
        ]
        if old:
            async with self._engine.begin() as connection:
                await connection.execute(delete(receipts).where(receipts.c.made <= now - KEPT))
            for home, id_ in old:
                self._drop(home, id_)
            _LOGGER.warning("%s receipts were not acknowledged in %s days", len(old), KEPT.days)

    async def forget(self, home: str) -> None:
        """Drop what is kept for a home that was removed."""
        self._pending.pop(home, None)
        self._online.discard(home)
        self._shown.forget(home)
        async with self._engine.begin() as connection:
            await connection.execute(delete(receipts).where(receipts.c.home == home))

    def _read(self, home: str, id_: str, payload: bytes) -> Acknowledgement:
        verifier, now = self._verifier_of(home), self._now()
        if verifier is None:
            raise Rejected(Reason.UNKNOWN_HOME, "no such home is enrolled")
        word = verify_acknowledgement(payload, verifier, home, self._signer.kid, now)
        if word.receipt != id_:
            raise Rejected(Reason.WRONG_TOPIC, "it is the word on another receipt")
        return word

    def _again(self, home: str, pending: _Pending, word: Acknowledgement) -> None:
        """Send again with another proof: at once, but not at once without end."""
        self._shown.behind(home, word.log_size, pending.turn)
        if not pending.corrected:
            pending.corrected, pending.due = True, 0.0
            self._wake.set()

    async def _acknowledged(self, home: str, id_: str, word: Acknowledgement) -> None:
        if word.reason in LOG_REASONS:
            self._doubted(home, str(word.reason))
        elif word.reason is not None:
            _LOGGER.warning("Home %s does not take a receipt: %s", home, word.reason)
        async with self._engine.begin() as connection:
            await connection.execute(delete(receipts).where(receipts.c.id == id_))
            if word.reason is None:
                await note_size(connection, home, word.log_size)
        self._drop(home, id_)
        self._wake.set()

    def _of(self, home: str) -> dict[str, _Pending]:
        return self._pending.setdefault(home, {})

    def _drop(self, home: str, id_: str) -> None:
        pending = self._pending.get(home, {})
        pending.pop(id_, None)
        if not pending:
            self._pending.pop(home, None)

    async def _send_for_ever(self) -> None:
        while True:
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._send_due()):
                    await self._wake.wait()

    def _send_due(self) -> float | None:
        """Send what is due now; return after how many seconds there is more, if so."""
        now, later = asyncio.get_running_loop().time(), []
        for home in self._online & self._pending.keys():
            for id_, pending in list(self._pending[home].items())[:_AT_ONCE]:
                if pending.due <= now:
                    self._send(id_, pending, now)
                later.append(pending.due)
        return max(0.0, min(later) - now) if later else None

    def _send(self, id_: str, pending: _Pending, now: float) -> None:
        ended = pending.ended
        if pending.due:
            pending.corrected = False
        pending.pause = min(2 * pending.pause or FIRST_PAUSE_S, LONGEST_PAUSE_S)
        pending.due = now + pending.pause
        if not self._bus.connected:
            return
        log, pending.turn = self._shown.prove(ended.home, self._log.book, pending.written)
        receipt = Receipt(
            id=id_,
            hub=self._signer.kid,
            home=ended.home,
            camera=ended.camera,
            look=ended.look,
            outcome=ended.outcome,
            seconds=ended.seconds,
            issued=self._now(),
            log=log,
        )
        token = sign_receipt(self._signer, receipt)
        with suppress(Disconnected):
            self._bus.publish(topics.receipts(ended.home), token.encode("ascii"))


async def note_size(connection: AsyncConnection, home: str, size: int) -> None:
    """Keep how much of the log a home has verified, by its signed word."""
    await connection.execute(update(homes).where(homes.c.home == home).values(log_size=size))
