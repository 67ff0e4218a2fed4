"""System health: whether this Home Assistant's homes are in touch with their cities."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .home import HomeConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is told."""
    register.async_register_info(_info, f"/config/integrations/integration/{DOMAIN}")


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[HomeConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    homes = [entry.runtime_data for entry in entries]
    cameras = [(home, camera) for home in homes for camera in home.shares.all]
    contacts = [home.link.last_contact for home in homes if home.link.last_contact]
    return {
        "homes": len(homes),
        "connected": sum(home.link.connected for home in homes),
        "last_contact": max(contacts, default=None),
        "cameras": len(cameras),
        "granted": sum(home.shares.grant(camera) is not None for home, camera in cameras),
        "under_way": sum(home.ledger.under_way(camera) for home, camera in cameras),
    }
