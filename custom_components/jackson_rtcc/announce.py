"""Announces each look on Home Assistant's event bus, for automations and the logbook."""

from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import ATTR_INCIDENT_NAME, ATTR_LOOK, EVENT_LOOK
from .home import HomeConfigEntry
from .ledger import Answered, Look
from .protocol.vocabulary import Outcome
from .words import kind_word

SNAPSHOT_SENT = "snapshot_sent"
LOOK_REFUSED = "look_refused"
LOOK_FAILED = "look_failed"
TYPES = {
    Outcome.OK: SNAPSHOT_SENT,
    Outcome.REFUSED: LOOK_REFUSED,
    Outcome.FAILED: LOOK_FAILED,
}
_ENTITIES = {"access": "entity_id", "sharing": "switch"}
"""By the keys of entities: which of an announcement's fields names them."""


@callback
def announce_looks(hass: HomeAssistant, entry: HomeConfigEntry) -> None:
    """Announce each look of a home until its entry is unloaded."""

    @callback
    def announce(answered: Answered) -> None:
        hass.bus.async_fire(EVENT_LOOK, _data(hass, entry, answered.look), context=answered.context)

    entry.async_on_unload(entry.runtime_data.ledger.subscribe(announce))


def _data(hass: HomeAssistant, entry: HomeConfigEntry, look: Look) -> dict[str, Any]:
    home = entry.runtime_data
    data: dict[str, Any] = {
        "type": TYPES[look.outcome],
        "name": look.name or entry.title,
        **look.facts,
        ATTR_INCIDENT_NAME: kind_word(hass, home.enrolment.city.policy, look.kind),
        "requested_at": look.requested.isoformat(),
        ATTR_LOOK: look.id,
        "config_entry_id": entry.entry_id,
    }
    if look.camera is None:
        return data
    for registered in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        if registered.config_subentry_id != look.camera:
            continue
        data["device_id"] = registered.device_id
        if name := _ENTITIES.get(registered.translation_key or ""):
            data[name] = registered.entity_id
    return data
