"""Hours begin and end, with the clock of the whole world under control."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from demo.hub_client import HubClient
from demo.resident import Wish
from demo.stack import Stack
from demo.waiting import until
from tests.e2e.conftest import HOME, LIMIT

ZONE = ZoneInfo("America/Chicago")
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

pytestmark = pytest.mark.timeout(180)


@dataclass(kw_only=True)
class World:
    """The time of day in every process but this one: hub, broker, Home Assistant, commands.

    It only goes forward. Timers follow because the monotonic clock jumps too; each process
    notices with the next thing that wakes it, which is why every wait here asks all of them.
    """

    file: Path
    ahead: timedelta = timedelta(0)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def environment(self) -> dict[str, str]:
        return {"FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1"}

    def forward_to(self, moment: datetime) -> None:
        ahead = moment - datetime.now(UTC)
        assert ahead >= self.ahead
        self.ahead = ahead
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{ahead.total_seconds():+.3f}\n")
        beside.replace(self.file)


@dataclass(frozen=True, kw_only=True)
class Evening:
    """A stack in such a world, and one camera shared from `begins` until before `ends`."""

    world: World
    stack: Stack
    operator: HubClient
    begins: datetime
    ends: datetime

    async def live(self) -> list[dict[str, object]]:
        """Return what is live at the hub, and wake Home Assistant."""
        await self.stack.home_assistant.client.state("sun.sun")
        return await self.operator.grants(*HOME, 400)

    async def until_live(self, what: str) -> dict[str, object]:
        return (await until(self.live, what, LIMIT, 0.1))[0]

    async def until_gone(self, what: str) -> None:
        async def gone() -> bool:
            return not await self.live()

        await until(gone, what, LIMIT, 0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def evening(
    tmp_path_factory: pytest.TempPathFactory, faketime: Path, mosquitto: Path
) -> AsyncIterator[Evening]:
    """Begin ten minutes before the hours, which are two hours long."""
    data = tmp_path_factory.mktemp("evening")
    world = World(file=data / "clock")
    world.forward_to(datetime.now(UTC) + timedelta(milliseconds=1))
    begins = (world.now + timedelta(minutes=11)).replace(second=0, microsecond=0)
    ends = begins + timedelta(hours=2)
    wish = Wish(
        hours={
            "days": DAYS,
            "start": f"{begins.astimezone(ZONE):%H:%M:%S}",
            "end": f"{ends.astimezone(ZONE):%H:%M:%S}",
        }
    )
    environment = world.environment | {"LD_PRELOAD": str(faketime)}
    async with await Stack.open(data / "stack", environment=environment) as stack:
        await stack.hub.start()
        await stack.start_camera()
        await stack.home_assistant.start()
        camera = await stack.resident.add_camera("Demo camera", stack.picture)
        await stack.resident.enrol(stack.hub.url, await stack.hub.new_code(), camera, wish)
        yield Evening(
            world=world,
            stack=stack,
            operator=await stack.operator(),
            begins=begins,
            ends=ends,
        )


async def test_hours_begin_are_renewed_and_end(evening: Evening) -> None:
    operator, world = evening.operator, evening.world
    incident = await operator.open_incident(*HOME, 400, "robbery")
    sensor = await evening.stack.resident.entity("sensor", "grant_ends")

    async def published_ahead() -> bool:
        return await evening.stack.home_assistant.client.state(sensor) not in ("unknown", None)

    await until(published_ahead, "no grant is published ahead of the hours", LIMIT)
    assert await evening.live() == []

    world.forward_to(evening.begins + timedelta(seconds=1))
    first = await evening.until_live("not live although the hours have begun")
    camera = str(first["camera"])
    await _looks(evening, incident, camera)

    world.forward_to(evening.begins + timedelta(minutes=55))
    await evening.until_live("the grant was not renewed at half of its life")

    async def renewed() -> bool:
        live = await evening.live()
        return bool(live) and str(live[0]["ends"]) > str(first["ends"])

    await until(renewed, "the renewed grant ends no later", LIMIT, 0.1)

    world.forward_to(evening.ends - timedelta(minutes=3))
    last = await evening.until_live("not live shortly before the hours end")
    # Beyond two hours a supervisor would have to approve of the first one.
    incident = await operator.open_incident(*HOME, 400, "robbery")
    await _looks(evening, incident, camera)
    assert datetime.fromisoformat(str(last["ends"])) <= evening.ends

    world.forward_to(evening.ends + timedelta(seconds=1))
    await evening.until_gone("still live although the hours are over")
    after = await operator.look(incident, camera)
    assert after.slug == "camera-unavailable"


async def _looks(evening: Evening, incident: str, camera: str) -> None:
    async def look() -> bool:
        await evening.live()
        return (await evening.operator.look(incident, camera)).ok

    await until(look, "no picture within the hours", LIMIT, 0.2)
