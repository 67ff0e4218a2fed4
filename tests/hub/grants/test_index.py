"""The spatial index beside brute force: every point, by the haversine formula."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.grants.index import LiveIndex
from hub.protocol.geo import EARTH_RADIUS_M, Circle, Point, distance_m

NOW = 1_000_000.0
HALF_TURN_M = math.pi * EARTH_RADIUS_M


@dataclass(frozen=True)
class Put:
    key: int
    place: Point
    starts: float
    ends: float
    scopes: int


@dataclass(frozen=True)
class Remove:
    key: int


type Change = Put | Remove


def towards(origin: Point, bearing: float, metres: float) -> Point:
    """Walk along a great circle."""
    angle, lat = metres / EARTH_RADIUS_M, math.radians(origin.lat)
    sine = math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing)
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(lat),
        math.cos(angle) - math.sin(lat) * sine,
    )
    lon = (origin.lon + math.degrees(east) + 540) % 360 - 180
    return Point(math.degrees(math.asin(max(-1.0, min(1.0, sine)))), lon)


points = st.builds(
    Point,
    st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 89.9999, -89.99999, 0.0, 32.2988]),
    st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 179.99999, -179.99999, 0.0]),
)
radii = st.floats(1, 2_000) | st.floats(2_000, 100_000) | st.floats(100_000, 1.1 * HALF_TURN_M)
keys = st.integers(0, 40)
moments = st.sampled_from([NOW - 3600, NOW - 1, NOW, NOW + 1, NOW + 3600])
scope_bits = st.integers(0, 7)


@st.composite
def circles_and_changes(draw: st.DrawFn, reach: float | None = None) -> tuple[Circle, list[Change]]:
    """A circle, and changes mostly around it."""
    circle = Circle(draw(points), draw(radii if reach is None else st.floats(1, reach)))
    around = st.builds(
        towards,
        st.just(circle.centre),
        st.floats(0, math.tau),
        st.floats(0, min(3 * circle.radius_m, HALF_TURN_M)),
    )
    places = around if reach is not None else around | points
    puts = st.builds(Put, keys, places, moments, moments, scope_bits)
    return circle, draw(st.lists(puts | puts | puts | st.builds(Remove, keys), max_size=60))


def built(changes: list[Change]) -> tuple[LiveIndex[int], dict[int, Put]]:
    index, model = LiveIndex[int](), dict[int, Put]()
    for change in changes:
        match change:
            case Put():
                index.put(change.key, change.place, change.starts, change.ends, change.scopes)
                model[change.key] = change
            case Remove():
                index.remove(change.key)
                model.pop(change.key, None)
    return index, model


def check(circle: Circle, changes: list[Change], scope: int, tolerance_m: float) -> None:
    index, model = built(changes)

    hits = index.query(circle, NOW, scope)

    assert len(index) == len(model)
    assert set(index) == set(model)
    assert all(key in index for key in model)
    assert len(set(hits.keys)) == len(hits.keys)
    assert hits.distances_m == sorted(hits.distances_m)
    for key, metres in zip(hits.keys, hits.distances_m, strict=True):
        true = distance_m(circle.centre, model[key].place)
        assert metres == pytest.approx(true, abs=tolerance_m)
    found = set(hits.keys)
    for key, put in model.items():
        live = put.starts <= NOW < put.ends and bool(put.scopes & scope)
        true = distance_m(circle.centre, put.place)
        if not live or true > circle.radius_m + tolerance_m:
            assert key not in found
        elif true < circle.radius_m - tolerance_m:
            assert key in found


@given(circles_and_changes(), st.sampled_from([1, 2, 4]))
def test_anywhere_on_the_globe(case: tuple[Circle, list[Change]], scope: int) -> None:
    # Haversine itself is good to about a foot near the antipode.
    check(*case, scope, tolerance_m=0.5)


@given(circles_and_changes(reach=10_000), st.sampled_from([1, 2, 4]))
def test_to_the_millimetre_in_a_city(case: tuple[Circle, list[Change]], scope: int) -> None:
    check(*case, scope, tolerance_m=0.001)


def test_an_empty_index_answers_nothing() -> None:
    assert LiveIndex[str]().query(Circle(Point(32.3, -90.2), 400), NOW, 1).keys == []


def test_many_in_one_place_survive_removals() -> None:
    index, place = LiveIndex[int](), Point(32.3, -90.2)
    for key in range(500):
        index.put(key, place, 0, NOW + 1, 7)
    for key in range(0, 500, 2):
        index.remove(key)
    index.put(1_000, Point(32.31, -90.2), 0, NOW + 1, 7)

    assert sorted(index.query(Circle(place, 10), NOW, 1).keys) == list(range(1, 500, 2))


def test_a_moved_point_is_in_one_place_only() -> None:
    index, here, there = LiveIndex[str](), Point(32.3, -90.2), Point(-32.3, 89.8)
    index.put("camera", here, 0, NOW + 1, 1)
    index.put("camera", there, 0, NOW + 1, 1)

    assert index.query(Circle(here, 1_000), NOW, 1).keys == []
    assert index.query(Circle(there, 1_000), NOW, 1).distances_m == pytest.approx([0], abs=0.3)


def test_a_point_may_change_where_it_stands() -> None:
    index, place = LiveIndex[str](), Point(32.3, -90.2)
    index.put("camera", place, 0, NOW, 1)
    assert index.query(Circle(place, 1), NOW, 1).keys == []

    index.put("camera", place, 0, NOW + 1, 2)

    assert index.query(Circle(place, 1), NOW, 1).keys == []
    assert index.query(Circle(place, 1), NOW, 2).keys == ["camera"]
