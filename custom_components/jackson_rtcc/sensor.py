"""Sensors: until when the city may look through each camera."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import add_for_each_camera
from .entity import CameraEntity
from .home import HomeConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of each camera."""
    add_for_each_camera(
        entry,
        async_add_entities,
        lambda subentry: [GrantEndsSensor(entry, subentry, "grant_ends")],
    )


class GrantEndsSensor(CameraEntity, SensorEntity):
    """When the grant that the city holds ends; unknown while there is none."""

    _attr_device_class = SensorDeviceClass.TIMESTAMP
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    @property
    @override
    def available(self) -> bool:
        """Tell whether the city can hold a grant of this home at all."""
        return self._home.link.connected

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the end of the grant."""
        grant = self._home.shares.grant(self._subentry_id)
        return grant.ends if grant else None
