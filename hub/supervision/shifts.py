"""An operator's shift as text: `mon-fri 08:00-16:00; sat 22:00-06:00 America/Chicago`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(_DAYS)
_PART = re.compile(rf"({_DAY})(?:-({_DAY}))? (\d\d):(\d\d)-(\d\d):(\d\d)")
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours that begin on some days; those that end before they begin cross midnight."""

    days: frozenset[int]
    begin: int
    end: int

    def hold(self, day: int, minute: int) -> bool:
        """Tell whether a minute of a day belongs to them."""
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or (
            (day - 1) % len(_DAYS) in self.days and minute < self.end
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """When an operator is on duty, with some minutes before and after that count as duty too."""

    hours: tuple[Hours, ...]
    zone: tzinfo

    def holds(self, moment: datetime, slack: timedelta = timedelta(minutes=30)) -> bool:
        """Tell whether a moment is within the shift, or near enough to it."""
        return any(self._holds(moment + shifted) for shifted in (timedelta(0), slack, -slack))

    def _holds(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(hours.hold(local.weekday(), minute) for hours in self.hours)


def parse_shift(text: str) -> Shift:
    """Read a shift; without a time zone it is in UTC.

    Raises:
        ValueError: saying what is wrong.

    """
    text, zone = _zone(text.strip())
    hours = tuple(_hours(part.strip()) for part in text.split(";"))
    return Shift(hours, zone)


def _zone(text: str) -> tuple[str, tzinfo]:
    hours, _, name = text.rpartition(" ")
    if not name or name[0].isdigit() or ":" in name:
        return text, UTC
    try:
        return hours, ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as err:
        raise ValueError(f"{name!r} is no time zone") from err


def _hours(part: str) -> Hours:
    found = _PART.fullmatch(part.lower())
    if found is None:
        raise ValueError(f"{part!r} is not like 'mon-fri 08:00-16:00'")
    first, last, *numbers = found.groups()
    begin, end = _minute(*numbers[:2]), _minute(*numbers[2:])
    if begin == end:
        raise ValueError(f"{part!r} ends when it begins")
    start = _DAYS.index(first)
    count = (_DAYS.index(last or first) - start) % len(_DAYS) + 1
    return Hours(frozenset((start + day) % len(_DAYS) for day in range(count)), begin, end)


def _minute(hour: str, minute: str) -> int:
    if hour == "24" and minute == "00":
        return _MIDNIGHT
    at = time(int(hour), int(minute))
    return at.hour * 60 + at.minute
