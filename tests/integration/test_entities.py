"""The entities of a home and of its cameras."""

import probatio
import pytest
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from custom_components.jackson_rtcc import PLATFORMS
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome
from tests.integration.city import City
from tests.integration.waiting import until_state

CAMERA = "c0ffee00c0ffee00"
PORCH = {"entity_id": "switch.porch_sharing"}
HOME = {"entity_id": "switch.city_of_jackson_sharing"}


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None
    return state


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_entities(
    hass: HomeAssistant, home: MockConfigEntry, platform: Platform, snapshot: SnapshotAssertion
) -> None:
    entries = [
        entry
        for entry in er.async_entries_for_config_entry(er.async_get(hass), home.entry_id)
        if entry.domain == platform
    ]
    assert entries
    for entry in entries:
        unsteady = props("unique_id", "config_entry_id", "device_id", "config_subentry_id")
        assert entry == snapshot(name=f"{entry.entity_id}-entry", exclude=unsteady)
        assert entry.unique_id.startswith(home.entry_id)
        if entry.disabled:
            continue
        attributes = {
            name: value
            for name, value in state_of(hass, entry.entity_id).attributes.items()
            # An image's token, and the month.
            if name not in ("access_token", "entity_picture", "last_reset")
        }
        assert attributes == snapshot(name=f"{entry.entity_id}-attributes")


async def test_states_follow_the_switch(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    grant = await city.until_granted(home.data["home"], CAMERA)
    assert state_of(hass, "switch.porch_sharing").state == "on"
    assert state_of(hass, "sensor.porch_grant_ends").state == grant.ends.isoformat()
    await hass.services.async_call("switch", "turn_off", PORCH, blocking=True)
    assert state_of(hass, "switch.porch_sharing").state == "off"
    assert state_of(hass, "sensor.porch_grant_ends").state == "unknown"


async def test_connection(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    connection = "binary_sensor.city_of_jackson_connection"
    assert state_of(hass, connection).state == "on"
    await city.stop_broker()
    await until_state(hass, connection, "off")
    assert state_of(hass, "sensor.porch_grant_ends").state == STATE_UNAVAILABLE
    assert state_of(hass, "switch.porch_sharing").state == "on"
    await city.broker.start()
    await city.connect()
    await until_state(hass, connection, "on")


async def test_revoke(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    await hass.services.async_call("jackson_rtcc", "revoke", PORCH, blocking=True)
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    assert state_of(hass, "switch.porch_sharing").state == "off"
    await hass.services.async_call("switch", "turn_on", PORCH, blocking=True)
    await city.until_granted(home.data["home"], CAMERA, revocation.seq)
    await hass.services.async_call("jackson_rtcc", "revoke", HOME, blocking=True)
    await city.until_revoked(home.data["home"], CAMERA)
    assert state_of(hass, "switch.city_of_jackson_sharing").state == "off"


async def test_share_for_a_while(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """Whatever the switch says; switching off ends it."""
    await hass.services.async_call("switch", "turn_off", PORCH, blocking=True)
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    await hass.services.async_call(
        "jackson_rtcc", "share_for", PORCH | {"duration": {"minutes": 20}}, blocking=True
    )
    grant = await city.until_granted(home.data["home"], CAMERA, revocation.seq)
    assert 1190 <= (grant.ends - grant.issued).total_seconds() <= 1200
    assert state_of(hass, "switch.porch_sharing").state == "on"
    assert (await city.look(grant)).outcome is Outcome.OK
    await hass.services.async_call("switch", "turn_off", PORCH, blocking=True)
    await city.until_revoked(home.data["home"], CAMERA)


async def test_share_for_needs_a_camera(hass: HomeAssistant, home: MockConfigEntry) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            "jackson_rtcc", "share_for", HOME | {"duration": "00:10:00"}, blocking=True
        )
    assert caught.value.translation_key == "not_a_camera"


async def test_share_for_needs_the_home(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await hass.services.async_call("switch", "turn_off", HOME, blocking=True)
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            "jackson_rtcc", "share_for", PORCH | {"duration": "00:10:00"}, blocking=True
        )
    assert caught.value.translation_key == "home_is_off"


@pytest.mark.parametrize("duration", ["00:00:00", {"days": 32}])
async def test_share_for_a_sensible_while(
    hass: HomeAssistant, home: MockConfigEntry, duration: object
) -> None:
    with pytest.raises(probatio.Invalid, match="value must be"):
        await hass.services.async_call(
            "jackson_rtcc", "share_for", PORCH | {"duration": duration}, blocking=True
        )
