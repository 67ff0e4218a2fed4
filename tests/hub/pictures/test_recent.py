"""Stills in memory: for the policy's minutes, and never more than the limit."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.operators.tokens import Caller
from hub.pictures.recent import Fresh, Recent
from hub.protocol.reply import Picture
from hub.protocol.vocabulary import Role, Still

LIFE = timedelta(minutes=5)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def still(clock: Clock, look: str, size: int = 10) -> Fresh:
    return Fresh(
        look=look,
        incident="i",
        camera="c",
        home="h",
        caller=Caller("officer-1", Role.OFFICER, frozenset()),
        picture=Picture(
            data=b"x" * size, content_type="image/jpeg", received=clock(), still=Still.LIVE
        ),
        reply="token",
        at=clock(),
    )


def test_a_still_is_held_until_its_minutes_are_over(clock: Clock) -> None:
    recent = Recent(LIFE, clock)
    recent.hold(still(clock, "1"))
    clock.now += LIFE - timedelta(seconds=1)
    assert recent.find("1") is not None
    clock.now += timedelta(seconds=1)
    assert recent.find("1") is None
    assert len(recent) == 0


def test_the_oldest_make_room(clock: Clock) -> None:
    recent = Recent(LIFE, clock, most_bytes=25)
    for look in "123":
        recent.hold(still(clock, look))
    assert [recent.find(look) is not None for look in "123"] == [False, True, True]


def test_what_is_larger_than_all_the_room_is_not_held(clock: Clock) -> None:
    recent = Recent(LIFE, clock, most_bytes=25)
    recent.hold(still(clock, "1", 26))
    assert recent.find("1") is None


def test_what_was_dropped_gives_its_room_back(clock: Clock) -> None:
    recent = Recent(LIFE, clock, most_bytes=20)
    recent.hold(still(clock, "1"))
    recent.hold(still(clock, "2"))
    recent.drop("1")
    recent.drop("1")
    recent.hold(still(clock, "3"))
    assert len(recent) == 2


def test_the_same_look_is_held_once(clock: Clock) -> None:
    recent = Recent(LIFE, clock, most_bytes=20)
    recent.hold(still(clock, "1"))
    recent.hold(still(clock, "1"))
    recent.hold(still(clock, "2"))
    assert len(recent) == 2
