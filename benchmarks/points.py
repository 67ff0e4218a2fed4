"""A million cameras in a square of 50 km: 199 of them in a circle of 400 m on average."""

import math
import random
from dataclasses import dataclass

from hub.protocol.geo import EARTH_RADIUS_M, Circle, Point

COUNT = 1_000_000
SIDE_M = 50_000.0
RADIUS_M = 400.0
NOW = 1_795_291_200
SCOPE = 1
_CENTRE = Point(32.2988, -90.1848)


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera with its window and scopes; its id is text, as on the wire."""

    id: str
    place: Point
    starts: int
    ends: int
    scopes: int

    @property
    def live(self) -> bool:
        """Tell whether it may be found at `NOW` for `SCOPE`."""
        return self.starts <= NOW < self.ends and bool(self.scopes & SCOPE)


def cameras(seed: int = 1) -> list[Camera]:
    """Return `COUNT` live cameras, and a twentieth more that are not live now."""
    choose = random.Random(seed)  # noqa: S311 - scenery
    found = []
    for number in range(COUNT + COUNT // 20):
        starts, ends, scopes = NOW - 600, NOW + 3_000, choose.choice((1, 3, 7))
        if number >= COUNT:
            starts, ends, scopes = choose.choice(
                ((NOW + 60, NOW + 3_660, 1), (NOW - 3_600, NOW, 1), (starts, ends, 2))
            )
        place = _place(choose, 1.0)
        found.append(Camera(f"{choose.getrandbits(64):016x}", place, starts, ends, scopes))
    choose.shuffle(found)
    return found


def circles(count: int, seed: int = 2) -> list[Circle]:
    """Return circles that lie within the square."""
    choose = random.Random(seed)  # noqa: S311 - scenery
    return [Circle(_place(choose, 0.95), RADIUS_M) for _ in range(count)]


def _place(choose: random.Random, share: float) -> Point:
    high = math.degrees(SIDE_M / EARTH_RADIUS_M) * share / 2
    wide = high / math.cos(math.radians(_CENTRE.lat))
    return Point(
        _CENTRE.lat + choose.uniform(-high, high), _CENTRE.lon + choose.uniform(-wide, wide)
    )
