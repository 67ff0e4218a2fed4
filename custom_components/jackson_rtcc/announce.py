"""Announces each look on Home Assistant's event bus, for automations and the logbook."""

from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import ATTR_INCIDENT_NAME, ATTR_LOOK, EVENT_LOOK
from .home import HomeConfigEntry
from .ledger import Answered
from .protocol.vocabulary import Outcome, Scope
from .words import kind_word

SNAPSHOT_SENT = "snapshot_sent"
STREAM_STARTED = "stream_started"
STREAM_ENDED = "stream_ended"
LOOK_REFUSED = "look_refused"
LOOK_FAILED = "look_failed"
TYPES = (SNAPSHOT_SENT, STREAM_STARTED, STREAM_ENDED, LOOK_REFUSED, LOOK_FAILED)
_ENTITIES = {"access": "entity_id", "sharing": "switch"}
"""By the keys of entities: which of an announcement's fields names them."""


@callback
def announce_looks(hass: HomeAssistant, entry: HomeConfigEntry) -> None:
    """Announce each look of a home until its entry is unloaded."""

    @callback
    def announce(answered: Answered) -> None:
        hass.bus.async_fire(EVENT_LOOK, _data(hass, entry, answered), context=answered.context)

    entry.async_on_unload(entry.runtime_data.ledger.subscribe(announce))


def type_of(answered: Answered) -> str:
    """Return what happened."""
    if answered.over:
        return STREAM_ENDED
    match answered.look.outcome:
        case Outcome.OK:
            return STREAM_STARTED if answered.look.action is Scope.STREAM else SNAPSHOT_SENT
        case Outcome.REFUSED:
            return LOOK_REFUSED
        case Outcome.FAILED:
            return LOOK_FAILED


def facts_of(answered: Answered) -> dict[str, str | int | None]:
    """Return who, why and what; for how long, if it lasted and is over."""
    facts = answered.look.facts
    return {**facts, "seconds": answered.look.seconds} if answered.over else {**facts}


def _data(hass: HomeAssistant, entry: HomeConfigEntry, answered: Answered) -> dict[str, Any]:
    home, look = entry.runtime_data, answered.look
    data: dict[str, Any] = {
        "type": type_of(answered),
        "name": look.name or entry.title,
        **facts_of(answered),
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
