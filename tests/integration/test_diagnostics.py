"""Diagnostics hold no key, no name and no place."""

import json

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.integration.city import CAPITOL, City


async def test_redacted(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    city: City,
    home: MockConfigEntry,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    found = await get_diagnostics_for_config_entry(hass, hass_client, home)
    assert found["link"] == {"connected": True, "connections": 1}
    assert found["sharing"] is True
    (camera,) = found["cameras"]
    assert camera["granted"] is camera["sharing"] is camera["switch"] is True
    text = json.dumps(found)
    for secret in (
        home.data["home"],
        home.data["accepted_by"],
        city.url,
        str(CAPITOL.lat),
        "c0ffee00c0ffee00",
        "PRIVATE KEY",
        "Porch",
    ):
        assert secret not in text
