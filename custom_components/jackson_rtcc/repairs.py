"""Repairs: the flow by which an owner fixes each issue that can be fixed here."""

from typing import Any

import probatio
from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState, ConfigFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .accept import accept_rules
from .camera_repairs import camera_fix_flow
from .config_flow import CITY_SCHEMA, CONF_ACCEPT, name_errors
from .const import CONF_ACCEPTED_BY, DOMAIN
from .enrol import CityError, Trouble
from .home import HomeConfigEntry
from .issues import ATTR_ENTRY, Issue
from .log_repairs import LogFlow
from .protocol.city import City
from .rules import changes_in_words
from .words import policy_words, waiver_words


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    if (flow := camera_fix_flow(issue_id, data)) is not None:
        return flow
    entry_id = str(data[ATTR_ENTRY]) if data else ""
    if issue_id.startswith(Issue.RULES_CHANGED):
        return RulesFlow(entry_id)
    if issue_id.startswith((Issue.LOG_WRONG, Issue.LOG_EXTRA)):
        return LogFlow(entry_id)
    return EnrolAnewFlow(entry_id)


class RulesFlow(RepairsFlow):
    """Shows what changed in the city's rules, and accepts them by name."""

    def __init__(self, entry_id: str) -> None:
        """Take whose rules they are."""
        self._entry_id = entry_id
        self._shown: dict[str, Any] | None = None

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - what the manager adds
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_accept()

    async def async_step_accept(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show what changed; accept it."""
        entry: HomeConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        home = entry.runtime_data
        errors: dict[str, str] = {}
        offered = home.consents.offered
        if user_input is not None and offered is not None:
            errors = name_errors(user_input)
            if offered != self._shown:
                # Nobody accepts what they were not shown.
                errors = {"base": Trouble.RULES_CHANGED}
            if not errors:
                name = user_input[CONF_ACCEPTED_BY].strip()
                try:
                    await accept_rules(self.hass, entry, offered, name)
                except CityError as err:
                    errors["base"] = err.trouble
                else:
                    return self.async_create_entry(data={})
        if (offered := home.consents.offered) is None:
            return self.async_abort(reason="as_accepted")
        self._shown = offered
        accepted, now = home.enrolment.city, City.parse(offered)
        return self.async_show_form(
            step_id="accept",
            data_schema=self.add_suggested_values_to_schema(
                CITY_SCHEMA,
                user_input or {CONF_ACCEPTED_BY: entry.data[CONF_ACCEPTED_BY], CONF_ACCEPT: False},
            ),
            errors=errors,
            description_placeholders={
                "city": now.name,
                "changes": await changes_in_words(self.hass, accepted, now),
                "waiver": waiver_words(self.hass, now.waiver),
                "policy": await policy_words(self.hass, now.policy),
            },
        )


class EnrolAnewFlow(RepairsFlow):
    """Goes on with the flow that enrols the home again, by a new code and with new keys."""

    def __init__(self, entry_id: str) -> None:
        """Take which entry."""
        self._entry_id = entry_id

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - what the manager adds
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say what is wrong; go on."""
        if user_input is not None:
            return await self._enrol_anew()
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            description_placeholders=issue.translation_placeholders if issue else None,
        )

    async def _enrol_anew(self) -> RepairsFlowResult:
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None:
            return self.async_abort(reason="not_loaded")
        under_way = next(entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}), None)
        flow = under_way or await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context=ConfigFlowContext(
                source=SOURCE_REAUTH,
                entry_id=entry.entry_id,
                title_placeholders={"name": entry.title},
                unique_id=entry.unique_id,
            ),
            data=dict(entry.data),
        )
        # The issue stays until the home is enrolled anew.
        return self.async_abort(
            reason="enrol_anew", next_flow=(FlowType.CONFIG_FLOW, flow["flow_id"])
        )
