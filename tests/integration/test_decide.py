"""The decision: which grant should exist now, against what the owner would say minute by minute."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.jackson_rtcc.decide import (
    Due,
    Surroundings,
    Switches,
    grant_due,
    next_edge,
    renewal_at,
    share_for_end,
    stands,
)
from custom_components.jackson_rtcc.hours import Hours
from custom_components.jackson_rtcc.protocol.geo import Point
from custom_components.jackson_rtcc.protocol.vocabulary import Gate, Scope, Site
from custom_components.jackson_rtcc.share import Share
from tests.integration.test_hours import (
    AUTUMN,
    CHICAGO,
    MINUTE,
    SPRING,
    at_minute,
    by_definition,
    changes,
    minute_of_day,
    weekly,
)

SHARE = Share(
    camera="c1",
    entity="e1",
    name="Porch",
    site=Site.HOME,
    scopes=frozenset({Scope.SNAPSHOT}),
    gate=Gate.INCIDENT,
    hours=None,
    place=Point(32.3, -90.2),
    precision_m=100,
)
ON = Switches(home=True, camera=True)
QUIET = Surroundings()
NIGHT = replace(SHARE, hours=Hours(frozenset(range(7)), time(18), time(6)))
NOON = datetime(2026, 6, 8, 12, tzinfo=CHICAGO)
HOUR = timedelta(hours=1)


def switches_at(now: datetime) -> st.SearchStrategy[Switches]:
    return st.builds(
        Switches,
        home=st.booleans(),
        camera=st.booleans(),
        until=st.none() | st.integers(-60, 300).map(lambda minutes: now + minutes * MINUTE),
    )


def surroundings_at(now: datetime) -> st.SearchStrategy[Surroundings]:
    return st.builds(
        Surroundings,
        ready=st.booleans(),
        schedule_on=st.booleans(),
        schedule_until=st.none() | st.integers(-5, 300).map(lambda minutes: now + minutes * MINUTE),
        nobody_home=st.booleans(),
    )


def owner_shares(
    share: Share, switches: Switches, around: Surroundings, at: datetime, day: date
) -> bool:
    """Say what the owner would."""
    if not switches.home or not around.ready:
        return False
    if share.nobody_home and not around.nobody_home:
        return False
    if switches.until is not None and at < switches.until:
        return True
    if not switches.camera:
        return False
    if share.schedule is not None:
        until = around.schedule_until
        if not around.schedule_on or (until is not None and at >= until):
            return False
    return share.hours is None or any(
        starts <= at < ends for starts, ends in by_definition(share.hours, day)
    )


@given(
    hours=st.none() | weekly,
    day=changes,
    minute=minute_of_day,
    schedule=st.booleans(),
    nobody_home=st.booleans(),
    data=st.data(),
)
def test_never_more_never_less(
    hours: Hours | None,
    day: date,
    minute: int,
    schedule: bool,
    nobody_home: bool,
    data: st.DataObject,
) -> None:
    now = at_minute(day, minute)
    switches = data.draw(switches_at(now))
    around = data.draw(surroundings_at(now))
    share = replace(
        SHARE, hours=hours, schedule="s1" if schedule else None, nobody_home=nobody_home
    )
    due = grant_due(share, switches, around, now, CHICAGO)
    if due is None:
        assert not owner_shares(share, switches, around, now, day)
        return
    assert due.starts < due.ends <= due.starts + HOUR
    assert now <= due.starts <= now + timedelta(minutes=15)
    assert owner_shares(share, switches, around, now, day) is (due.starts == now)
    at = due.starts
    while at < due.ends:
        assert owner_shares(share, switches, around, at, day), at
        at += MINUTE


@given(hours=weekly, day=changes, minute=minute_of_day, data=st.data())
def test_next_edge_misses_nothing(
    hours: Hours, day: date, minute: int, data: st.DataObject
) -> None:
    """Between now and the next edge the decision only ever moves with the clock."""
    now = at_minute(day, minute)
    switches = data.draw(switches_at(now))
    share = replace(SHARE, hours=hours)
    edge = next_edge(share, switches, QUIET, now, CHICAGO, renewal=None, ends=None)
    due = grant_due(share, switches, QUIET, now, CHICAGO)
    for minutes in (1, 5, 14, 30, 59):
        later = now + minutes * MINUTE
        if edge is not None and later >= edge:
            break
        after = grant_due(share, switches, QUIET, later, CHICAGO)
        assert (due is None) is (after is None)
        if due is not None and after is not None:
            assert (due.starts > now) is (after.starts > later)


@pytest.mark.parametrize(
    ("share", "switches", "around", "now", "due"),
    [
        (SHARE, ON, QUIET, NOON, Due(NOON, NOON + HOUR, None)),
        (SHARE, replace(ON, home=False), QUIET, NOON, None),
        (SHARE, replace(ON, camera=False), QUIET, NOON, None),
        (SHARE, ON, Surroundings(ready=False), NOON, None),
        (NIGHT, ON, QUIET, NOON, None),
        (
            NIGHT,
            replace(ON, until=NOON + MINUTE),
            QUIET,
            NOON,
            Due(NOON, NOON + MINUTE, NOON + MINUTE),
        ),
        (
            NIGHT,
            Switches(home=True, camera=False, until=NOON + 3 * HOUR),
            QUIET,
            NOON,
            Due(NOON, NOON + HOUR, NOON + 3 * HOUR),
        ),
        (NIGHT, replace(ON, home=False, until=NOON + HOUR), QUIET, NOON, None),
        (NIGHT, replace(ON, until=NOON), QUIET, NOON, None),
        (NIGHT, ON, QUIET, NOON + 5 * HOUR + 44 * MINUTE, None),
        (
            NIGHT,
            ON,
            QUIET,
            NOON + 5 * HOUR + 45 * MINUTE,
            Due(NOON + 6 * HOUR, NOON + 7 * HOUR, NOON + 18 * HOUR),
        ),
        (
            NIGHT,
            ON,
            QUIET,
            NOON + 17 * HOUR + 50 * MINUTE,
            Due(
                NOON + 17 * HOUR + 50 * MINUTE,
                NOON + 18 * HOUR,
                NOON + 18 * HOUR,
            ),
        ),
    ],
)
def test_grant_due(
    share: Share, switches: Switches, around: Surroundings, now: datetime, due: Due | None
) -> None:
    assert grant_due(share, switches, around, now, CHICAGO) == due


@given(jitter=st.floats(-1, 1))
def test_renewal_around_half_life(jitter: float) -> None:
    at = renewal_at(NOON, NOON + HOUR, jitter)
    assert NOON + 0.4 * HOUR <= at <= NOON + 0.6 * HOUR


@pytest.mark.parametrize(
    ("starts", "ends", "due", "expected"),
    [
        # Before its renewal.
        (NOON - 10 * MINUTE, NOON + 50 * MINUTE, Due(NOON, NOON + HOUR, None), True),
        # After its renewal.
        (NOON - 40 * MINUTE, NOON + 20 * MINUTE, Due(NOON, NOON + HOUR, None), False),
        # After its renewal, but it reaches as far as any could.
        (
            NOON - 40 * MINUTE,
            NOON + 20 * MINUTE,
            Due(NOON, NOON + 20 * MINUTE, NOON + 20 * MINUTE),
            True,
        ),
        # It reaches further than the owner now says.
        (
            NOON - 10 * MINUTE,
            NOON + 50 * MINUTE,
            Due(NOON, NOON + 20 * MINUTE, NOON + 20 * MINUTE),
            False,
        ),
        # It has ended.
        (NOON - HOUR, NOON, Due(NOON, NOON + HOUR, None), False),
        # Published ahead, and still to begin then.
        (
            NOON + 10 * MINUTE,
            NOON + 70 * MINUTE,
            Due(NOON + 10 * MINUTE, NOON + 70 * MINUTE, NOON + 9 * HOUR),
            True,
        ),
        # Published ahead, but the owner shares now.
        (NOON + 10 * MINUTE, NOON + 70 * MINUTE, Due(NOON, NOON + HOUR, None), False),
        # Published ahead, but the window begins later now.
        (
            NOON + 10 * MINUTE,
            NOON + 70 * MINUTE,
            Due(NOON + 12 * MINUTE, NOON + 72 * MINUTE, NOON + 9 * HOUR),
            False,
        ),
    ],
)
def test_stands(starts: datetime, ends: datetime, due: Due, expected: bool) -> None:
    assert stands(starts, ends, renewal_at(starts, ends, 0), due, NOON) is expected


def test_next_edge() -> None:
    renewal, ends = NOON + 30 * MINUTE, NOON + HOUR
    assert next_edge(SHARE, ON, QUIET, NOON, CHICAGO, renewal=renewal, ends=ends) == renewal
    assert next_edge(SHARE, ON, QUIET, renewal, CHICAGO, renewal=renewal, ends=ends) == ends
    assert next_edge(SHARE, ON, QUIET, NOON, CHICAGO, renewal=None, ends=None) is None
    ahead = NOON + 5 * HOUR + 45 * MINUTE
    assert next_edge(NIGHT, ON, QUIET, NOON, CHICAGO, renewal=None, ends=None) == ahead
    assert next_edge(NIGHT, ON, QUIET, ahead, CHICAGO, renewal=None, ends=None) == NOON + 6 * HOUR
    off = replace(ON, camera=False)
    assert next_edge(NIGHT, off, QUIET, NOON, CHICAGO, renewal=None, ends=None) is None


def test_share_for_ends_on_a_whole_second() -> None:
    now = NOON.replace(microsecond=500)
    assert share_for_end(now, timedelta(minutes=5)) == NOON + 5 * MINUTE


def test_days_of_the_properties_change_the_clocks() -> None:
    for day in (SPRING, AUTUMN):
        noons = [datetime.combine(day + timedelta(days=n), time(12), CHICAGO) for n in (-1, 0)]
        assert noons[0].utcoffset() != noons[1].utcoffset()
