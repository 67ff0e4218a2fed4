"""What the end-to-end tests share: one running stack for all of them, put in order before each."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from demo.home_assistant import Household
from demo.homes import SimulatedHomes
from demo.hub_client import HubClient
from demo.resident import Resident, Wish
from demo.simulated import SimulatedHome
from demo.stack import Stack
from demo.waiting import until
from hub.protocol.geo import Point
from tests.e2e import moving, watching
from tests.e2e.evening import HOME, LIMIT, Evening, World, in_hours
from tests.e2e.go2rtc_server import Go2rtc
from tests.e2e.relay import Relay, dead_stun
from tests.e2e.streaming import Streaming, share

HERE = Path(__file__).parent
AWAY = (32.3500, -90.1400)
"""Seven kilometres from HOME."""
WISH = Wish(name="Porch")

# As a user writes it: when visitors come, nobody looks.
AUTOMATIONS = """\
- alias: Nobody looks while we have visitors
  triggers:
    - trigger: state
      entity_id: input_boolean.visitors
      to: "on"
  actions:
    - action: jackson_rtcc.revoke
      target:
        entity_id: switch.porch_sharing
- alias: Nobody looks at night
  triggers:
    - trigger: state
      entity_id: input_boolean.night
      to: "on"
  actions:
    - action: switch.turn_off
      target:
        entity_id: switch.porch_sharing
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share one event loop, because they share what runs in it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def mosquitto(program: Callable[[str], Path]) -> Path:
    return program("mosquitto")


@pytest.fixture(scope="session")
def relay() -> Relay | None:
    """coturn, of which the hub tells players; None where there is none."""
    return Relay.found()


@pytest.fixture(scope="session")
def go2rtc() -> Go2rtc | None:
    """A real go2rtc for Home Assistant's own integration; None where there is none."""
    return Go2rtc.found()


@pytest.fixture(scope="session")
def stun() -> Iterator[str]:
    with dead_stun() as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(
    tmp_path_factory: pytest.TempPathFactory,
    mosquitto: Path,
    relay: Relay | None,
    go2rtc: Go2rtc | None,
    stun: str,
) -> AsyncIterator[Stack]:
    """A hub with its broker, and a Home Assistant that has enrolled and shares one camera."""
    more = go2rtc.cameras if go2rtc else ()
    cameras = [*moving.CAMERAS, moving.RELAYED, moving.SLOW, moving.YARD, *more]
    household = Household(
        automations=AUTOMATIONS,
        booleans=("visitors", "night"),
        log_level="debug",
        components=(moving.COMPONENT,),
        configuration=moving.configuration(*cameras, stun=stun)
        + (go2rtc.configuration if go2rtc else ""),
    )
    data = tmp_path_factory.mktemp("stack")
    servers = {"RTCC_STUN__URLS": stun, **(relay.environment if relay else {})}
    async with await Stack.open(data, environment=servers, household=household) as stack:
        await stack.hub.start()
        if relay is not None:
            await relay.start(stack)
        if go2rtc is not None:
            await go2rtc.start(stack)
        await stack.start_camera()
        await stack.home_assistant.start()
        camera = await stack.resident.add_camera("Demo camera", stack.picture)
        await stack.resident.enrol(stack.hub.url, await stack.hub.new_code(), camera, WISH)
        yield stack


@dataclass(frozen=True, kw_only=True)
class WholePath:
    """Everything between an operator and the camera, working when a test begins."""

    stack: Stack
    operator: HubClient
    resident: Resident
    camera: str
    switch: str

    async def incident(self, place: tuple[float, float] = HOME, radius: float = 400) -> str:
        return await self.operator.open_incident(*place, radius, "robbery")

    async def live(self, what: str, limit: float = LIMIT) -> None:
        await self.operator.live(HOME, self._in, what, limit)

    async def gone(self, what: str, limit: float = LIMIT) -> None:
        await self.operator.live(HOME, lambda found: not self._in(found), what, limit)

    def _in(self, found: list[dict[str, object]]) -> bool:
        return any(one["camera"] == self.camera for one in found)


def home_id(stack: Stack) -> str:
    """Return the home's id, as the city knows it: its keys are kept under it, as `domain.id`."""
    kept = stack.home_assistant.folder.glob(".storage/jackson_rtcc.*")
    (home,) = (file.suffix[1:] for file in kept if file.name.count(".") == 1)
    return home


async def working(stack: Stack) -> WholePath:
    """Put the stack in order: the switch is on and the grant is live."""
    operator, resident = await stack.operator(), stack.resident
    await until(operator.ready, "the hub is not ready", LIMIT)
    switch = await resident.entity("switch", "sharing", WISH.name)
    await resident.switch(switch, on=True)
    found = await operator.live(
        HOME, lambda live: any(one["name"] == WISH.name for one in live), "not live", LIMIT
    )
    camera = next(one["camera"] for one in found if one["name"] == WISH.name)
    return WholePath(
        stack=stack, operator=operator, resident=resident, camera=camera, switch=switch
    )


@pytest_asyncio.fixture(loop_scope="session")
async def path(stack: Stack) -> WholePath:
    return await working(stack)


@pytest_asyncio.fixture(loop_scope="session")
async def neighbour(second_home: SimulatedHome) -> SimulatedHome:
    """The second home, connected: an earlier test may have cut it off."""
    await asyncio.wait_for(second_home.online.wait(), LIMIT)
    return second_home


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def second_home(stack: Stack) -> AsyncIterator[SimulatedHome]:
    """A second home, simulated, seven kilometres away, with its own keys and connection."""
    operator = await stack.operator()
    homes = await SimulatedHomes.enrolled(
        stack.hub, operator, stack.data / "homes", [Point(*AWAY)], lambda _: None
    )
    async with homes:
        await homes.online()
        yield homes.homes[0]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(program: Callable[[str], Path]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program("chromium"), args=watching.FLAGS
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def streaming(stack: Stack, browser: Browser) -> Streaming:
    """The moving cameras, shared and live."""
    operator = await stack.operator()
    await until(operator.ready, "the hub is not ready", LIMIT)
    cameras = await share(stack, moving.CAMERAS)
    return Streaming(stack=stack, browser=browser, operator=operator, cameras=cameras)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def evening(
    tmp_path_factory: pytest.TempPathFactory, faketime: Path, mosquitto: Path, stun: str
) -> AsyncIterator[Evening]:
    """A stack with a clock of its own, ten minutes before the hours, which are two hours long."""
    data = tmp_path_factory.mktemp("evening")
    world = World(file=data / "clock")
    world.forward_to(datetime.now(UTC) + timedelta(milliseconds=1))
    begins = (world.now + timedelta(minutes=11)).replace(second=0, microsecond=0)
    ends = begins + timedelta(hours=2)
    environment = world.environment | {"LD_PRELOAD": str(faketime)}
    household = Household(
        components=(moving.COMPONENT,),
        configuration=moving.configuration(moving.PORCH, stun=stun),
    )
    async with await Stack.open(
        data / "stack", environment=environment, household=household
    ) as stack:
        await stack.hub.start()
        await stack.start_camera()
        await stack.home_assistant.start()
        camera = await stack.resident.add_camera("Demo camera", stack.picture)
        await stack.resident.enrol(
            stack.hub.url, await stack.hub.new_code(), camera, in_hours(begins, ends)
        )
        yield Evening(
            world=world,
            stack=stack,
            operator=await stack.operator(),
            begins=begins,
            ends=ends,
        )
