"""System health: whether this Home Assistant's homes are in touch with their cities."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .home import HomeConfigEntry
from .log_watch import Health


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is told."""
    register.async_register_info(_info, f"/config/integrations/integration/{DOMAIN}")


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[HomeConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    homes = [entry.runtime_data for entry in entries]
    cameras = [(home, camera) for home in homes for camera in home.shares.all]
    contacts = [home.link.last_contact for home in homes if home.link.last_contact]
    checked = [home.watch.checked for home in homes if home.watch.checked]
    return {
        "homes": len(homes),
        "connected": sum(home.link.connected for home in homes),
        "last_contact": max(contacts, default=None),
        "cameras": len(cameras),
        "granted": sum(home.shares.grant(camera) is not None for home, camera in cameras),
        "log_size": max((home.watch.seen.size for home in homes), default=None),
        "log_checked": max(checked, default=None),
        "log_wrong": sum(home.watch.health is Health.WRONG for home in homes),
        "under_way": sum(home.ledger.under_way(camera) for home, camera in cameras),
    }
