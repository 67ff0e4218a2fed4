"""Ends looks: the line, the entry and the receipt of an end are written together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.access.looks import End, Looks, UnderWay
from hub.access.receipts import Ended, Receipts, note_size
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Outcome
from hub.transparency.log import AccessLog, Page

_LOGGER = logging.getLogger(__name__)

SILENT = "silent"
"""The outcome of a look whose home did not answer; all others are the home's own words."""
_LONGEST = timedelta(minutes=1)
"""After so long nobody waits for the end of a still any more: its hub was stopped."""
_LOST = End(outcome=Outcome.FAILED, reason="hub_stopped")


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

    async def finish(self, now: datetime) -> None:
        """End the looks that were under way when their hub was stopped."""
        if not await self._looks.unended(now - _LONGEST):
            return
        async with self._log.writing() as page:
            # Again, because another hub may have done it since.
            found = await self._looks.unended(now - _LONGEST, page.connection)
            written = [await self.write(page, look, _LOST) for look in found]
        for one in written:
            if one is not None:
                self.over(page, one)
