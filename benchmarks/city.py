"""A real hub with its broker in a folder that goes away, and a simulated home that uses it."""

import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.watched_hub import SOCKET
from demo.homes import SimulatedHomes, places
from demo.hub import START_LIMIT, Hub
from demo.hub_client import HubClient
from demo.processes import Child, Processes
from demo.simulated import SimulatedHome
from demo.waiting import until


class WatchedHub(Hub):
    """A hub that tells when its answers change."""

    async def start(self) -> Child:
        """Start it and return when it is ready."""
        command = [sys.executable, "-m", "benchmarks.watched_hub"]
        self.child = child = await self._processes.start(
            "hub", [*command, "--data", self.data, "serve"], self.environment
        )

        async def told() -> bool:
            return self.facts.get("pid") == child.pid

        await child.ready(until(told, "it wrote no hub.json", START_LIMIT))
        return child


@dataclass(frozen=True, slots=True)
class City:
    """What runs: the hub, a client with a token, and a home that shares its camera."""

    hub: Hub
    client: HubClient
    home: SimulatedHome
    processes: Processes
    folder: Path


@asynccontextmanager
async def city(kind: type[Hub] = Hub) -> AsyncIterator[City]:
    """Start everything, and yield when the home's camera is live."""
    with tempfile.TemporaryDirectory(prefix="rtcc-bench-") as name:
        folder = Path(name)
        environment: Mapping[str, str] = {SOCKET: str(folder / "told")}
        async with (
            aiohttp.ClientSession() as session,
            Processes(folder / "logs") as processes,
        ):
            hub = kind.prepare(processes, folder / "hub", environment)
            await hub.start()
            client = HubClient(session, hub.url, hub.tls(), await hub.new_token())
            homes = await SimulatedHomes.enrolled(hub, client, folder / "homes", places(1), _silent)
            async with homes:
                await homes.online()
                (home,) = homes.homes
                place = home.identity.place
                await client.live((place.lat, place.lon), bool, "the camera is not live")
                yield City(hub, client, home, processes, folder)


def _silent(_: str) -> None:
    pass
