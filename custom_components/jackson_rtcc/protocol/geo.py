"""Places and distances on the ground. WGS 84 (lat, lon) in decimal degrees, metres."""

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius of the Earth (IUGG)."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place: latitude and longitude in decimal degrees, WGS 84."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Circle:
    """All places within `radius_m` metres of `centre`."""

    centre: Point
    radius_m: float

    def contains(self, point: Point) -> bool:
        """Tell whether `point` lies in the circle, its edge included."""
        return distance_m(self.centre, point) <= self.radius_m


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres by the haversine formula."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    # In this order NaN stays NaN, which is inside no circle.
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))


def coarsen(point: Point, grid_m: float) -> Point:
    """Move `point` to the centre of its cell in a fixed grid of about `grid_m` metres.

    The grid is fixed to the globe, so that asking again never narrows the place down.
    """
    step = math.degrees(grid_m / EARTH_RADIUS_M)
    rows = math.ceil(180 / step)
    lat = _middle(point.lat + 90, 180, rows) - 90
    # A whole number of cells goes around, or the seam at 180 degrees would split one.
    cells = math.ceil(360 * math.cos(math.radians(lat)) / step)
    lon = _middle(point.lon + 180, 360, cells) - 180
    return Point(round(lat, 6), round(lon, 6))


def _middle(value: float, whole: float, parts: int) -> float:
    return (min(math.floor(value * parts / whole), parts - 1) + 0.5) * whole / parts
