"""Diagnostics: how the home is doing, without keys, names or places."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_ACCEPTED_BY
from .home import HomeConfigEntry, camera_subentries

TO_REDACT = {CONF_ACCEPTED_BY, "location", "name", "camera", "entity", "home", "url", "host", "x"}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: HomeConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of a home."""
    home = entry.runtime_data
    now = dt_util.utcnow()
    starts, ends = home.identity.valid
    return {
        "entry": async_redact_data(dict(entry.data), TO_REDACT),
        "certificate": {"starts": starts.isoformat(), "ends": ends.isoformat()},
        "link": {"connected": home.link.connected, "connections": home.link.connections},
        "looks": dict(home.looks.counts),
        "sharing": home.shares.home_on,
        "cameras": [
            {
                "share": async_redact_data(dict(subentry.data), TO_REDACT),
                "switch": home.shares.camera_on(subentry.subentry_id),
                "sharing": home.shares.sharing(subentry.subentry_id, now),
                "granted": home.shares.grant(subentry.subentry_id) is not None,
            }
            for subentry in camera_subentries(entry)
        ],
    }
