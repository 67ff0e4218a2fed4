"""The cameras in Redis GEO: a sorted set of 52-bit cells, which knows neither time nor scope."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import redis

from benchmarks.points import Camera
from hub.protocol.geo import EARTH_RADIUS_M, Circle, Point

_REDIS_RADIUS_M = 6_372_797.560856
_KEY = "cameras"
_BATCH = 10_000


class RedisGeo:
    """One connection to the filled set."""

    name = "Redis GEO"

    def __init__(self, connection: redis.Redis) -> None:
        """Take a connection."""
        self._send: Callable[..., object] = connection.execute_command

    def ask(self, circle: Circle) -> object:
        """Ask for ids and metres (on Redis' slightly larger Earth), nearest first."""
        return self._send(
            "GEOSEARCH",
            _KEY,
            "FROMLONLAT",
            circle.centre.lon,
            circle.centre.lat,
            "BYRADIUS",
            circle.radius_m * _REDIS_RADIUS_M / EARTH_RADIUS_M,
            "m",
            "ASC",
            "WITHDIST",
        )

    def found(self, answer: object) -> dict[str, float]:
        """Return the metres by id."""
        pairs = cast("list[tuple[bytes, float]]", answer)
        return {id_.decode(): metres for id_, metres in pairs}

    def move(self, camera: Camera, place: Point) -> None:
        """Put a camera elsewhere."""
        self.add(place.lon, place.lat, camera.id)

    def add(self, *members: float | str) -> None:
        """Add or move members: longitude, latitude, id of each."""
        self._send("GEOADD", _KEY, *members)


@contextmanager
def filled(socket: Path, cameras: Sequence[Camera]) -> Iterator[RedisGeo]:
    """Load the live cameras into a fresh server."""
    with redis.Redis(unix_socket_path=str(socket)) as connection:
        store = RedisGeo(connection)
        live = [one for one in cameras if one.live]
        for start in range(0, len(live), _BATCH):
            members: list[float | str] = []
            for one in live[start : start + _BATCH]:
                members += (one.place.lon, one.place.lat, one.id)
            store.add(*members)
        yield store
