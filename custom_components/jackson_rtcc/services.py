"""Actions: revoke, share for a while, list looks, withdraw; most aim at sharing switches."""

from datetime import timedelta
from typing import cast

import probatio
from homeassistant.const import Platform
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service
from homeassistant.util.json import JsonObjectType

from . import consents as consent_records
from .city_record import city_record, delete_from_city
from .const import CONF_HOME, DOMAIN
from .farewell import withdraw
from .home import HomeConfigEntry
from .ledger import KEPT
from .protocol.consent import record

SERVICE_REVOKE = "revoke"
SERVICE_REVOKE_ALL = "revoke_all"
SERVICE_SHARE_FOR = "share_for"
SERVICE_LIST_LOOKS = "list_looks"
SERVICE_WITHDRAW = "withdraw"
SERVICE_CONSENT_RECORD = "consent_record"
SERVICE_CITY_RECORD = "city_record"
SERVICE_DELETE_FROM_CITY = "delete_from_city"
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
    one_home = probatio.Schema({probatio.Required(ATTR_CONFIG_ENTRY_ID): cv.string})
    hass.services.async_register(DOMAIN, SERVICE_WITHDRAW, _withdraw, schema=one_home)
    hass.services.async_register(
        DOMAIN,
        SERVICE_CONSENT_RECORD,
        _consent_record,
        schema=one_home,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_CITY_RECORD,
        _city_record,
        schema=one_home,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN, SERVICE_DELETE_FROM_CITY, _delete_from_city, schema=one_home
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


async def _withdraw(call: ServiceCall) -> None:
    await withdraw(call.hass, _entry(call))


async def _consent_record(call: ServiceCall) -> ServiceResponse:
    consents = await consent_records.load(call.hass, _entry(call).data[CONF_HOME])
    if (newest := consents.newest) is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_record")
    return {
        "record": cast("JsonObjectType", record(newest.consent)),
        "token": newest.token,
    }


async def _city_record(call: ServiceCall) -> ServiceResponse:
    return await city_record(call.hass, _entry(call))


async def _delete_from_city(call: ServiceCall) -> None:
    await delete_from_city(call.hass, _entry(call))


def _entry(call: ServiceCall) -> HomeConfigEntry:
    # In any state: a record is there for one who has withdrawn too.
    entry = call.hass.config_entries.async_get_entry(call.data[ATTR_CONFIG_ENTRY_ID])
    if entry is None or entry.domain != DOMAIN:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_such_home")
    return entry
