"""Events: each look at a camera, allowed or not."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .announce import TYPES, facts_of, type_of
from .cameras import add_for_each_camera
from .entity import CameraEntity
from .home import HomeConfigEntry
from .ledger import Answered

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event of each camera."""
    add_for_each_camera(
        entry,
        async_add_entities,
        lambda subentry: [AccessEvent(entry, subentry, "access")],
    )


class AccessEvent(CameraEntity, EventEntity):
    """A look at this camera: who, why, and how it ended."""

    _attr_event_types = [*TYPES]  # noqa: RUF012 - as Home Assistant names it

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the looks at this camera."""
        await super().async_added_to_hass()
        self.async_on_remove(self._home.ledger.subscribe(self._on_look, self._subentry_id))

    @callback
    def _on_look(self, answered: Answered) -> None:
        self.async_set_context(answered.context)
        self._trigger_event(type_of(answered), facts_of(answered))
        self.async_write_ha_state()
