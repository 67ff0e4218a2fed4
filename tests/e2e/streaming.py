"""Streams as an operator has them: a browser at the hub, and the moving cameras of the home."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Browser

from demo.hub_client import HubClient
from demo.resident import Resident, Wish
from demo.stack import TOKEN_FILE, Stack
from demo.waiting import until
from tests.e2e.moving import Kind, Sessions
from tests.e2e.watching import Player, player, window

THERE = (32.4500, -90.3000)
"""So far from the other cameras that no test meets them by chance."""
LIMIT = 60.0
_PAGE = "/api/v1/city"


@dataclass(frozen=True, kw_only=True)
class Streaming:
    """Everything between an operator's browser and the moving cameras."""

    stack: Stack
    browser: Browser
    operator: HubClient
    cameras: dict[str, str]
    """The city's id of each, by its name."""

    @property
    def resident(self) -> Resident:
        """Return the owner."""
        return self.stack.resident

    @property
    def token(self) -> str:
        """Return the operator's token."""
        return (self.stack.hub.data / TOKEN_FILE).read_text()

    @property
    def page(self) -> str:
        """Return the address of something at the hub that a window may show."""
        return self.stack.hub.url + _PAGE

    def sessions(self, kind: Kind) -> Sessions:
        """Return what a camera tells of its sessions."""
        return Sessions(self.stack.home_assistant.client, kind)

    async def switch(self, kind: Kind) -> str:
        """Return the owner's switch for a camera."""
        return await self.resident.entity("switch", "sharing", kind.name)

    async def viewed(self, kind: Kind, wanted: bool) -> None:
        """Wait until the owner sees that the camera is looked through, or that it is not."""
        sensor = await self.resident.entity("binary_sensor", "being_viewed", kind.name)

        async def fits() -> bool:
            state = await self.stack.home_assistant.client.state(sensor)
            return state == ("on" if wanted else "off")

        await until(fits, f"{sensor} did not become {wanted}", LIMIT)

    async def incident(self) -> str:
        """Open an incident where the cameras are."""
        return await self.operator.open_incident(*THERE, 400, "robbery")

    async def live(self, kind: Kind, *, wanted: bool = True) -> None:
        """Wait until a camera is live at the hub, or is not."""
        await self.operator.live(
            THERE,
            lambda found: (self.cameras[kind.name] in {one["camera"] for one in found}) == wanted,
            f"{kind.name} did not become live={wanted}",
            LIMIT,
        )

    def address(self, incident: str, kind: Kind) -> str:
        """Return the address under which a camera is played."""
        camera = self.cameras[kind.name]
        return f"{self.stack.hub.url}/api/v1/incidents/{incident}/cameras/{camera}"

    async def how(self, incident: str, kind: Kind) -> dict[str, Any]:
        """Return what the hub tells of how a camera is played."""
        camera = self.cameras[kind.name]
        return dict(
            await self.operator.ask("GET", f"/api/v1/incidents/{incident}/cameras/{camera}/player")
        )

    @asynccontextmanager
    async def watching(self, incident: str, kind: Kind, **options: object) -> AsyncIterator[Player]:
        """Play a camera in a window of its own, and hang up at the end without a word."""
        async with window(self.browser, self.page) as context:
            yield await self.ready(await self.how(incident, kind), context, **options)

    @asynccontextmanager
    async def playing(self, incident: str, kind: Kind, **options: object) -> AsyncIterator[Player]:
        """Play a camera until pictures came, and stop it properly at the end."""
        async with self.watching(incident, kind, **options) as playing:
            await self.play(playing, incident, kind)
            yield playing
            await playing.stop()

    async def play(self, playing: Player, incident: str, kind: Kind) -> None:
        """Begin to play, and wait for pictures."""
        answer = await playing.whep(self.address(incident, kind) + "/whep", self.token)
        assert answer["status"] == 201, answer
        await playing.frames(3)

    @staticmethod
    async def ready(how: dict[str, Any], context: Any, **options: object) -> Player:
        """Make a player as the hub tells how."""
        told = {
            "iceServers": how["ice_servers"],
            "policy": how["ice_transport_policy"],
            "dataChannel": how["data_channel"],
            "audio": how["audio"],
        }
        return await player(context, **(told | options))

    async def looks(self, incident: str, count: int) -> list[dict[str, Any]]:
        """Wait until so many looks for an incident have an end, and return them."""

        async def ended() -> list[dict[str, Any]]:
            looks = await self.operator.looks(incident)
            return looks if [bool(one["outcome"]) for one in looks] == [True] * count else []

        return await until(ended, f"the incident has not {count} looks with an end", LIMIT)


async def share(stack: Stack, kinds: tuple[Kind, ...]) -> dict[str, str]:
    """Share cameras that are not, with snapshots and streams; return the city's id of each."""
    operator, resident = await stack.operator(), stack.resident
    entry = await resident.entry()
    assert entry is not None
    live = {one["name"] for one in await operator.grants(*THERE, 1_000)}
    for kind in kinds:
        if kind.name not in live:
            wish = Wish(
                name=kind.name,
                lat=THERE[0],
                lon=THERE[1],
                scopes=("snapshot", "stream"),
                relay_only=kind.relay_only,
            )
            await resident.share(entry["entry_id"], kind.entity, wish)
    names = {kind.name for kind in kinds}
    found = await operator.live(
        THERE, lambda live: names <= {one["name"] for one in live}, "not live", LIMIT
    )
    return {one["name"]: one["camera"] for one in found}


def now_ms() -> float:
    """Return the time of day as a browser has it."""
    return datetime.now(UTC).timestamp() * 1000
