"""Setup, unload, removal: what a city sees of a home's life."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.integration.cameras import PICTURE, FakeCamera
from tests.integration.city import City

CAMERA = "c0ffee00c0ffee00"


async def test_share_look_revoke(
    hass: HomeAssistant, city: City, home: MockConfigEntry, camera: FakeCamera
) -> None:
    grant = await city.until_granted(home.data["home"], CAMERA)
    await city.until_presence(home.data["home"], b"online")

    reply = await city.look(grant)
    assert reply.picture is not None
    assert reply.picture.data == PICTURE

    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.porch_sharing"}, blocking=True
    )
    await city.until_revoked(home.data["home"], CAMERA)
    assert (await city.look(grant)).reason == "not_granted"

    assert await hass.config_entries.async_unload(home.entry_id)
    await city.until_presence(home.data["home"], b"offline")
    assert home.state is ConfigEntryState.NOT_LOADED
