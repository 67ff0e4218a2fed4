"""A camera that is drawn and really streams, for `script/demo`: aiortc is a development part."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.discovery import async_load_platform
from homeassistant.helpers.typing import ConfigType

DOMAIN = "demo_street"


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Make the one camera."""
    # Half a second of imports, which Home Assistant's event loop must not wait for.
    await hass.async_add_import_executor_job(_import_parts)
    hass.async_create_task(async_load_platform(hass, "camera", DOMAIN, {}, config))
    return True


def _import_parts() -> None:
    from dns.rdata import load_all_types  # noqa: PLC0415

    from demo import webrtc  # noqa: F401, PLC0415

    load_all_types()  # type: ignore[no-untyped-call]
