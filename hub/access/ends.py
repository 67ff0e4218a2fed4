"""Ends looks: the line, the entry and the receipt of an end are written together."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.access.looks import End, Looks, UnderWay, Unended
from hub.access.receipts import Ended, Receipts, note_size
from hub.protocol.entries import EntryKind
from hub.protocol.session import LONGEST_SESSION_S
from hub.protocol.vocabulary import Outcome
from hub.transparency.log import AccessLog, Page

_LOGGER = logging.getLogger(__name__)

SILENT = "silent"
"""The outcome of a look whose home did not answer; all others are the home's own words."""
_LONGEST = timedelta(minutes=1)
"""So long after a still was asked for, or a stream's lease was over, its hub was stopped."""
HUB_STOPPED = "hub_stopped"


@dataclass(frozen=True, slots=True)
class _Written:
    receipt: str
    ended: Ended
    index: int


class Ends:
    """Writes the ends of looks."""

    def __init__(
        self, log: AccessLog, looks: Looks, receipts: Receipts, count: Callable[[str], None]
    ) -> None:
        """Take the log, the lines, the receipts, and what counts a look by its outcome."""
        self._log = log
        self._looks = looks
        self._receipts = receipts
        self._count = count

    async def write(
        self, page: Page, look: UnderWay, end: End, log_size: int | None = None
    ) -> _Written | None:
        """Write an end on an open page; `log_size` is the home's word on what it has verified.

        A look has one end: None if it was written before, because nobody seemed to wait for it.
        """
        if not await self._looks.end(page.connection, look.look, page.now, end):
            return None
        ended = Ended(
            home=look.home,
            camera=look.camera,
            look=look.look,
            outcome=end.outcome,
            seconds=end.seconds,
        )
        index = page.start + len(page.entries)
        page.add(
            EntryKind.LOOK_ENDED,
            actor=look.pseudonym,
            role=look.role,
            outcome=end.outcome,
            home=look.home,
            about={
                "look": look.look,
                "camera": look.camera,
                "incident": look.incident,
                "seconds": end.seconds,
                "reason": end.reason,
                "sha256": end.sha256,
                "length": end.length,
            },
        )
        if log_size is not None and log_size <= page.start:
            await note_size(page.connection, look.home, log_size)
        receipt = await self._receipts.write(page.connection, ended, index, page.now)
        return _Written(receipt, ended, index)

    def over(self, page: Page, written: _Written) -> None:
        """Count an end and send its receipt, now that its page is written."""
        ended, entry = written.ended, page.written[written.index - page.start]
        self._count(ended.outcome)
        _LOGGER.info("Look %s: %s", ended.look, ended.outcome)
        self._receipts.send(written.receipt, ended, entry, page.now)

    async def end(self, ends: Sequence[tuple[UnderWay, End]], log_size: int | None = None) -> None:
        """Write ends on a page of their own.

        Raises:
            SQLAlchemyError: if the log cannot be written.

        """
        async with self._log.writing() as page:
            written = [await self.write(page, look, end, log_size) for look, end in ends]
        for one in written:
            if one is not None:
                self.over(page, one)

    async def finish(self, now: datetime) -> None:
        """End the looks that were under way when their hub was stopped."""
        if not await self._looks.unended(now - _LONGEST):
            return
        async with self._log.writing() as page:
            # Again, because another hub may have done it since.
            found = await self._looks.unended(now - _LONGEST, page.connection)
            written = [await self.write(page, each.look, lost(each)) for each in found]
        for one in written:
            if one is not None:
                self.over(page, one)


def lost(found: Unended) -> End:
    """Return the end of a look whose hub stopped; of a stream, that it ran until its lease ended.

    Its home ended it then at the latest. So nobody watched for longer than is written.
    """
    if found.began is None or found.until is None:
        return End(outcome=Outcome.FAILED, reason=HUB_STOPPED)
    seconds = lasted(found.began, found.until)
    return End(outcome=Outcome.OK, reason=HUB_STOPPED, seconds=seconds)


def lasted(began: datetime, ended: datetime) -> int:
    """Return for how many seconds a stream ran, each begun one counted."""
    return min(max(0, math.ceil((ended - began).total_seconds())), LONGEST_SESSION_S)
