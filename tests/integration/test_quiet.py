"""Quiet: an idle home neither polls nor chatters, starts at once, and logs a loss once."""

import asyncio
import logging
import time
from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_platform
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.jackson_rtcc.link import Link
from custom_components.jackson_rtcc.protocol.grant import REVOCATION
from custom_components.jackson_rtcc.protocol.tokens import Token
from tests.integration.cameras import FakeCamera
from tests.integration.city import City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol
from tests.integration.waiting import Log, until_state

CAMERAS = 10


def id_of(number: int) -> str:
    return f"{number:02}ffee00c0ffee00"


@pytest.fixture
async def ten(hass: HomeAssistant, city: City) -> MockConfigEntry:
    """Enrol a home that shares ten cameras at any time; not set up yet."""
    names = [f"Camera {number}" for number in range(CAMERAS)]
    await add_cameras(hass, *(FakeCamera(name, name) for name in names))
    shares = [
        subentry(share_data(hass, f"camera.camera_{number}", camera=id_of(number), name=name))
        for number, name in enumerate(names)
    ]
    return await enrol(hass, city, shares)


async def set_up(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    for number in range(CAMERAS):
        await city.until_granted(entry.data["home"], id_of(number))
    await hass.async_block_till_done()


async def test_an_idle_hour(
    hass: HomeAssistant,
    city: City,
    ten: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each camera is renewed at most twice, and nothing else is said."""
    await set_up(hass, city, ten)
    city.history.clear()
    changes = []
    hass.bus.async_listen("state_changed", lambda event: changes.append(event.data["entity_id"]))
    # The clock of the home and of the city, and no other: connections would take it for silence.
    now = dt_util.utcnow()
    for minute in range(1, 61):
        city.ahead = timedelta(minutes=minute)
        monkeypatch.setattr(dt_util, "utcnow", lambda: now + city.ahead)
        await tick(hass)
    seen = len(changes)
    # What comes after everything else proves that all of it has arrived.
    switch = {"entity_id": "switch.camera_1_sharing"}
    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    await city.until(lambda: any(map(is_revocation, city.history)) or None)
    said = [topic for topic, _ in city.history][:-1]
    assert {topic.split("/")[3] for topic in said} == {"grants"}
    assert CAMERAS <= len(said) <= 2 * CAMERAS
    ours = {
        entry.entity_id
        for entry in er.async_entries_for_config_entry(er.async_get(hass), ten.entry_id)
    }
    # Home Assistant itself gives images new access tokens.
    changed = [id_ for id_ in changes[:seen] if id_ in ours and not id_.startswith("image.")]
    # The end of the grant, with each renewal.
    assert {entity_id.rsplit("_", 2)[1] for entity_id in changed} <= {"grant"}
    assert len(changed) <= 2 * CAMERAS


def is_revocation(message: tuple[str, bytes]) -> bool:
    return Token.parse(message[1]).header["typ"] == REVOCATION


async def tick(hass: HomeAssistant) -> None:
    """Let a minute's work of the integration be done; its connections keep their own time."""
    home = hass.config_entries.async_loaded_entries("jackson_rtcc")[0].runtime_data
    home.shares.settle()
    await hass.async_block_till_done()


async def test_nothing_is_polled(hass: HomeAssistant, city: City, ten: MockConfigEntry) -> None:
    await set_up(hass, city, ten)
    entities = [
        entity
        for platform in entity_platform.async_get_platforms(hass, "jackson_rtcc")
        for entity in platform.entities.values()
    ]
    assert len(entities) > 8 * CAMERAS
    assert not any(entity.should_poll for entity in entities)


async def test_setup_is_quick_without_the_network(
    hass: HomeAssistant, city: City, ten: MockConfigEntry
) -> None:
    await city.stop()
    # What is loaded once for all of Home Assistant is not this home's time.
    assert await hass.config_entries.async_setup(ten.entry_id)
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(ten.entry_id)
    start = time.perf_counter()
    assert await hass.config_entries.async_setup(ten.entry_id)
    assert time.perf_counter() - start < 0.5
    state = hass.states.get("switch.camera_1_sharing")
    assert state is not None
    assert state.state == "on"


async def test_a_hub_that_is_away_is_one_line(
    hass: HomeAssistant,
    city: City,
    ten: MockConfigEntry,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However often it is tried again; and one line when it is back."""
    await set_up(hass, city, ten)
    connection = "binary_sensor.city_of_jackson_connection"
    tries = asyncio.Semaphore(0)
    report = Link._report

    def note(self: Link, error: BaseException) -> None:
        report(self, error)
        tries.release()

    monkeypatch.setattr(Link, "_report", note)
    monkeypatch.setattr("custom_components.jackson_rtcc.backoff.Backoff.next", lambda _: 0.01)
    await city.stop_broker()
    await until_state(hass, connection, "off")
    for _ in range(4):
        await tries.acquire()
    assert len(lines(log)) == 1
    await city.broker.start()
    await city.connect()
    await log.until("The connection to the city is back")
    assert len(lines(log)) == 2


def lines(log: Log) -> list[logging.LogRecord]:
    return [
        record
        for record in log.caplog.records
        if record.name.startswith("custom_components.jackson_rtcc")
        and record.levelno >= logging.INFO
    ]


async def test_midnight_is_quiet(
    hass: HomeAssistant, city: City, home: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The count of the month is looked at, and stays."""
    before = hass.states.get("sensor.porch_looks_this_month")
    freezer.move_to(dt_util.start_of_local_day() + timedelta(days=1))
    async_fire_time_changed(hass, fire_all=False)
    await hass.async_block_till_done()
    assert hass.states.get("sensor.porch_looks_this_month") is before
