"""Simulated homes scattered over Jackson: enrolled one by one, then all connected at once."""

import asyncio
import json
import random
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from demo.hub import Hub
from demo.hub_client import HubClient
from demo.simulated import Identity, SimulatedHome, enrol
from demo.waiting import Failed
from hub.data import DataFolder
from hub.homes.authority import Authority, open_hub_key
from hub.homes.codes import Codes
from hub.protocol.city import City
from hub.protocol.geo import Point
from hub.protocol.vocabulary import Site
from hub.store.engine import open_database
from hub.transparency.log import AccessLog

FOLDER = "simulated-homes"
ENROLLING_AT_ONCE = 8
CONNECTING_AT_ONCE = 16
_CONNECT_LIMIT = 300.0
# The city's limits, roughly: the Pearl River in the east, Byram in the south.
_LIMITS = (
    (32.403, -90.225),
    (32.403, -90.118),
    (32.362, -90.108),
    (32.330, -90.140),
    (32.290, -90.172),
    (32.250, -90.192),
    (32.205, -90.208),
    (32.205, -90.290),
    (32.265, -90.300),
    (32.330, -90.298),
    (32.362, -90.262),
)
_STREETS, _TOGETHER, _NEAR = 30, 0.75, 0.003
_SITES = (
    (5, Site.BUSINESS),
    (31, Site.WORSHIP),
    (37, Site.SCHOOL),
    (41, Site.PARK),
    (97, Site.HOSPITAL),
)
"""Every so many homes one of another kind."""

type Progress = Callable[[str], None]


def places(count: int, seed: int = 1) -> list[Point]:
    """Return so many places within Jackson, the same ones every time."""
    choose = random.Random(seed)  # noqa: S311 - scenery
    lats, lons = zip(*_LIMITS, strict=True)
    found: list[Point] = []
    streets = [
        (choose.uniform(min(lats), max(lats)), choose.uniform(min(lons), max(lons)))
        for _ in range(_STREETS)
    ]
    while len(found) < count:
        lat, lon = choose.uniform(min(lats), max(lats)), choose.uniform(min(lons), max(lons))
        if choose.random() < _TOGETHER:
            # Neighbours hear of it from each other.
            street = choose.choice(streets)
            lat, lon = choose.gauss(street[0], _NEAR), choose.gauss(street[1], _NEAR)
        point = Point(round(lat, 5), round(lon, 5))
        if _inside(point):
            found.append(point)
    return found


class SimulatedHomes:
    """All simulated homes of one run; leaving the context ends their connections."""

    def __init__(self, homes: Sequence[SimulatedHome]) -> None:
        """Take homes that are enrolled."""
        self.homes = homes
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def enrolled(
        cls,
        hub: Hub,
        client: HubClient,
        folder: Path,
        where: Sequence[Point],
        progress: Progress,
    ) -> Self:
        """Enrol one at each place; those of an earlier run are used again."""
        city = City.parse(await client.ask("GET", "/api/v1/city"))
        keep = folder / city.hub
        if folder.exists() and not keep.exists():
            shutil.rmtree(folder)
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        wanted = [
            (keep / f"{number}.json", f"Simulated camera {number}", place)
            for number, place in enumerate(where, 1)
        ]
        new = [one for one in wanted if not one[0].exists()]
        if new:
            codes = iter(await make_codes(hub, len(new), "Simulated home"))
            turns, done = asyncio.Semaphore(ENROLLING_AT_ONCE), 0

            async def post(path: str, body: object) -> object:
                return await client.ask("POST", path, body)

            async def one(file: Path, name: str, place: Point) -> None:
                nonlocal done
                async with turns:
                    identity = await enrol(post, city, next(codes), name, place)
                file.touch(mode=0o600)
                file.write_text(json.dumps(asdict(identity)))
                done += 1
                if done % 50 == 0 or done == len(new):
                    progress(f"{done} of {len(new)} simulated homes enrolled")

            try:
                async with asyncio.TaskGroup() as group:
                    for file, name, place in new:
                        group.create_task(one(file, name, place))
            except* Failed as errors:
                raise Failed(f"a simulated home could not enrol: {errors.exceptions[0]}") from None
        identities = [Identity(**json.loads(file.read_text())) for file, _, _ in wanted]
        return cls([_home(number, one, city) for number, one in enumerate(identities)])

    async def __aenter__(self) -> Self:
        """Begin to connect them."""
        turns = asyncio.Semaphore(CONNECTING_AT_ONCE)
        self._tasks = [asyncio.create_task(home.run(turns)) for home in self.homes]
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def online(self) -> None:
        """Wait until all of them are connected.

        Raises:
            Failed: if some are not within the limit.

        """
        try:
            async with asyncio.timeout(_CONNECT_LIMIT):
                for home in self.homes:
                    await home.online.wait()
        except TimeoutError:
            up = sum(home.online.is_set() for home in self.homes)
            raise Failed(f"only {up} of {len(self.homes)} simulated homes connected") from None


async def make_codes(hub: Hub, count: int, label: str) -> list[str]:
    """Make enrolment codes as `rtcc-hub code` does, without a process for each."""
    folder, now = DataFolder.open(hub.data), datetime.now(UTC)
    engine = await open_database(folder, "")
    try:
        log = AccessLog(engine, open_hub_key(folder), lambda: datetime.now(UTC))
        codes = Codes(engine, log, Authority.open(folder, "", now).der)
        return [str(await codes.create(f"{label} {number}", now)) for number in range(1, count + 1)]
    finally:
        await engine.dispose()


def _home(number: int, identity: Identity, city: City) -> SimulatedHome:
    """Return a home of the mixture that a city has, of which most know where their camera looks."""
    site = next((site for every, site in _SITES if number % every == every - 1), Site.HOME)
    bearing = None if number % 4 == 0 else number * 67 % 360
    fov = None if bearing is None else (70, 90, 110)[number % 3]
    return SimulatedHome(identity, city, site, bearing=bearing, fov=fov)


def _inside(point: Point) -> bool:
    inside = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(_LIMITS, (*_LIMITS[1:], _LIMITS[0]), strict=True):
        if (lat_a > point.lat) != (lat_b > point.lat):
            crossing = lon_a + (point.lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            inside ^= point.lon < crossing
    return inside
