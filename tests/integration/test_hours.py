"""Weekly hours against a definition that walks through the minutes, over both clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.jackson_rtcc.hours import Hours, Window, moment, window_after, window_at

CHICAGO = ZoneInfo("America/Chicago")
SPRING = date(2026, 3, 8)
AUTUMN = date(2026, 11, 1)
MINUTE = timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))


@cache
def minutes(day: date) -> list[tuple[datetime, datetime]]:
    """Return each minute around a day in UTC, with what the clock on the wall shows."""
    first = datetime.combine(day - timedelta(days=3), time(), UTC)
    return [
        (at, at.astimezone(CHICAGO).replace(tzinfo=None))
        for at in (first + n * MINUTE for n in range(7 * 24 * 60))
    ]


@cache
def first_showing(around: date, day: date, wall: time) -> datetime:
    """Return the first minute at which the clock shows `wall` or later on `day`."""
    target = datetime.combine(day, wall)
    return next(at for at, local in minutes(around) if local >= target)


def by_definition(hours: Hours, around: date) -> list[tuple[datetime, datetime]]:
    """Return the windows of the three days around a day, by looking at the clock only."""
    found = []
    for offset in (-2, -1, 0, 1):
        day = around + timedelta(days=offset)
        if day.weekday() in hours.days:
            last = day if hours.end > hours.start else day + timedelta(days=1)
            found.append(
                (first_showing(around, day, hours.start), first_showing(around, last, hours.end))
            )
    return [(starts, ends) for starts, ends in found if starts < ends]


walls = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
weekly = st.builds(Hours, days=st.frozensets(st.integers(0, 6), min_size=1), start=walls, end=walls)
changes = st.sampled_from([SPRING, AUTUMN])
minute_of_day = st.integers(0, 25 * 60)


def at_minute(day: date, minute: int) -> datetime:
    return moment(day, time(), CHICAGO) + minute * MINUTE


@given(hours=weekly, day=changes, minute=minute_of_day)
def test_inside_or_not(hours: Hours, day: date, minute: int) -> None:
    now = at_minute(day, minute)
    inside = any(starts <= now < ends for starts, ends in by_definition(hours, day))
    window = window_at(hours, now, CHICAGO)
    assert (window is not None) is inside
    if window is not None:
        assert window.starts <= now < window.ends


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (time(18), time(6)),
        (time(1, 30), time(3)),
        (time(2, 30), time(3, 30)),
        (time(1), time(2, 30)),
        (time(2, 10), time(2, 50)),
        (time(23), time(1, 30)),
        (time(0), time(0)),
        (time(2, 30), time(2, 30)),
    ],
)
def test_each_minute_of_a_change(day: date, start: time, end: time) -> None:
    hours = Hours(EVERY_DAY, start, end)
    windows = by_definition(hours, day)
    for minute in range(25 * 60):
        now = at_minute(day, minute)
        inside = any(starts <= now < ends for starts, ends in windows)
        assert (window_at(hours, now, CHICAGO) is not None) is inside, now


@given(hours=weekly, day=changes, minute=minute_of_day)
def test_next_begins_first(hours: Hours, day: date, minute: int) -> None:
    now = at_minute(day, minute)
    window = window_after(hours, now, CHICAGO)
    assert window is not None
    assert window.starts > now
    for starts, _ in by_definition(hours, day):
        assert starts <= now or starts >= window.starts


@given(hours=weekly, day=changes, minute=minute_of_day)
def test_end_is_the_first_minute_outside(hours: Hours, day: date, minute: int) -> None:
    now = at_minute(day, minute)
    if (window := window_at(hours, now, CHICAGO)) is None:
        return
    assert window_at(hours, window.ends - MINUTE, CHICAGO) is not None
    if window.ends - now < timedelta(days=6):
        assert window_at(hours, window.ends, CHICAGO) is None


def test_skipped_time_is_the_moment_of_the_change() -> None:
    assert moment(SPRING, time(2, 30), CHICAGO) == datetime(2026, 3, 8, 8, tzinfo=UTC)


def test_repeated_time_is_its_first_coming() -> None:
    assert moment(AUTUMN, time(1, 30), CHICAGO) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_window_across_midnight_and_week_end() -> None:
    hours = Hours(frozenset({6}), time(22), time(5))
    monday = datetime(2026, 6, 8, 3, 0, tzinfo=CHICAGO)
    assert window_at(hours, monday.astimezone(UTC), CHICAGO) == Window(
        datetime(2026, 6, 8, 3, tzinfo=UTC), datetime(2026, 6, 8, 10, tzinfo=UTC)
    )


def test_touching_windows_are_one() -> None:
    hours = Hours(frozenset({0, 1}), time(6), time(6))
    monday = datetime(2026, 6, 8, 12, tzinfo=CHICAGO)
    window = window_at(hours, monday, CHICAGO)
    assert window is not None
    assert window.ends == datetime(2026, 6, 10, 6, tzinfo=CHICAGO)


def test_a_window_that_the_change_swallows() -> None:
    hours = Hours(frozenset({6}), time(2, 10), time(2, 50))
    assert window_at(hours, datetime(2026, 3, 8, 8, tzinfo=UTC), CHICAGO) is None
    following = window_after(hours, datetime(2026, 3, 8, 7, tzinfo=UTC), CHICAGO)
    assert following is not None
    assert following.starts == datetime(2026, 3, 15, 2, 10, tzinfo=CHICAGO)


def test_no_days() -> None:
    hours = Hours(frozenset(), time(1), time(2))
    now = datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert window_at(hours, now, CHICAGO) is None
    assert window_after(hours, now, CHICAGO) is None


def test_the_clock_never_runs_backwards() -> None:
    for before, after in pairwise(
        moment(AUTUMN, time(hour, half), CHICAGO) for hour in range(24) for half in (0, 30)
    ):
        assert before < after
