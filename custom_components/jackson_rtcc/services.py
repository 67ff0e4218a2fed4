"""Actions: revoke, and share for a while; both aim at the sharing switches."""

from datetime import timedelta

import probatio
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service

from .const import DOMAIN

SERVICE_REVOKE = "revoke"
SERVICE_SHARE_FOR = "share_for"
ATTR_DURATION = "duration"

_LONGEST = timedelta(days=31)


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
