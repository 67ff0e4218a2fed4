"""The camera subentry flow: which camera, what may be taken of it, when, where it is, a preview."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any, override

import probatio
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_ENTITY_ID, CONF_LOCATION, CONF_NAME, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    LocationSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TimeSelector,
)

from . import camera_words as said
from . import masks, picture, preview
from .capabilities import Capabilities, capabilities, in_use
from .conditions import SCHEDULE, anybody_tracked
from .indoor import indoor_hint
from .protocol.stream import SLOWEST_STILL_S
from .protocol.vocabulary import Gate, Scope, Site
from .share import DAYS, MOST_VIEWERS, STILL_EVERY_S, VIEWERS, Share

CONF_CAMERA = "camera"
CONF_ENTITY = "entity"
CONF_INDOORS = "indoors"
CONF_SITE = "site"
CONF_SCOPES = "scopes"
CONF_GATE = "gate"
CONF_HOURS = "hours"
CONF_SCHEDULE = "schedule"
CONF_NOBODY_HOME = "nobody_home"
CONF_PRECISION = "precision"
CONF_MASK = "mask"
CONF_RELAY_ONLY = "relay_only"
CONF_VIEWERS = "viewers"
CONF_STILL_EVERY = "still_every"
CONF_DAYS = "days"
CONF_START = "start"
CONF_END = "end"

ANY_TIME = "any"
CHOSEN = "chosen"
EXACT = "exact"
PRECISIONS = {EXACT: 0, "100m": 100, "400m": 400}
PREVIEW_MENU = ["finish", "again", "settings"]

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


def entity_selector(domain: str) -> EntitySelector:
    """Return a selector for the entities of one domain; the server has to check it again."""
    return EntitySelector(
        EntitySelectorConfig(filter=[EntityWithDeviceFilterSelectorConfig(domain=domain)])
    )


def _number(most: int) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(min=1, max=most, step=1, mode=NumberSelectorMode.BOX)
    )


CAMERA_SCHEMA = probatio.Schema({probatio.Required(CONF_ENTITY_ID): entity_selector("camera")})
INDOOR_SCHEMA = probatio.Schema({probatio.Required(CONF_INDOORS, default=False): BooleanSelector()})
HOURS_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_DAYS, default=list(DAYS)): _select(
            CONF_DAYS, list(DAYS), multiple=True
        ),
        probatio.Required(CONF_START, default="18:00:00"): TimeSelector(),
        probatio.Required(CONF_END, default="06:00:00"): TimeSelector(),
    }
)


def settings_schema(scopes: list[Scope]) -> probatio.Schema:
    """Return the settings of a camera of which these scopes can be chosen."""
    return probatio.Schema(
        {
            probatio.Optional(CONF_NAME): TextSelector(),
            probatio.Required(CONF_SITE, default=Site.HOME): SelectSelector(
                SelectSelectorConfig(
                    options=list(Site), mode=SelectSelectorMode.DROPDOWN, translation_key=CONF_SITE
                )
            ),
            probatio.Required(CONF_SCOPES, default=scopes[:1]): _select(
                CONF_SCOPES, list(scopes), multiple=True
            ),
            probatio.Required(CONF_GATE, default=Gate.INCIDENT): _select(CONF_GATE, list(Gate)),
            probatio.Required(CONF_HOURS, default=ANY_TIME): _select(
                CONF_HOURS, [ANY_TIME, CHOSEN]
            ),
            probatio.Optional(CONF_SCHEDULE): entity_selector(SCHEDULE),
            probatio.Required(CONF_NOBODY_HOME, default=False): BooleanSelector(),
            probatio.Required(CONF_LOCATION): LocationSelector(),
            probatio.Required(CONF_PRECISION, default="100m"): _select(
                CONF_PRECISION, list(PRECISIONS)
            ),
            probatio.Optional(CONF_MASK): TextSelector(TextSelectorConfig(multiline=True)),
            probatio.Required(CONF_STILL_EVERY, default=STILL_EVERY_S): _number(SLOWEST_STILL_S),
            probatio.Required(CONF_VIEWERS, default=VIEWERS): _number(MOST_VIEWERS),
            probatio.Required(CONF_RELAY_ONLY, default=False): BooleanSelector(),
        }
    )


class CameraFlow(ConfigSubentryFlow):
    """Share a camera, or change how it is shared."""

    _data: dict[str, Any]
    _hint: str

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose a camera."""
        return await self._choose("user", user_input)

    async def async_step_replace(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose another camera in the place of one that is gone."""
        return await self._choose("replace", user_input)

    async def async_step_reconfigure(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> SubentryFlowResult:
        """Change the settings of a camera, or choose another one if it is gone."""
        self._data = dict(self._get_reconfigure_subentry().data)
        if not in_use(self.hass, self._data[CONF_ENTITY]):
            return await self.async_step_replace()
        return await self.async_step_settings()

    async def async_step_indoor(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask again before a camera is shared that seems to look indoors."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input[CONF_INDOORS]:
                return await self.async_step_settings()
            errors[CONF_INDOORS] = "indoors_not_confirmed"
        return self.async_show_form(
            step_id="indoor",
            data_schema=INDOOR_SCHEMA,
            errors=errors,
            description_placeholders={"camera": self._camera_name(), "hint": self._hint},
        )

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what may be taken, when, and how precisely the place is told."""
        errors: dict[str, str] = {}
        line = 0
        if user_input is not None:
            line = self._check(user_input, errors)
            if not errors:
                self._data |= self._settings(user_input)
                if user_input[CONF_HOURS] == CHOSEN:
                    return await self.async_step_hours()
                self._data[CONF_HOURS] = None
                return await self.async_step_preview()
        words, can = await said.words(self.hass), self._can()
        masked = bool(self._data.get(CONF_MASK))
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(
                settings_schema(self._scopes(can)), user_input or self._suggested()
            ),
            errors=errors,
            description_placeholders={
                "camera": self._camera_name(),
                "stills": said.said_of_stills(words, can),
                "stream": said.said_of_stream(words, can, masked=masked),
                "line": str(line),
            },
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
                return await self.async_step_preview()
            errors[CONF_DAYS] = "no_day"
        return self.async_show_form(
            step_id="hours",
            data_schema=self.add_suggested_values_to_schema(
                HOURS_SCHEMA, user_input or self._data.get(CONF_HOURS)
            ),
            errors=errors,
            description_placeholders={"camera": self._data[CONF_NAME]},
        )

    async def async_step_preview(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> SubentryFlowResult:
        """Show exactly what the city would get."""
        words, share = await said.words(self.hass), Share.parse(self._data)
        return self.async_show_menu(
            step_id="preview",
            menu_options=PREVIEW_MENU,
            description_placeholders={
                "camera": share.name,
                "picture": await self._picture(words, share),
                "taken": said.said_of_scopes(words, share, self._can()),
                "place": said.said_of_place(words, share),
            },
        )

    async def async_step_again(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> SubentryFlowResult:
        """Take another picture."""
        return await self.async_step_preview()

    async def async_step_finish(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> SubentryFlowResult:
        """Share the camera like this."""
        name, entity = self._data[CONF_NAME], self._data[CONF_ENTITY]
        if self._known(entity):
            # By another flow that was open at the same time.
            return self.async_abort(reason="already_configured")
        if self.source == SOURCE_RECONFIGURE:
            subentry = self._get_reconfigure_subentry()
            return self.async_update_and_abort(
                self._get_entry(),
                subentry,
                title=name,
                # The home may have enrolled anew while the form was open.
                data=self._data | {CONF_CAMERA: subentry.data[CONF_CAMERA]},
                unique_id=entity,
            )
        return self.async_create_entry(title=name, data=self._data, unique_id=entity)

    @callback
    @override
    def async_remove(self) -> None:
        """Drop the picture."""
        preview.forget(self.hass, self.flow_id)

    async def _choose(self, step: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            registered = self._registered(user_input[CONF_ENTITY_ID], errors)
            if registered is not None:
                if self._known(registered.id):
                    return self.async_abort(reason="already_configured")
                if step == "user":
                    self._data = {CONF_CAMERA: token_hex(8)}
                self._data[CONF_ENTITY] = registered.id
                if hint := indoor_hint(self.hass, registered):
                    self._hint = hint
                    return await self.async_step_indoor()
                return await self.async_step_settings()
        name = {} if step == "user" else {"camera": self._data[CONF_NAME]}
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(CAMERA_SCHEMA, user_input),
            errors=errors,
            description_placeholders=name,
        )

    def _registered(self, entity_id: str, errors: dict[str, str]) -> er.RegistryEntry | None:
        # The selector's filter is applied in the browser only.
        registered = er.async_get(self.hass).async_get(entity_id)
        if (registered.entity_id if registered else entity_id).partition(".")[0] != Platform.CAMERA:
            errors[CONF_ENTITY_ID] = "not_a_camera"
            return None
        if registered is None:
            errors[CONF_ENTITY_ID] = "not_registered"
            return None
        if registered.disabled:
            errors[CONF_ENTITY_ID] = "camera_disabled"
            return None
        return registered

    def _known(self, registry_id: str) -> bool:
        own = None
        if self.source == SOURCE_RECONFIGURE:
            own = self._get_reconfigure_subentry().subentry_id
        return any(
            subentry.unique_id == registry_id and subentry.subentry_id != own
            for subentry in self._get_entry().subentries.values()
        )

    def _camera_name(self) -> str:
        registered = er.async_get(self.hass).entities.get_entry(self._data[CONF_ENTITY])
        # It may be removed while the form is open.
        return _name_of(self.hass, registered) if registered else self._data[CONF_ENTITY]

    def _can(self) -> Capabilities:
        return capabilities(self.hass, self._data[CONF_ENTITY])

    def _scopes(self, can: Capabilities) -> list[Scope]:
        """Return what can be chosen; what was chosen before stays choosable while it is away."""
        masked = bool(self._data.get(CONF_MASK))
        chosen = frozenset() if masked else frozenset(self._data.get(CONF_SCOPES, ()))
        # A camera that gives live video only has to lose its mask; the form says so.
        offered = (can.scopes(masked=masked) or can.scopes(masked=False)) | chosen
        return [scope for scope in Scope if scope in offered]

    def _check(self, user_input: Mapping[str, Any], errors: dict[str, str]) -> int:
        """Find what is wrong; return the line of the mask that is."""
        scopes = user_input[CONF_SCOPES]
        if not scopes:
            errors[CONF_SCOPES] = "no_scope"
        name = user_input.get(CONF_NAME, "").strip()
        if len(name) > _LONGEST_NAME or not name.isprintable():
            errors[CONF_NAME] = "name_too_long"
        schedule = user_input.get(CONF_SCHEDULE)
        if schedule and schedule_id(self.hass, schedule) is None:
            errors[CONF_SCHEDULE] = "not_a_schedule"
        if user_input[CONF_NOBODY_HOME] and not anybody_tracked(self.hass):
            errors[CONF_NOBODY_HOME] = "nobody_tracked"
        try:
            mask = masks.parse(_lines(user_input))
        except masks.MaskError as err:
            errors[CONF_MASK] = err.trouble
            return err.line
        if mask and Scope.STREAM in scopes:
            errors[CONF_SCOPES] = "masked_stream"
        return 0

    def _settings(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        place = user_input[CONF_LOCATION]
        schedule = user_input.get(CONF_SCHEDULE)
        name = user_input.get(CONF_NAME, "").strip()
        return {
            CONF_NAME: name or self._camera_name(),
            CONF_SITE: user_input[CONF_SITE],
            CONF_SCOPES: sorted(user_input[CONF_SCOPES]),
            CONF_GATE: user_input[CONF_GATE],
            CONF_SCHEDULE: schedule_id(self.hass, schedule) if schedule else None,
            CONF_NOBODY_HOME: user_input[CONF_NOBODY_HOME],
            CONF_LOCATION: {"latitude": place["latitude"], "longitude": place["longitude"]},
            CONF_PRECISION: PRECISIONS[user_input[CONF_PRECISION]],
            CONF_MASK: [line for line in _lines(user_input) if line],
            CONF_STILL_EVERY: int(user_input[CONF_STILL_EVERY]),
            CONF_VIEWERS: int(user_input[CONF_VIEWERS]),
            CONF_RELAY_ONLY: user_input[CONF_RELAY_ONLY],
        }

    def _suggested(self) -> dict[str, Any]:
        if CONF_NAME not in self._data:
            config = self.hass.config
            return {CONF_LOCATION: {"latitude": config.latitude, "longitude": config.longitude}}
        data = self._data
        # One that is gone stays in the form: only the owner may drop the condition.
        schedule = data.get(CONF_SCHEDULE)
        registered = er.async_get(self.hass).entities.get_entry(schedule or "")
        return {
            **data,
            CONF_HOURS: CHOSEN if data.get(CONF_HOURS) else ANY_TIME,
            CONF_SCHEDULE: registered.entity_id if registered else schedule,
            CONF_PRECISION: next(
                key for key, metres in PRECISIONS.items() if metres == data[CONF_PRECISION]
            ),
            CONF_MASK: "\n".join(data.get(CONF_MASK, ())),
        }

    async def _picture(self, words: said.Words, share: Share) -> str:
        try:
            taken = await picture.take(self.hass, share.entity, share.mask)
        except picture.CameraError as err:
            preview.forget(self.hass, self.flow_id)
            return said.said_of_no_picture(words, err.reason)
        url = preview.show(self.hass, self.flow_id, taken.data)
        return said.said_of_picture(words, share.name, url, taken.data)


def schedule_id(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the registry id of a schedule helper, or None if it is none."""
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None or registered.domain != SCHEDULE or registered.disabled:
        return None
    return registered.id


def _lines(user_input: Mapping[str, Any]) -> list[str]:
    return [line.strip() for line in user_input.get(CONF_MASK, "").splitlines()]


def _name_of(hass: HomeAssistant, registered: er.RegistryEntry) -> str:
    state = hass.states.get(registered.entity_id)
    name = state.name if state else registered.name or registered.original_name
    # A grant holds no line breaks or other invisible letters, such as those that join emoji.
    visible = "".join(filter(str.isprintable, name or "")).strip()
    return (visible or registered.entity_id)[:_LONGEST_NAME]
