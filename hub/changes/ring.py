"""The newest changes, numbered and as they are sent: whoever comes back goes on from there."""

import secrets
from collections import deque
from dataclasses import dataclass
from itertools import islice

import msgspec

from hub.operators.tokens import TokenScope

MOST = 5_000
"""Changes that are kept; whoever missed more begins anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its number, its kind, who may hear of it, and its value as JSON."""

    number: int
    kind: str
    needs: TokenScope
    value: bytes


class Ring:
    """The newest changes of this process; their ids are of no use to another one."""

    def __init__(self, most: int = MOST) -> None:
        """Start with none."""
        self.instance = secrets.token_hex(4)
        self.last = 0
        self._changes = deque[Change](maxlen=most)

    def add(self, kind: str, needs: TokenScope, value: object) -> None:
        """Add a change."""
        self.last += 1
        self._changes.append(Change(self.last, kind, needs, msgspec.json.encode(value)))

    def after(self, number: int, most: int) -> list[Change] | None:
        """Return the oldest changes after this number; None if some of them are not kept."""
        before = self.last - len(self._changes)
        if not before <= number <= self.last:
            return None
        return list(islice(self._changes, number - before, number - before + most))

    def clear(self) -> None:
        """Forget all: something may be missing, so everybody has to begin anew."""
        self.instance = secrets.token_hex(4)
        self._changes.clear()

    def written(self, number: int) -> str:
        """Return the id of a change."""
        return f"{self.instance}-{number}"

    def read(self, id_: str | None) -> int | None:
        """Return the number of an id of this ring, or None."""
        instance, _, number = (id_ or "").partition("-")
        if instance != self.instance or not (number.isascii() and number.isdecimal()):
            return None
        return int(number) if len(number) < 20 else None  # noqa: PLR2004 - longer than any
