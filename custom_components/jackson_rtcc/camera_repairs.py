"""The fix flows for a shared camera that is gone, and for a schedule that is."""

from typing import Any

import probatio
from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigSubentry,
    SubentryFlowContext,
)

from .camera_flow import CONF_SCHEDULE, entity_selector, schedule_id
from .conditions import SCHEDULE
from .const import SUBENTRY_CAMERA
from .issues import ATTR_ENTRY, ATTR_SUBENTRY, Issue

SCHEDULE_SCHEMA = probatio.Schema({probatio.Optional(CONF_SCHEDULE): entity_selector(SCHEDULE)})


def camera_fix_flow(
    issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow | None:
    """Return the flow that fixes an issue of a camera, or None if it is none of these."""
    flows = {Issue.CAMERA_GONE: CameraGoneFlow, Issue.SCHEDULE_GONE: ScheduleGoneFlow}
    for issue, flow in flows.items():
        if data and issue_id == f"{issue}_{data[ATTR_SUBENTRY]}":
            return flow(str(data[ATTR_ENTRY]), str(data[ATTR_SUBENTRY]))
    return None


class _ShareFlow(RepairsFlow):
    """A flow about one share."""

    def __init__(self, entry_id: str, subentry_id: str) -> None:
        """Take whose share it is."""
        self._entry_id = entry_id
        self._subentry_id = subentry_id

    def _share(self) -> tuple[ConfigEntry, ConfigSubentry] | None:
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        subentry = entry.subentries.get(self._subentry_id) if entry else None
        return (entry, subentry) if entry and subentry else None


class CameraGoneFlow(_ShareFlow):
    """Choose another camera, or share no more."""

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - what the manager adds
    ) -> RepairsFlowResult:
        """Ask which."""
        if (found := self._share()) is None:
            return self.async_abort(reason="gone_already")
        return self.async_show_menu(
            step_id="init",
            menu_options=["replace", "remove"],
            description_placeholders={"camera": found[1].title},
        )

    async def async_step_replace(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> RepairsFlowResult:
        """Go on where another camera is chosen, checked and shown; the issue stays until then."""
        if (found := self._share()) is None:
            return self.async_abort(reason="gone_already")
        entry, subentry = found
        flow = await self.hass.config_entries.subentries.async_init(
            (entry.entry_id, SUBENTRY_CAMERA),
            context=SubentryFlowContext(
                source=SOURCE_RECONFIGURE, subentry_id=subentry.subentry_id
            ),
        )
        return self.async_abort(
            reason="replace", next_flow=(FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        )

    async def async_step_remove(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Delete the share."""
        if (found := self._share()) is None:
            return self.async_abort(reason="gone_already")
        entry, subentry = found
        if user_input is not None:
            self.hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
            return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="remove",
            data_schema=probatio.Schema({}),
            description_placeholders={"camera": subentry.title},
        )


class ScheduleGoneFlow(_ShareFlow):
    """Choose another schedule helper, or none."""

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - what the manager adds
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_schedule()

    async def async_step_schedule(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Take it."""
        if (found := self._share()) is None:
            return self.async_abort(reason="gone_already")
        entry, subentry = found
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = user_input.get(CONF_SCHEDULE)
            id_ = schedule_id(self.hass, chosen) if chosen else None
            if chosen is None or id_ is not None:
                self.hass.config_entries.async_update_subentry(
                    entry, subentry, data={**subentry.data, CONF_SCHEDULE: id_}
                )
                return self.async_create_entry(data={})
            errors[CONF_SCHEDULE] = "not_a_schedule"
        return self.async_show_form(
            step_id="schedule",
            data_schema=self.add_suggested_values_to_schema(SCHEDULE_SCHEMA, user_input),
            errors=errors,
            description_placeholders={"camera": subentry.title},
        )
