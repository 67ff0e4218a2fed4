"""The options flow: what the owner decides for the whole home, whatever its cameras are set to."""

from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import NumberSelector, NumberSelectorConfig, NumberSelectorMode

CONF_STREAMS = "streams"
STREAMS = 4
_MOST_STREAMS = 20

OPTIONS_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_STREAMS, default=STREAMS): NumberSelector(
            NumberSelectorConfig(min=1, max=_MOST_STREAMS, step=1, mode=NumberSelectorMode.BOX)
        )
    }
)


def streams_at_once(options: Mapping[str, Any]) -> int:
    """Return how many may watch live at once, at all cameras together."""
    return int(options.get(CONF_STREAMS, STREAMS))


class HomeOptions(OptionsFlow):
    """Change the limits of a home; they hold from the next look on."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the limits."""
        if user_input is not None:
            return self.async_create_entry(data={CONF_STREAMS: int(user_input[CONF_STREAMS])})
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                OPTIONS_SCHEMA, self.config_entry.options
            ),
        )
