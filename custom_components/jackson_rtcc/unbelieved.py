"""Messages that were not believed: all are counted, and logged once for each reason and minute."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from .protocol.errors import Reason, Rejected

_LOGGER = logging.getLogger(__name__)
_SILENCE = timedelta(minutes=1)


class Unbelieved:
    """What was not believed of one kind of message."""

    def __init__(self, what: str, counts: Counter[str]) -> None:
        """Take what kind it is, and where it is counted."""
        self._what = what
        self._counts = counts
        self._logged: dict[Reason, datetime] = {}

    def note(self, err: Rejected, now: datetime) -> None:
        """Count one, and log it if there was none like it lately."""
        self._counts[err.reason] += 1
        if (last := self._logged.get(err.reason)) is None or now - last >= _SILENCE:
            self._logged[err.reason] = now
            _LOGGER.warning("A %s was not believed: %s", self._what, err)
