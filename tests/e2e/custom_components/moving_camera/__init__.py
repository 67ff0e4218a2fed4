"""Cameras whose pictures move and say when they were taken; only tests load this integration."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The pattern is drawn and read outside of Home Assistant too, which takes a second to import.
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

DOMAIN = "moving_camera"


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Make the cameras of a list in configuration.yaml."""
    from homeassistant.helpers.discovery import async_load_platform  # noqa: PLC0415

    # Half a second of imports, which Home Assistant's event loop must not wait for.
    await hass.async_add_import_executor_job(_import_peer)
    hass.async_create_task(
        async_load_platform(hass, "camera", DOMAIN, {"cameras": config[DOMAIN]}, config)
    )
    return True


def _import_peer() -> None:
    from dns.rdata import load_all_types  # noqa: PLC0415

    from . import peer  # noqa: F401, PLC0415

    load_all_types()
