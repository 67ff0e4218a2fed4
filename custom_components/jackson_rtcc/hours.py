"""Weekly hours in the home's time zone: when does a window begin and end?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """On each of `days` (Monday is 0) from `start` to `end`.

    An `end` that is not after `start` belongs to the next day, so equal times mean a whole day.
    """

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of time, in UTC, its end excluded."""

    starts: datetime
    ends: datetime


def window_at(hours: Hours, now: datetime, tz: tzinfo) -> Window | None:
    """Return the window that `now` lies in; windows that touch are one, up to a week long."""
    today = now.astimezone(tz).date()
    found: Window | None = None
    for window in _windows(hours, today - _DAY, today + 8 * _DAY, tz):
        if found is None:
            if window.starts <= now < window.ends:
                found = window
        elif window.starts <= found.ends:
            found = Window(found.starts, max(found.ends, window.ends))
        else:
            break
    return found


def window_after(hours: Hours, now: datetime, tz: tzinfo) -> Window | None:
    """Return the first window that begins after `now`."""
    today = now.astimezone(tz).date()
    for window in _windows(hours, today - _DAY, today + 9 * _DAY, tz):
        if window.starts > now:
            return window
    return None


def _windows(hours: Hours, first: date, last: date, tz: tzinfo) -> Iterator[Window]:
    day = first
    while day <= last:
        if day.weekday() in hours.days:
            starts = moment(day, hours.start, tz)
            ends = moment(day if hours.start < hours.end else day + _DAY, hours.end, tz)
            # Both edges may fall into the same hour that the clocks skip.
            if starts < ends:
                yield Window(starts, ends)
        day += _DAY


def moment(day: date, wall: time, tz: tzinfo) -> datetime:
    """Return the first instant at which the clock on the wall shows `wall` or later on `day`.

    So a time that comes twice means its first coming, and one that the clocks skip means the
    instant at which they skip it.
    """
    local = datetime.combine(day, wall)
    found = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if found.astimezone(tz).replace(tzinfo=None) == local:
        return found
    before, after = local.replace(tzinfo=tz, fold=1).astimezone(UTC), found
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(tz).replace(tzinfo=None) < local:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
