"""The logbook: each look in plain words, in the language of the home."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import ATTR_INCIDENT_NAME, ATTR_LOOK, DOMAIN, EVENT_LOOK
from .home import HomeConfigEntry


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None],
) -> None:
    """Describe the looks."""

    @callback
    def describe(event: Event) -> dict[str, str]:
        described = {
            LOGBOOK_ENTRY_NAME: event.data["name"],
            LOGBOOK_ENTRY_MESSAGE: _message(hass, event.data),
        }
        if entity := event.data.get("entity_id"):
            described[LOGBOOK_ENTRY_ENTITY_ID] = entity
        return described

    async_describe_event(DOMAIN, EVENT_LOOK, describe)


def _message(hass: HomeAssistant, look: Mapping[str, str]) -> str:
    language = hass.config.language
    lines = async_get_cached_translations(hass, language, "selector", DOMAIN)
    states = async_get_cached_translations(hass, language, "entity", DOMAIN)
    attributes = f"component.{DOMAIN}.entity.event.access.state_attributes"

    def word(attribute: str) -> str:
        value = look[attribute] or ""
        return states.get(f"{attributes}.{attribute}.state.{value}", value)

    options = f"component.{DOMAIN}.selector.logbook.options"
    line = lines[f"{options}.{look['type']}"].format(
        role=word("operator_role"),
        # The hub's own pseudonyms begin with the role, which the sentence says already.
        operator=look["operator"].removeprefix(f"{look['operator_role']}-"),
        incident=look[ATTR_INCIDENT_NAME],
        reference=look["incident_reference"],
        reason=word("reason"),
    )
    if seconds := _seconds(hass, look):
        return lines[f"{options}.for_a_time"].format(line=line, time=timedelta(seconds=seconds))
    return line


def _seconds(hass: HomeAssistant, look: Mapping[str, str]) -> int | None:
    """Return how long the look was, which is known when it is over."""
    entry: HomeConfigEntry | None = hass.config_entries.async_get_entry(look["config_entry_id"])
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    found = entry.runtime_data.ledger.find(look.get(ATTR_LOOK, ""))
    return found.seconds if found else None
