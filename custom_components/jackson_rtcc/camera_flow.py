"""The camera subentry flow: which camera, what may be taken of it, when, and where it is."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

import probatio
from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_ENTITY_ID, CONF_LOCATION, CONF_NAME, Platform
from homeassistant.core import HomeAssistant, split_entity_id, valid_entity_id
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    LocationSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)

from . import picture
from .protocol.vocabulary import Gate, Site, Still
from .share import DAYS, OFFERED_SCOPES

CONF_SITE = "site"
CONF_SCOPES = "scopes"
CONF_GATE = "gate"
CONF_HOURS = "hours"
CONF_PRECISION = "precision"
CONF_DAYS = "days"
CONF_START = "start"
CONF_END = "end"

ANY_TIME = "any"
CHOSEN = "chosen"
EXACT = "exact"
PRECISIONS = {EXACT: 0, "100m": 100, "400m": 400}

_LONGEST_NAME = 100


def _select(key: str, options: list[str], *, multiple: bool = False) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=options,
            multiple=multiple,
            mode=SelectSelectorMode.LIST,
            translation_key=key,
        )
    )


_CAMERA = {
    probatio.Required(CONF_ENTITY_ID): EntitySelector(
        EntitySelectorConfig(filter=[EntityWithDeviceFilterSelectorConfig(domain=Platform.CAMERA)])
    ),
}
_RULES = {
    probatio.Optional(CONF_NAME): TextSelector(),
    probatio.Required(CONF_SITE, default=Site.HOME): SelectSelector(
        SelectSelectorConfig(
            options=list(Site), mode=SelectSelectorMode.DROPDOWN, translation_key=CONF_SITE
        )
    ),
    probatio.Required(CONF_SCOPES, default=list(OFFERED_SCOPES)): _select(
        CONF_SCOPES, list(OFFERED_SCOPES), multiple=True
    ),
    probatio.Required(CONF_GATE, default=Gate.INCIDENT): _select(CONF_GATE, list(Gate)),
    probatio.Required(CONF_HOURS, default=ANY_TIME): _select(CONF_HOURS, [ANY_TIME, CHOSEN]),
    probatio.Required(CONF_LOCATION): LocationSelector(),
    probatio.Required(CONF_PRECISION, default="100m"): _select(CONF_PRECISION, list(PRECISIONS)),
}
CAMERA_SCHEMA = probatio.Schema(_CAMERA | _RULES)
RULES_SCHEMA = probatio.Schema(_RULES)
HOURS_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_DAYS, default=list(DAYS)): _select(
            CONF_DAYS, list(DAYS), multiple=True
        ),
        probatio.Required(CONF_START, default="18:00:00"): TimeSelector(),
        probatio.Required(CONF_END, default="06:00:00"): TimeSelector(),
    }
)


class CameraFlow(ConfigSubentryFlow):
    """Share a camera, or change how it is shared."""

    _data: dict[str, Any]

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose a camera and its rules."""
        errors: dict[str, str] = {}
        if user_input is not None:
            registered = self._registered(user_input[CONF_ENTITY_ID], errors)
            if registered is not None and self._known(registered.id):
                return self.async_abort(reason="already_configured")
            if not self._check(user_input, errors) and registered is not None:
                self._data = {
                    "camera": token_hex(8),
                    "entity": registered.id,
                    **_rules(user_input, _name_of(self.hass, registered)),
                }
                return await self._hours_or_finish(user_input)
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                CAMERA_SCHEMA, user_input or self._suggested_place()
            ),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the rules of a camera."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None and not self._check(user_input, errors):
            self._data = {**subentry.data, **_rules(user_input, subentry.data[CONF_NAME])}
            return await self._hours_or_finish(user_input)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                RULES_SCHEMA, user_input or _suggested(subentry.data)
            ),
            errors=errors,
            description_placeholders={"camera": subentry.title},
        )

    async def async_step_hours(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose days and times."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_DAYS]:
                self._data[CONF_HOURS] = {
                    CONF_DAYS: [day for day in DAYS if day in user_input[CONF_DAYS]],
                    CONF_START: user_input[CONF_START],
                    CONF_END: user_input[CONF_END],
                }
                return self._finish()
            errors[CONF_DAYS] = "no_day"
        return self.async_show_form(
            step_id="hours",
            data_schema=self.add_suggested_values_to_schema(
                HOURS_SCHEMA, user_input or self._data.get(CONF_HOURS)
            ),
            errors=errors,
            description_placeholders={"camera": self._data[CONF_NAME]},
        )

    async def _hours_or_finish(self, user_input: Mapping[str, Any]) -> SubentryFlowResult:
        if user_input[CONF_HOURS] == CHOSEN:
            return await self.async_step_hours()
        self._data[CONF_HOURS] = None
        return self._finish()

    def _finish(self) -> SubentryFlowResult:
        name = self._data[CONF_NAME]
        if self.source == "reconfigure":
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=name, data=self._data
            )
        return self.async_create_entry(title=name, data=self._data, unique_id=self._data["entity"])

    def _registered(self, entity_id: str, errors: dict[str, str]) -> er.RegistryEntry | None:
        # The selector's filter is applied in the browser only.
        registry = er.async_get(self.hass)
        registered = registry.async_get(entity_id)
        if registered is not None:
            entity_id = registered.entity_id
        if not valid_entity_id(entity_id) or split_entity_id(entity_id)[0] != Platform.CAMERA:
            errors[CONF_ENTITY_ID] = "not_a_camera"
            return None
        if registered is None:
            errors[CONF_ENTITY_ID] = "not_registered"
            return None
        if picture.still(self.hass, registered.id) is Still.NONE:
            errors[CONF_ENTITY_ID] = "no_stills"
            return None
        return registered

    def _known(self, registry_id: str) -> bool:
        return any(
            subentry.unique_id == registry_id for subentry in self._get_entry().subentries.values()
        )

    def _check(self, user_input: Mapping[str, Any], errors: dict[str, str]) -> dict[str, str]:
        if not user_input[CONF_SCOPES]:
            errors[CONF_SCOPES] = "no_scope"
        name = user_input.get(CONF_NAME, "").strip()
        if len(name) > _LONGEST_NAME or not name.isprintable():
            errors[CONF_NAME] = "name_too_long"
        return errors

    def _suggested_place(self) -> dict[str, Any]:
        config = self.hass.config
        return {
            CONF_LOCATION: {"latitude": config.latitude, "longitude": config.longitude},
        }


def _name_of(hass: HomeAssistant, registered: er.RegistryEntry) -> str:
    state = hass.states.get(registered.entity_id)
    name = state.name if state else registered.name or registered.original_name
    return (name or registered.entity_id)[:_LONGEST_NAME]


def _rules(user_input: Mapping[str, Any], default_name: str) -> dict[str, Any]:
    place = user_input[CONF_LOCATION]
    return {
        CONF_NAME: user_input.get(CONF_NAME, "").strip() or default_name,
        CONF_SITE: user_input[CONF_SITE],
        CONF_SCOPES: sorted(user_input[CONF_SCOPES]),
        CONF_GATE: user_input[CONF_GATE],
        CONF_LOCATION: {"latitude": place["latitude"], "longitude": place["longitude"]},
        CONF_PRECISION: PRECISIONS[user_input[CONF_PRECISION]],
    }


def _suggested(data: Mapping[str, Any]) -> dict[str, Any]:
    precision = next(key for key, metres in PRECISIONS.items() if metres == data[CONF_PRECISION])
    return {
        **data,
        CONF_PRECISION: precision,
        CONF_HOURS: CHOSEN if data[CONF_HOURS] else ANY_TIME,
    }
