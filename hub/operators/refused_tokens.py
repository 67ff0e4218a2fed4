"""Enters refused API tokens in the log (CJIS AU-2), and lets nobody flood it with them."""

from datetime import datetime, timedelta

from hub.protocol.entries import EntryKind
from hub.transparency.log import PUBLIC, AccessLog

MOST = 60
"""Entries in one minute, from however many addresses."""
_MINUTE = timedelta(minutes=1)


class RefusedTokens:
    """One entry for each source and minute."""

    def __init__(self, log: AccessLog) -> None:
        """Take the log."""
        self._log = log
        self._since: datetime | None = None
        self._entered: set[str] = set()

    async def note(self, source: str, now: datetime) -> None:
        """Enter that a token from this source was refused.

        Raises:
            SQLAlchemyError: if the log cannot be written.

        """
        if self._since is None or not timedelta(0) <= now - self._since < _MINUTE:
            self._since = now
            self._entered.clear()
        if source in self._entered or len(self._entered) >= MOST:
            return
        self._entered.add(source)
        await self._log.write(
            EntryKind.SESSION,
            actor=PUBLIC,
            outcome="refused",
            about={"why": "token", "source": source},
        )
