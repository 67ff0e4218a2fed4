"""System health: in touch or not, how many cameras; no ids."""

from datetime import datetime

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info

from tests.integration.city import City
from tests.integration.waiting import until_state

CONNECTION = "binary_sensor.city_of_jackson_connection"


async def test_info(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info = await get_system_health_info(hass, "jackson_rtcc")
    connected_at = info.pop("last_contact")
    assert isinstance(connected_at, datetime)
    assert isinstance(info.pop("log_checked"), datetime)
    assert info == {
        "homes": 1,
        "connected": 1,
        "cameras": 1,
        "granted": 1,
        "under_way": 0,
        "log_size": len(city.book),
        "log_wrong": 0,
    }
    await city.stop_broker()
    await until_state(hass, CONNECTION, "off")
    info = await get_system_health_info(hass, "jackson_rtcc")
    assert info["connected"] == 0
    assert info["last_contact"] >= connected_at
    await hass.config_entries.async_unload(home.entry_id)
    info = await get_system_health_info(hass, "jackson_rtcc")
    assert info["homes"] == 0
    assert info["last_contact"] is None
