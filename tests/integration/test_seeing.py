"""Seeing who looked: every look shows in the entities, and on the bus, and after a restart."""

import asyncio
import stat
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.image import async_get_image
from homeassistant.core import Event, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.request import Operator
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Role
from tests.integration.cameras import PICTURE, FakeCamera, jpeg
from tests.integration.city import City
from tests.integration.waiting import until_state

CAMERA = "c0ffee00c0ffee00"
SUBENTRY = "subentry-c0ffee"
EVENT = "event.porch_access"
VIEWED = "binary_sensor.porch_being_viewed"
LAST = "sensor.porch_last_look"
MONTH = "sensor.porch_looks_this_month"
IMAGE = "image.porch_last_picture_handed_over"
REFUSED = "sensor.city_of_jackson_refused_requests"


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    return hass_tmp_config_dir


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


@pytest.fixture
def announced(hass: HomeAssistant) -> list[Event]:
    return async_capture_events(hass, "jackson_rtcc_look")


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None
    return state


def pictures(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    return Path(hass.config.path(".storage", f"jackson_rtcc.{entry.entry_id}.pictures"))


async def reload(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> Grant:
    seq = (await city.until_granted(entry.data["home"], CAMERA)).seq
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    return await city.until_granted(entry.data["home"], CAMERA, seq)


async def test_before_any_look(hass: HomeAssistant, home: MockConfigEntry) -> None:
    states = {entity_id: state_of(hass, entity_id).state for entity_id in (EVENT, LAST, IMAGE)}
    assert set(states.values()) == {"unknown"}
    assert state_of(hass, VIEWED).state == "off"
    assert state_of(hass, MONTH).state == "0"
    with pytest.raises(HomeAssistantError):
        await async_get_image(hass, IMAGE)


async def test_handed_over(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    announced: list[Event],
) -> None:
    reply = await city.look(grant)
    await hass.async_block_till_done()
    assert reply.picture is not None
    event = state_of(hass, EVENT)
    facts = {
        "action": "snapshot",
        "operator": "o1",
        "operator_role": "officer",
        "incident_kind": "robbery",
        "incident_reference": "CAD-1",
        "outcome": "ok",
        "reason": None,
    }
    assert event.attributes["event_type"] == "snapshot_sent"
    assert facts.items() <= event.attributes.items()
    (announcement,) = announced
    assert facts.items() <= announcement.data.items()
    registered = er.async_get(hass).async_get(EVENT)
    assert registered is not None
    assert {
        "type": "snapshot_sent",
        "name": "Porch",
        "incident_name": "Robbery",
        "entity_id": EVENT,
        "switch": "switch.porch_sharing",
        "device_id": registered.device_id,
        "config_entry_id": home.entry_id,
    }.items() <= announcement.data.items()
    assert state_of(hass, MONTH).state == "1"
    assert state_of(hass, MONTH).attributes["state_class"] == "total"
    assert datetime.fromisoformat(state_of(hass, LAST).state) == reply.issued
    assert (await async_get_image(hass, IMAGE)).content == reply.picture.data == PICTURE
    assert datetime.fromisoformat(state_of(hass, IMAGE).state) >= reply.picture.received
    for entity_id in (EVENT, LAST, MONTH, IMAGE):
        assert state_of(hass, entity_id).context is announcement.context


async def test_refused(
    hass: HomeAssistant, city: City, grant: Grant, announced: list[Event]
) -> None:
    request = city.request(grant)
    incident = replace(request.incident, kind="graffiti", reference="CAD-2")
    await city.ask(replace(request, incident=incident))
    assert (await city.reply(request)).outcome is Outcome.REFUSED
    await hass.async_block_till_done()
    attributes = state_of(hass, EVENT).attributes
    assert attributes["event_type"] == "look_refused"
    assert attributes["reason"] == "kind_not_allowed"
    assert attributes["incident_reference"] == "CAD-2"
    assert state_of(hass, LAST).state == state_of(hass, IMAGE).state == "unknown"
    assert state_of(hass, MONTH).state == "0"
    # The policy has no word for this kind.
    assert announced[0].data["incident_name"] == "graffiti"


async def test_failed(hass: HomeAssistant, city: City, camera: FakeCamera, grant: Grant) -> None:
    camera.image = None
    operator = replace(city.request(grant).operator, role=Role.SUPERVISOR)
    await city.look(grant, operator=operator)
    await hass.async_block_till_done()
    attributes = state_of(hass, EVENT).attributes
    assert attributes["event_type"] == "look_failed"
    assert attributes["reason"] == "camera_failed"
    assert attributes["operator_role"] == "supervisor"
    assert state_of(hass, VIEWED).state == "off"


async def test_a_camera_that_is_not_shared(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, announced: list[Event]
) -> None:
    """It has no entity, but the owner is told of the try."""
    await city.look(grant, camera="0123456789abcdef")
    await hass.async_block_till_done()
    (announcement,) = announced
    assert announcement.data["name"] == home.title
    assert announcement.data["reason"] == "not_granted"
    assert "entity_id" not in announcement.data
    assert state_of(hass, EVENT).state == "unknown"


@pytest.mark.parametrize(("seconds", "reason"), [(-31, "expired"), (90, "clock")])
async def test_out_of_time_is_told_too(
    city: City, grant: Grant, announced: list[Event], seconds: int, reason: str
) -> None:
    await city.look(grant, issued=city.now + timedelta(seconds=seconds))
    assert [event.data["reason"] for event in announced] == [reason]


async def test_sent_again_is_told_once(
    hass: HomeAssistant, city: City, grant: Grant, announced: list[Event]
) -> None:
    request = city.request(grant)
    await city.ask(request)
    await city.reply(request)
    city.messages.clear()
    await city.ask(request)
    assert (await city.reply(request)).reason == "replayed"
    assert [event.data["outcome"] for event in announced] == ["ok"]


async def test_being_viewed(
    hass: HomeAssistant, city: City, camera: FakeCamera, grant: Grant
) -> None:
    camera.hold = asyncio.Event()
    request = city.request(grant)
    await city.ask(request)
    await until_state(hass, VIEWED, "on")
    camera.hold.set()
    await city.reply(request)
    await until_state(hass, VIEWED, "off")


async def test_refused_requests_are_counted(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """By a sensor that the owner enables."""
    registered = er.async_get(hass).async_get(REFUSED)
    assert registered is not None
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    er.async_get(hass).async_update_entity(REFUSED, disabled_by=None)
    grant = await reload(hass, city, home)
    assert state_of(hass, REFUSED).state == "0"
    await city.look(grant, policy="another")
    await hass.async_block_till_done()
    assert state_of(hass, REFUSED).state == "1"


async def test_after_a_restart(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    await city.look(grant)
    await hass.async_block_till_done()
    before = {id_: state_of(hass, id_).state for id_ in (LAST, MONTH, IMAGE)}
    event = state_of(hass, EVENT)
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                event,
                {
                    "last_event_type": "snapshot_sent",
                    "last_event_attributes": {"operator": "o1"},
                },
            )
        ],
    )
    await reload(hass, city, home)
    assert {id_: state_of(hass, id_).state for id_ in before} == before
    assert state_of(hass, EVENT).state == event.state
    assert state_of(hass, EVENT).attributes["operator"] == "o1"
    assert (await async_get_image(hass, IMAGE)).content == PICTURE


async def test_month_ends(
    hass: HomeAssistant, city: City, grant: Grant, freezer: FrozenDateTimeFactory
) -> None:
    """At midnight where the home is, to the second."""
    await city.look(grant)
    await hass.async_block_till_done()
    assert state_of(hass, MONTH).state == "1"
    local = dt_util.now()
    first = (local.replace(day=1) + timedelta(days=32)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    freezer.move_to(first)
    async_fire_time_changed(hass, first)
    await hass.async_block_till_done()
    assert state_of(hass, MONTH).state == "0"
    assert datetime.fromisoformat(state_of(hass, MONTH).attributes["last_reset"]) == first


async def test_picture_file_is_private(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    await city.look(grant)
    await hass.async_block_till_done()
    (file,) = pictures(hass, home).iterdir()
    assert file.read_bytes() == PICTURE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_only_the_last_picture(
    hass: HomeAssistant, city: City, home: MockConfigEntry, camera: FakeCamera, grant: Grant
) -> None:
    await city.look(grant)
    camera.image = jpeg(colour="red")
    # Another's, because the same operator would get the same picture again.
    await city.look(grant, operator=Operator(pseudonym="o2", role=Role.OFFICER))
    await hass.async_block_till_done()
    assert (await async_get_image(hass, IMAGE)).content == camera.image
    (file,) = pictures(hass, home).iterdir()
    assert file.read_bytes() == camera.image


async def test_disabled_keeps_no_picture(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    await city.look(grant)
    await hass.async_block_till_done()
    er.async_get(hass).async_update_entity(IMAGE, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    await city.look(grant)
    await hass.async_block_till_done()
    assert list(pictures(hass, home).iterdir()) == []


async def test_camera_removed(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, announced: list[Event]
) -> None:
    await city.look(grant)
    await hass.async_block_till_done()
    hass.config_entries.async_remove_subentry(home, SUBENTRY)
    await hass.async_block_till_done()
    assert list(pictures(hass, home).iterdir()) == []
    assert hass.states.get(EVENT) is None
    assert dr.async_entries_for_config_entry(dr.async_get(hass), home.entry_id)


async def test_stray_pictures_go(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    (pictures(hass, home) / "gone.jpg").write_bytes(PICTURE)
    (pictures(hass, home) / "half-written").write_bytes(PICTURE)
    await reload(hass, city, home)
    assert list(pictures(hass, home).iterdir()) == []


async def test_entry_removed(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    hass_storage: dict[str, Any],
) -> None:
    await city.look(grant)
    await hass.async_block_till_done()
    await hass.config_entries.async_remove(home.entry_id)
    await hass.async_block_till_done()
    assert not pictures(hass, home).exists()
    assert f"jackson_rtcc.{home.entry_id}.looks" not in hass_storage


async def test_disk_full(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
) -> None:
    """The look goes on, and the picture is shown until the restart."""
    folder = pictures(hass, home)
    folder.rmdir()
    folder.write_text("no folder")
    await city.look(grant)
    await hass.async_block_till_done()
    assert (await async_get_image(hass, IMAGE)).content == PICTURE
    assert state_of(hass, EVENT).attributes["event_type"] == "snapshot_sent"
    folder.unlink()
    folder.mkdir()


async def test_announcements_tell_no_place(
    hass: HomeAssistant, city: City, grant: Grant, announced: list[Event]
) -> None:
    """What automations get holds no place and no id of the wire."""
    await city.look(grant)
    await hass.async_block_till_done()
    text = repr(announced[0].data) + repr(state_of(hass, EVENT).attributes)
    for secret in (CAMERA, grant.jti, grant.home, "32.3", "-90.1"):
        assert secret not in text
