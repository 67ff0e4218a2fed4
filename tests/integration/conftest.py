"""Fixtures: a real city, cameras, and a home that is enrolled with it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import freezegun
import pytest
from homeassistant.config_entries import HANDLERS, ConfigEntry, ConfigFlow, ConfigSubentryData
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from tests.integration.cameras import FakeCamera
from tests.integration.city import CAPITOL, City
from tests.integration.enrolled import enrol
from tests.integration.waiting import Log, until_idle, until_told

DOMAIN = "jackson_rtcc"


# A real broker is at the other end: a clock that jumps would look like a broken connection.
freezegun.configure(extend_ignore_list=["paho"])


@pytest.fixture(autouse=True)
def auto_enable(enable_custom_integrations: None) -> None:
    """Load the integration under test."""


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Refuse calls from a wrong thread, for which Home Assistant's tools want debug mode.

    It replaces their fixture: debug mode also notes the whole stack of every future, which took
    a third of the time of these tests.
    """
    loop: Any = asyncio.get_running_loop()
    for name in ("call_soon", "call_at"):
        setattr(loop, name, _in_its_thread(loop, getattr(loop, name)))


def _in_its_thread(loop: Any, schedule: Callable[..., Any]) -> Callable[..., Any]:
    def checked(*arguments: Any, **options: Any) -> Any:
        loop._check_thread()
        return schedule(*arguments, **options)

    return checked


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
async def log(caplog: pytest.LogCaptureFixture) -> AsyncGenerator[Log]:
    found = Log(caplog)
    logging.getLogger().addHandler(found)
    yield found
    logging.getLogger().removeHandler(found)


@pytest.fixture
async def city(
    socket_enabled: None, program: Callable[[str], Path], tmp_path: Path
) -> AsyncGenerator[City]:
    city = await City.start(program("mosquitto"), tmp_path / "city")
    yield city
    await city.stop()


@pytest.fixture
async def old_broker_city(
    socket_enabled: None, program: Callable[[str], Path], tmp_path: Path
) -> AsyncGenerator[City]:
    """A city with Mosquitto 2.0, which answers a forbidden publish by disconnecting."""
    city = await City.start(program("mosquitto-2.0"), tmp_path / "city")
    yield city
    await city.stop()


@pytest.fixture
async def camera(hass: HomeAssistant) -> FakeCamera:
    """Set up a camera entity `camera.porch` by an integration of its own."""
    return (await add_cameras(hass, FakeCamera()))[0]


async def add_cameras(
    hass: HomeAssistant, *cameras: FakeCamera, domain: str = "test"
) -> list[FakeCamera]:
    """Set up camera entities by an integration called `domain`."""

    async def setup(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, [Platform.CAMERA])
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, [Platform.CAMERA])

    async def setup_platform(hass: HomeAssistant, entry: ConfigEntry, add: Any) -> None:
        # Home Assistant adds an entity object once; after a reload there are others.
        add([found if found.hass is None else found.again() for found in cameras])

    mock_integration(hass, MockModule(domain, async_setup_entry=setup, async_unload_entry=unload))
    mock_platform(hass, f"{domain}.config_flow")
    mock_platform(hass, f"{domain}.camera", MockPlatform(async_setup_entry=setup_platform))
    HANDLERS.setdefault(domain, ConfigFlow)
    entry = MockConfigEntry(domain=domain)
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return list(cameras)


def share_data(hass: HomeAssistant, entity_id: str = "camera.porch", **changes: Any) -> Any:
    """Return the data of a camera subentry."""
    registered = er.async_get(hass).async_get(entity_id)
    assert registered is not None
    return {
        "camera": "c0ffee00c0ffee00",
        "entity": registered.id,
        "name": "Porch",
        "site": "home",
        "scopes": ["snapshot"],
        "gate": "incident",
        "hours": None,
        "location": {"latitude": CAPITOL.lat, "longitude": CAPITOL.lon},
        "precision": 100,
    } | changes


def subentry(data: dict[str, Any]) -> ConfigSubentryData:
    """Return a camera subentry."""
    return ConfigSubentryData(
        data=data,
        subentry_type="camera",
        title=data["name"],
        unique_id=data["entity"],
        subentry_id=f"subentry-{data['camera'][:6]}",
    )


@pytest.fixture
async def entry(hass: HomeAssistant, city: City, camera: FakeCamera) -> MockConfigEntry:
    """Enrol a home that shares the camera at any time; not set up yet."""
    return await enrol(hass, city, [subentry(share_data(hass))])


@pytest.fixture
async def home(
    hass: HomeAssistant, city: City, entry: MockConfigEntry
) -> AsyncGenerator[MockConfigEntry]:
    """Set up the home and wait for its grant, and until it has seen the access log."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_granted(entry.data["home"], "c0ffee00c0ffee00")
    running = entry.runtime_data
    await until_told(running.subscribe, lambda: running.watch.checked is not None)
    await hass.async_block_till_done()
    yield entry
    await until_idle(running)
