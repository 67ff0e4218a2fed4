"""The weekly review (CJIS AU-6): what happened in a week, and looks of it to go through."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hub.protocol.keys import b64url
from hub.supervision.reviews import Cause, Finding

WEEK = timedelta(days=7)
SAMPLED = 20
"""Looks of a week that a supervisor goes through; all of them if there were no more."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look of the week, by its entry."""

    index: int
    operator: str
    camera: str
    incident: str
    outcome: str
    look: str = ""


def monday(moment: datetime) -> datetime:
    """Return the first moment of the week: Monday, 00:00 UTC."""
    day = moment.astimezone(UTC).date()
    return _midnight(day - timedelta(days=day.weekday()))


def weeks_over(first: datetime, now: datetime) -> Iterator[datetime]:
    """Go over the weeks that ended since `first`, each by its Monday."""
    week = monday(first)
    while week + WEEK <= now:
        yield week
        week += WEEK


def key_of(week: datetime) -> str:
    """Return the name under which a week's review is filed."""
    return f"{Cause.WEEKLY}:{week.date().isoformat()}"


def sample(root: bytes, looks: Sequence[Look], most: int = SAMPLED) -> list[Look]:
    """Choose looks by chance, the same ones for everybody who has the log's root.

    Nobody can foresee the choice while the week lasts, because each entry changes the root.
    """
    chosen = sorted(
        looks,
        key=lambda look: hashlib.sha256(root + look.index.to_bytes(8)).digest(),
    )
    return sorted(chosen[:most], key=lambda look: look.index)


def weekly(
    week: datetime, size: int, root: bytes, counts: Mapping[str, int], looks: Sequence[Look]
) -> Finding:
    """Return the review of a week; `size` and `root` are the log's at its end."""
    return Finding(
        cause=Cause.WEEKLY,
        key=key_of(week),
        subject=None,
        about={
            "week": week.date().isoformat(),
            "size": size,
            "root": b64url(root),
            "counts": dict(counts),
            "sample": [
                {
                    "entry": look.index,
                    "operator": look.operator,
                    "camera": look.camera,
                    "incident": look.incident,
                    "outcome": look.outcome,
                }
                for look in sample(root, looks)
            ],
        },
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
