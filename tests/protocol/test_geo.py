"""Distances beside another formula, and coarse places that cannot be narrowed down."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.geo import EARTH_RADIUS_M, Circle, Point, coarsen, distance_m

LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, 0.0, 90.0])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, 0.0, 180.0])
POINTS = st.builds(Point, LATITUDES, LONGITUDES)
GRIDS = st.sampled_from([50.0, 100.0, 250.0, 500.0, 1000.0]) | st.floats(10, 10_000)
HALF_WAY_ROUND = math.pi * EARTH_RADIUS_M


def angle_m(a: Point, b: Point) -> float:
    """Measure by the angle between the two directions from the middle of the Earth."""

    def direction(point: Point) -> tuple[float, float, float]:
        lat, lon = math.radians(point.lat), math.radians(point.lon)
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    (ax, ay, az), (bx, by, bz) = direction(a), direction(b)
    cross = math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    return EARTH_RADIUS_M * math.atan2(cross, ax * bx + ay * by + az * bz)


@given(POINTS, POINTS)
def test_distance_agrees_with_the_vector_angle(a: Point, b: Point) -> None:
    # Haversine loses digits only near the antipode: half a metre there, far less elsewhere.
    assert distance_m(a, b) == pytest.approx(angle_m(a, b), rel=1e-9, abs=0.5)


@given(POINTS, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_short_distances_agree_to_the_millimetre(a: Point, north: float, east: float) -> None:
    b = Point(max(-90.0, min(90.0, a.lat + north)), a.lon + east)
    assert distance_m(a, b) == pytest.approx(angle_m(a, b), abs=1e-3)


@given(POINTS, POINTS)
def test_distance_is_symmetric_and_never_negative(a: Point, b: Point) -> None:
    assert distance_m(a, b) == pytest.approx(distance_m(b, a), abs=1e-6)
    assert 0 <= distance_m(a, b) <= HALF_WAY_ROUND * (1 + 1e-12)


@given(POINTS)
def test_nowhere_is_far_from_itself(point: Point) -> None:
    assert distance_m(point, point) == 0
    around = Point(point.lat, point.lon - 360)
    assert distance_m(point, around) == pytest.approx(0, abs=1e-6)


@given(LONGITUDES, LONGITUDES)
def test_all_longitudes_meet_at_the_poles(one: float, other: float) -> None:
    assert distance_m(Point(90, one), Point(90, other)) == pytest.approx(0, abs=1e-6)
    assert distance_m(Point(90, one), Point(-90, other)) == pytest.approx(HALF_WAY_ROUND)


def test_over_the_antimeridian() -> None:
    assert distance_m(Point(0, 179.999), Point(0, -179.999)) == pytest.approx(222.39, abs=0.01)


def test_the_edge_of_a_circle_belongs_to_it() -> None:
    centre, edge = Point(32.3, -90.18), Point(32.31, -90.18)
    assert Circle(centre, distance_m(centre, edge)).contains(edge)
    assert not Circle(centre, math.nextafter(distance_m(centre, edge), 0)).contains(edge)
    assert not Circle(centre, 1e9).contains(Point(math.nan, 0))


@given(POINTS, GRIDS)
def test_coarse_places_are_places_and_stay_put(point: Point, grid: float) -> None:
    coarse = coarsen(point, grid)
    assert -90 <= coarse.lat <= 90
    assert -180 <= coarse.lon <= 180
    assert coarsen(coarse, grid) == coarse


@given(st.builds(Point, st.floats(-80, 80), LONGITUDES), GRIDS)
def test_a_coarse_place_is_near_the_truth(point: Point, grid: float) -> None:
    slack = 1 + math.tan(math.radians(80)) * grid / EARTH_RADIUS_M
    assert distance_m(point, coarsen(point, grid)) <= grid * math.sqrt(0.5) * slack + 0.2


@given(POINTS, GRIDS)
def test_even_at_the_poles_it_is_not_far(point: Point, grid: float) -> None:
    assert distance_m(point, coarsen(point, grid)) <= grid * 1.2 + 0.2


@given(
    st.builds(Point, st.floats(31, 33), st.floats(-91, -89)),
    st.floats(-1e-4, 1e-4),
    st.floats(-1e-4, 1e-4),
)
def test_neighbours_share_a_cell_or_touch(point: Point, north: float, east: float) -> None:
    one = coarsen(point, 500)
    other = coarsen(Point(point.lat + north, point.lon + east), 500)
    assert one == other or distance_m(one, other) < 500 * 1.7


def test_a_grid_larger_than_the_earth() -> None:
    assert coarsen(Point(32.3, -90.18), 1e9) == Point(0, 0)
