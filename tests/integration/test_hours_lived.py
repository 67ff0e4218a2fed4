"""A home's hours as the city sees them, minute by minute: clock changes, zones, restarts."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.util import dt as dt_util

from custom_components.jackson_rtcc.hours import Hours
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.tokens import Signer
from custom_components.jackson_rtcc.shares import Shares
from tests.integration.test_hours import AUTUMN, CHICAGO, SPRING, by_definition
from tests.integration.test_shares import HOUR, MINUTE, NIGHT, NOON, Bench, NoJitter, bench

__all__ = ["bench"]


def live(bench: Bench, now: datetime) -> bool:
    """Tell what the city believes: the newest word is a grant that holds now."""
    word = bench.said[-1] if bench.said else None
    return isinstance(word, Grant) and word.starts <= now < word.ends


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (time(22), time(6)),
        (time(1, 30), time(3)),
        (time(2, 10), time(2, 50)),
        (time(1), time(1, 30)),
        (time(0), time(0)),
    ],
    ids=lambda wall: wall.isoformat("minutes"),
)
async def test_each_minute_of_a_day_on_which_the_clocks_change(
    bench: Bench, day: date, start: time, end: time
) -> None:
    """From the evening before until the noon after."""
    hours = Hours(frozenset(range(7)), start, end)
    windows = by_definition(hours, day)
    at = datetime.combine(day, time(), CHICAGO).astimezone(UTC) - 3 * HOUR
    bench.clock.move_to(at)
    bench.shares.apply({"s": replace(bench.share, hours=hours)})
    for _ in range(15 * 60):
        await bench.at(at)
        inside = any(starts <= at < ends for starts, ends in windows)
        assert live(bench, at) is inside, at.astimezone(CHICAGO)
        at += MINUTE


async def test_each_minute_while_the_home_moves(bench: Bench) -> None:
    """The time zone is changed twice; each time the hours are those of the new wall clock."""
    bench.shares.apply({"s": replace(bench.share, hours=NIGHT)})
    zones = {0: "America/Chicago", 100: "Asia/Tokyo", 400: "Europe/Madrid", 900: "America/Chicago"}
    at = NOON
    for minute in range(20 * 60):
        if zone := zones.get(minute):
            await bench.hass.config.async_set_time_zone(zone)
            # As the home does when it hears of it.
            bench.shares.settle()
        await bench.at(at)
        wall = at.astimezone(dt_util.get_default_time_zone()).time()
        assert live(bench, at) is (wall >= time(18) or wall < time(6)), (minute, wall)
        at += MINUTE


@pytest.mark.parametrize("away", [timedelta(seconds=20), 3 * HOUR], ids=["short", "long"])
async def test_a_restart_in_the_middle_of_a_window(
    bench: Bench, freezer: FrozenDateTimeFactory, away: timedelta
) -> None:
    """The window goes on, with higher numbers, and ends where it would have."""
    share = replace(bench.share, hours=NIGHT)
    bench.shares.apply({"s": share})
    middle = NOON + 8 * HOUR + 7 * MINUTE
    await bench.at(middle)
    before = bench.last
    bench.shares.close()

    again = started_again(bench, middle + away, freezer)
    again.apply({"s": share})
    assert live(bench, middle + away)
    assert bench.last.seq > before.seq
    assert bench.last.starts == middle + away
    at = middle + away
    while at < NOON + 19 * HOUR:
        at = at.replace(second=0) + MINUTE
        await bench.at(at)
        assert live(bench, at) is (at < NOON + 18 * HOUR), at
    again.close()


async def test_a_restart_after_the_window(bench: Bench, freezer: FrozenDateTimeFactory) -> None:
    share = replace(bench.share, hours=NIGHT)
    bench.shares.apply({"s": share})
    await bench.at(NOON + 8 * HOUR)
    bench.shares.close()
    now = NOON + 18 * HOUR
    again = started_again(bench, now, freezer)
    again.apply({"s": share})
    again.publish_all()
    assert not live(bench, now)
    again.close()


def started_again(bench: Bench, now: datetime, freezer: FrozenDateTimeFactory) -> Shares:
    freezer.move_to(now)
    again = Shares(
        bench.hass,
        home=bench.said[-1].home,
        city=bench.city,
        signer=Signer(bench.key),
        memory=bench.memory,
        random=NoJitter(),
    )
    again.publish = again.publish_urgently = bench.published
    return again
