"""Actions: revoke, share for a while, list looks; most aim at the sharing switches."""

from datetime import timedelta

import probatio
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service

from .const import DOMAIN
from .home import HomeConfigEntry
from .ledger import KEPT

SERVICE_REVOKE = "revoke"
SERVICE_REVOKE_ALL = "revoke_all"
SERVICE_SHARE_FOR = "share_for"
SERVICE_LIST_LOOKS = "list_looks"
ATTR_CONFIG_ENTRY_ID = "config_entry_id"
ATTR_DURATION = "duration"
ATTR_LIMIT = "limit"
ATTR_SINCE = "since"

_LONGEST = timedelta(days=31)
_USUAL_LIMIT = 100


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    service.async_register_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_REVOKE,
        entity_domain=Platform.SWITCH,
        schema=None,
        func="async_revoke",
    )
    service.async_register_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_SHARE_FOR,
        entity_domain=Platform.SWITCH,
        schema={
            probatio.Required(ATTR_DURATION): probatio.All(
                cv.positive_time_period,
                probatio.Range(min=timedelta(seconds=1), max=_LONGEST),
            )
        },
        func="async_share_for",
    )
    service.async_register_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_LIST_LOOKS,
        entity_domain=Platform.SWITCH,
        schema={
            probatio.Optional(ATTR_SINCE): cv.datetime,
            probatio.Optional(ATTR_LIMIT, default=_USUAL_LIMIT): probatio.All(
                probatio.Coerce(int), probatio.Range(min=1, max=2 * KEPT)
            ),
        },
        func="async_list_looks",
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_REVOKE_ALL,
        _revoke_all,
        schema=probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}),
    )


async def _revoke_all(call: ServiceCall) -> None:
    for entry in _homes(call):
        await entry.runtime_data.shares.set_home(False)


def _homes(call: ServiceCall) -> list[HomeConfigEntry]:
    if (entry_id := call.data.get(ATTR_CONFIG_ENTRY_ID)) is not None:
        return [service.async_get_config_entry(call.hass, DOMAIN, entry_id)]
    homes: list[HomeConfigEntry] = call.hass.config_entries.async_loaded_entries(DOMAIN)
    if not homes:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_home")
    return homes
