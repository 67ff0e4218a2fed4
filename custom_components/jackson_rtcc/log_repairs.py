"""Repairs of the access log: the owner has read what is wrong, and the home goes on checking."""

from typing import Any

import probatio
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .home import HomeConfigEntry
from .issues import Issue


class LogFlow(RepairsFlow):
    """Says what does not add up, and clears it; what was seen of the log stays pinned."""

    def __init__(self, entry_id: str) -> None:
        """Take whose log it is."""
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
        """Say what is wrong; note that it was read."""
        entry: HomeConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        if user_input is not None:
            watch = entry.runtime_data.watch
            if self.issue_id.startswith(Issue.LOG_WRONG):
                watch.mark_evidence_read()
            else:
                watch.mark_unknown_read()
            return self.async_create_entry(data={})
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            description_placeholders=issue.translation_placeholders if issue else None,
        )
