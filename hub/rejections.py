"""Refused messages: each counted by reason, logged once per source and minute."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from hub.protocol.errors import Rejected

_LOGGER = logging.getLogger(__name__)
_QUIET = timedelta(minutes=1)
_MOST_SOURCES = 10_000


class Rejections:
    """Counts every refusal and logs the first of a source in a minute."""

    def __init__(self, count: Callable[[str], None]) -> None:
        """Take what counts one refusal under its reason."""
        self._count = count
        self._logged: dict[str, datetime] = {}

    def note(self, source: str, rejected: Rejected, now: datetime) -> None:
        """Record one refusal of a message from `source` (a home's id)."""
        self._count(rejected.reason)
        last = self._logged.get(source)
        if last is not None and now - last < _QUIET:
            return
        if len(self._logged) >= _MOST_SOURCES:
            self._logged.clear()
        self._logged[source] = now
        _LOGGER.warning("Refused a message from %s: %s", source, rejected)
