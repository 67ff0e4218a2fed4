"""The logbook: each look in plain words, in the language of the home."""

from collections.abc import Callable, Mapping

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import ATTR_INCIDENT_NAME, DOMAIN, EVENT_LOOK


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

    return lines[f"component.{DOMAIN}.selector.logbook.options.{look['type']}"].format(
        role=word("operator_role"),
        # The hub's own pseudonyms begin with the role, which the sentence says already.
        operator=look["operator"].removeprefix(f"{look['operator_role']}-"),
        incident=look[ATTR_INCIDENT_NAME],
        reference=look["incident_reference"],
        reason=word("reason"),
    )
