"""A pilot: so many cameras live at once, first come, first served, and nothing after its end."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.case import Seat
from hub.grants.cameras import PILOT_FULL, Cameras
from hub.grants.seats import GRACE, Seats
from hub.protocol.documents import Pilot
from hub.protocol.geo import Circle
from hub.protocol.grant import Grant, Revocation
from hub.protocol.stream import Player
from hub.protocol.vocabulary import Scope, Site
from tests.hub.grants.conftest import CAPITOL, NOW, SigningHome

AROUND = Circle(CAPITOL, 400)
ENDS = NOW + timedelta(minutes=30)


@dataclass
class Piloted:
    """A live set in a pilot of one city camera and two others, and homes of one camera each."""

    refused: Counter[str] = field(default_factory=Counter)
    homes: dict[str, SigningHome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pilot = Pilot(ENDS, city_cameras=1, private_cameras=2)
        self.cameras = Cameras("w", "p", pilot, lambda reason: self.refused.update([reason]))

    def say(self, word: Grant | Revocation) -> None:
        self.cameras.check(word.camera, word)
        self.cameras.reserve(word.camera, word, b"digest")
        self.cameras.admit(word.camera)

    def lend(self, name: str, site: Site = Site.HOME, **changes: object) -> None:
        home = self.homes.setdefault(name, SigningHome(name))
        self.cameras.set_online(name, online=True)
        self.say(home.grant(name, site=site, **changes))

    def revoke(self, name: str) -> None:
        self.say(self.homes[name].revocation(name))

    def live(self, after: timedelta = timedelta()) -> set[str]:
        near = {one.grant.camera for one in self.cameras.near(AROUND, Scope.SNAPSHOT, NOW + after)}
        assert near == {name for name in self.homes if self.cameras.live(name, NOW + after)}
        return near


@pytest.fixture
def pilot() -> Piloted:
    return Piloted()


def test_the_first_that_come_are_live(pilot: Piloted) -> None:
    for name in ("a", "b", "c", "d"):
        pilot.lend(name)
    assert pilot.live() == {"a", "b"}
    assert pilot.refused == {PILOT_FULL: 2}
    assert [pilot.cameras.seat(name) for name in "abcd"] == [
        Seat(False, number) for number in (1, 2, 3, 4)
    ]


def test_the_citys_cameras_are_counted_by_themselves(pilot: Piloted) -> None:
    for name in ("a", "b", "c"):
        pilot.lend(name, Site.CITY)
    pilot.lend("d", Site.SCHOOL)
    assert pilot.live() == {"a", "d"}


def test_renewals_and_changes_keep_the_seat(pilot: Piloted) -> None:
    for name in ("a", "b", "c", "a", "b", "c"):
        pilot.lend(name)
    pilot.lend("a", player=Player(), ends=NOW + timedelta(minutes=20))
    assert pilot.live() == {"a", "b"}
    # Who stands in line is counted once.
    assert pilot.refused == {PILOT_FULL: 1}


def test_whoever_revokes_makes_room_for_the_next(pilot: Piloted) -> None:
    for name in ("a", "b", "c", "d"):
        pilot.lend(name)
    pilot.revoke("b")
    assert pilot.live() == {"a", "c"}
    pilot.lend("b")
    assert pilot.live() == {"a", "c"}
    assert pilot.cameras.seat("b") == Seat(False, 4)


def test_who_stands_in_line_and_went_offline_is_passed_over(pilot: Piloted) -> None:
    for name in ("a", "b", "c", "d"):
        pilot.lend(name)
    pilot.cameras.set_online("c", online=False)
    pilot.revoke("a")
    assert pilot.live() == {"b", "d"}
    pilot.cameras.set_online("c", online=True)
    assert pilot.live() == {"b", "d"}
    assert pilot.cameras.seat("c") == Seat(False, 3)


def test_a_lost_connection_gives_the_seat_to_nobody_at_once(pilot: Piloted) -> None:
    for name in ("a", "b", "c"):
        pilot.lend(name)
    pilot.cameras.set_online("a", online=False)
    pilot.cameras.sweep(NOW)
    pilot.cameras.sweep(NOW + GRACE - timedelta(seconds=1))
    assert pilot.live() == {"b"}
    pilot.cameras.set_online("a", online=True)
    pilot.cameras.sweep(NOW + GRACE)
    assert pilot.live() == {"a", "b"}


def test_who_stays_away_loses_the_seat(pilot: Piloted) -> None:
    for name in ("a", "b", "c"):
        pilot.lend(name)
    pilot.cameras.set_online("a", online=False)
    pilot.cameras.sweep(NOW)
    pilot.cameras.sweep(NOW + GRACE)
    assert pilot.live() == {"b", "c"}
    pilot.cameras.set_online("a", online=True)
    assert pilot.live() == {"b", "c"}


def test_a_removed_home_makes_room(pilot: Piloted) -> None:
    for name in ("a", "b", "c"):
        pilot.lend(name)
    pilot.cameras.forget_home("a")
    del pilot.homes["a"]
    assert pilot.live() == {"b", "c"}


def test_a_camera_that_becomes_the_citys_sits_with_the_city(pilot: Piloted) -> None:
    pilot.lend("city", Site.CITY)
    pilot.lend("a")
    pilot.lend("a", Site.CITY)
    assert pilot.live() == {"city"}
    assert pilot.cameras.seat("a") == Seat(True, 2)


def test_from_its_end_nothing_is_live(pilot: Piloted) -> None:
    pilot.lend("a")
    assert pilot.live(timedelta(minutes=30) - timedelta(seconds=1)) == {"a"}
    assert pilot.live(timedelta(minutes=30)) == set()
    assert pilot.cameras.count(ENDS) == 0


def test_without_a_pilot_there_are_no_seats(cameras: Cameras) -> None:
    assert cameras.seat("a") is None


ACTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["home", "city", "revoke", "off", "on"])),
    max_size=40,
)


@given(ACTS)
def test_never_more_than_there_are_seats(acts: list[tuple[str, str]]) -> None:
    pilot = Piloted()
    moment = NOW
    for name, act in acts:
        moment += timedelta(seconds=20)
        if act in ("home", "city"):
            pilot.lend(name, Site(act))
        elif act == "revoke" and name in pilot.homes:
            pilot.revoke(name)
        elif act in ("on", "off"):
            pilot.cameras.set_online(name, online=act == "on")
        pilot.cameras.sweep(moment)
        live = [pilot.cameras.live(camera, moment) for camera in pilot.live(moment - NOW)]
        sites = Counter(grant.site is Site.CITY for grant in live if grant)
        assert sites[True] <= 1
        assert sites[False] <= 2


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.booleans()), max_size=30))
def test_a_place_is_a_number_of_its_own(acts: list[tuple[str, bool, bool]]) -> None:
    seats = Seats(Pilot(ENDS, 1, 2))
    for camera, city, stays in acts:
        if stays:
            assert seats.take(camera, city=city) is (
                (seat := seats.of(camera)) is not None and seat.number <= (1 if city else 2)
            )
        else:
            seats.leave(camera)
        places = [seat for name in "abcd" if (seat := seats.of(name)) is not None]
        assert len(set(places)) == len(places)
