"""Fuses for topics, because Mosquitto 2.0 answers a forbidden publish by disconnecting.

A home that published it again on every connection would reconnect for ever. So a topic whose
publish was cut off several times in a row, with nothing else under way, is left alone for a while.
"""

from datetime import datetime, timedelta

CUTS = 3
PAUSE = timedelta(minutes=5)


class Fuses:
    """Which topics may not be published for now."""

    def __init__(self) -> None:
        """Start with all whole."""
        self._cuts: dict[str, int] = {}
        self._until: dict[str, datetime] = {}

    def blown(self, topic: str, now: datetime) -> bool:
        """Tell whether the topic is to be left alone."""
        return (until := self._until.get(topic)) is not None and now < until

    def cut(self, topic: str, now: datetime) -> bool:
        """Count a publish that was cut off; return whether the fuse has blown by it."""
        self._cuts[topic] = self._cuts.get(topic, 0) + 1
        if self._cuts[topic] < CUTS:
            return False
        del self._cuts[topic]
        self._until[topic] = now + PAUSE
        return True

    def passed(self, topic: str) -> None:
        """Note that the topic's publish was allowed."""
        self._cuts.pop(topic, None)
        self._until.pop(topic, None)
