"""The life of a home: setup, reload, restart, stop, removal."""

import asyncio
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, flush_store

from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.link import Link
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome
from custom_components.jackson_rtcc.standing import Standing
from tests.integration.cameras import FakeCamera
from tests.integration.city import City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol

CAMERA = "c0ffee00c0ffee00"
SECOND = "feedfacefeedface"


async def turn(hass: HomeAssistant, word: str, entity_id: str = "switch.porch_sharing") -> None:
    await hass.services.async_call(
        "switch", f"turn_{word}", {"entity_id": entity_id}, blocking=True
    )


async def test_share_look_revoke_share_again(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    id_ = home.data["home"]
    grant = await city.until_granted(id_, CAMERA)
    await city.until_presence(id_, b"online")
    assert (await city.look(grant)).outcome is Outcome.OK

    await turn(hass, "off")
    revocation = await city.until_revoked(id_, CAMERA)
    assert revocation.seq > grant.seq
    assert (await city.look(grant)).reason == "not_granted"

    await turn(hass, "on")
    again = await city.until_granted(id_, CAMERA, revocation.seq)
    assert (await city.look(again)).outcome is Outcome.OK


async def test_unload_and_reload(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    id_ = home.data["home"]
    before = await city.until_granted(id_, CAMERA)
    assert await hass.config_entries.async_unload(home.entry_id)
    assert home.state is ConfigEntryState.NOT_LOADED
    await city.until_presence(id_, b"offline")
    assert await hass.config_entries.async_setup(home.entry_id)
    await city.until_presence(id_, b"online")
    await city.until_granted(id_, CAMERA, before.seq)


async def test_unloaded_before_the_hub_has_answered(
    hass: HomeAssistant, city: City, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was about to be granted comes neither after the goodbye nor after the unload."""
    asked, answer, leaving = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def check(_standing: Standing, **_: Any) -> None:
        asked.set()
        await answer.wait()

    async def deliver(link: Link, client: Any, topic: str, payload: Any, **options: Any) -> None:
        await say(link, client, topic, payload, **options)
        if payload == b"offline" and leaving.is_set():
            answer.set()
            await asyncio.wait({beginning})

    say = Link._deliver
    monkeypatch.setattr(Standing, "check", check)
    monkeypatch.setattr(Link, "_deliver", deliver)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await asked.wait()
    beginning = entry.runtime_data._beginning
    leaving.set()
    assert await hass.config_entries.async_unload(entry.entry_id)
    monkeypatch.undo()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_granted(entry.data["home"], CAMERA)
    words = [payload for topic, payload in city.history if topic.endswith("/presence")]
    assert words == [b"offline"] * 3 + [b"online"]


async def test_switched_off_survives_a_restart(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    await turn(hass, "off")
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    assert await hass.config_entries.async_reload(home.entry_id)
    again = await city.until(lambda: newer(city, home, revocation.seq))
    assert not hasattr(again, "scopes")
    state = hass.states.get("switch.porch_sharing")
    assert state is not None
    assert state.state == "off"


def newer(city: City, home: MockConfigEntry, seq: int) -> Any:
    word = city.word(home.data["home"], CAMERA)
    return word if word and word.seq > seq else None


async def test_home_assistant_stops(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await city.until_presence(home.data["home"], b"offline")
    await hass.async_block_till_done()


async def test_removed(
    hass: HomeAssistant, hass_storage: dict[str, Any], city: City, home: MockConfigEntry
) -> None:
    id_ = home.data["home"]
    assert await hass.config_entries.async_remove(home.entry_id)
    await city.until_revoked(id_, CAMERA)
    await city.until_presence(id_, b"offline")
    await hass.async_block_till_done()
    assert await identities.load(hass, id_) is None
    assert not [key for key in hass_storage if key.startswith("jackson_rtcc.")]


async def test_removed_while_cut_off(
    hass: HomeAssistant, city: City, home: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    await city.stop_broker()
    assert await hass.config_entries.async_remove(home.entry_id)
    assert "lapses within the hour" in caplog.text
    assert await identities.load(hass, home.data["home"]) is None


async def test_keys_are_gone(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    await identities.destroy(hass, entry.data["home"])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "keys_lost"
    assert await hass.config_entries.async_remove(entry.entry_id)


async def test_set_up_while_the_broker_is_away(
    hass: HomeAssistant, city: City, entry: MockConfigEntry
) -> None:
    """The owner's switch works before there is a connection, and its word is the first."""
    await city.stop_broker()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await turn(hass, "off")
    await city.broker.start()
    await city.connect()
    await city.until_revoked(entry.data["home"], CAMERA)
    assert not any(b"grant" in payload for _, payload in city.history)


async def test_camera_added_changed_removed(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    id_ = home.data["home"]
    untouched = await city.until_granted(id_, CAMERA)
    await add_cameras(hass, FakeCamera("Yard", "yard"), domain="other")
    data = share_data(hass, "camera.yard", camera=SECOND, name="Yard")

    added = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type="camera",
        title="Yard",
        unique_id=data["entity"],
    )
    hass.config_entries.async_add_subentry(home, added)
    grant = await city.until_granted(id_, SECOND)
    await hass.async_block_till_done()
    assert hass.states.get("switch.yard_sharing")

    hass.config_entries.async_update_subentry(home, added, data=data | {"site": "park"})
    grant = await city.until_granted(id_, SECOND, grant.seq)
    assert grant.site == "park"

    new_id = data | {"site": "park", "camera": "0123456789abcdef"}
    hass.config_entries.async_update_subentry(home, added, data=new_id)
    await city.until_revoked(id_, SECOND)
    await city.until_granted(id_, "0123456789abcdef")

    hass.config_entries.async_remove_subentry(home, added.subentry_id)
    await city.until_revoked(id_, "0123456789abcdef")
    await hass.async_block_till_done()
    assert hass.states.get("switch.yard_sharing") is None
    # The other camera's grant was left alone.
    assert city.word(id_, CAMERA) == untouched


async def test_camera_removed_while_cut_off(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """What was removed is revoked when the broker is back, and not repeated for ever."""
    id_ = home.data["home"]
    await city.stop_broker()
    (subentry_id,) = home.subentries
    hass.config_entries.async_remove_subentry(home, subentry_id)
    await hass.async_block_till_done()
    await city.broker.start()
    await city.connect()
    await city.until_revoked(id_, CAMERA)


async def test_entity_renamed_disabled_removed(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    id_ = home.data["home"]
    registry = er.async_get(hass)
    registry.async_update_entity("camera.porch", new_entity_id="camera.front")
    await hass.async_block_till_done()
    grant = await city.until_granted(id_, CAMERA)
    assert (await city.look(grant)).outcome is Outcome.OK

    registry.async_update_entity("camera.front", disabled_by=er.RegistryEntryDisabler.USER)
    revocation = await city.until_revoked(id_, CAMERA)
    registry.async_update_entity("camera.front", disabled_by=None)
    (test,) = hass.config_entries.async_entries("test")
    await hass.config_entries.async_reload(test.entry_id)
    await city.until_granted(id_, CAMERA, revocation.seq)
    registry.async_remove("camera.front")
    await city.until_revoked(id_, CAMERA)


async def test_devices(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry_id)
    assert {device.name for device in devices} == {"City of Jackson", "Porch"}
    by_name = {device.name: device for device in devices}
    assert by_name["Porch"].via_device_id == by_name["City of Jackson"].id
    for device in devices:
        assert device.entry_type is dr.DeviceEntryType.SERVICE


async def test_two_cameras_and_the_master_switch(
    hass: HomeAssistant, city: City, camera: FakeCamera
) -> None:
    await add_cameras(hass, FakeCamera("Yard", "yard"), domain="other")
    second = share_data(hass, "camera.yard", camera=SECOND, name="Yard")
    entry = await enrol(hass, city, [subentry(share_data(hass)), subentry(second)])
    assert await hass.config_entries.async_setup(entry.entry_id)
    id_ = entry.data["home"]
    grants = [await city.until_granted(id_, each) for each in (CAMERA, SECOND)]
    await hass.async_block_till_done()

    await turn(hass, "off", "switch.city_of_jackson_sharing")
    for each in (CAMERA, SECOND):
        await city.until_revoked(id_, each)
    for grant in grants:
        assert (await city.look(grant)).reason == "not_granted"
    await turn(hass, "on", "switch.city_of_jackson_sharing")
    for grant in grants:
        await city.until_granted(id_, grant.camera, grant.seq)


async def test_an_automation_revokes(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:

    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "triggers": {"trigger": "state", "entity_id": "person.me", "to": "home"},
                "actions": {
                    "action": "switch.turn_off",
                    "target": {"entity_id": "switch.porch_sharing"},
                },
            }
        },
    )
    hass.states.async_set("person.me", "not_home")
    await hass.async_block_till_done()
    hass.states.async_set("person.me", "home")
    await city.until_revoked(home.data["home"], CAMERA)


async def test_seq_is_remembered(
    hass: HomeAssistant, hass_storage: dict[str, Any], city: City, home: MockConfigEntry
) -> None:
    grant = await city.until_granted(home.data["home"], CAMERA)
    store = home.runtime_data.shares._memory.store
    await flush_store(store)
    stored = hass_storage[f"jackson_rtcc.{home.data['home']}.state"]["data"]
    assert stored["seq"] >= grant.seq
    assert city.now - grant.issued < timedelta(seconds=30)


async def test_time_zone_moves_the_hours(
    hass: HomeAssistant, city: City, camera: FakeCamera
) -> None:
    """Shared for an hour that is now in one zone and twelve hours away in another."""
    await hass.config.async_set_time_zone("Etc/GMT+6")
    local = city.now - timedelta(hours=6, minutes=30)
    hours = {
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "start": f"{local:%H:%M:00}",
        "end": f"{local + timedelta(hours=1):%H:%M:00}",
    }
    entry = await enrol(hass, city, [subentry(share_data(hass, hours=hours))])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_granted(entry.data["home"], CAMERA)
    await hass.config.async_update(time_zone="Etc/GMT-6")
    await city.until_revoked(entry.data["home"], CAMERA)
