"""Binary sensors: the connection, the access log, and whether somebody looks through a camera."""

from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import add_for_each_camera
from .entity import CameraEntity, HomeEntity
from .home import HomeConfigEntry
from .log_watch import Health

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add those of the home, and one for each camera."""
    async_add_entities(
        [ConnectionSensor(entry, "connection"), AccessLogSensor(entry, "access_log")]
    )
    add_for_each_camera(
        entry,
        async_add_entities,
        lambda subentry: [BeingViewedSensor(entry, subentry, "being_viewed")],
    )


class ConnectionSensor(HomeEntity, BinarySensorEntity):
    """Whether the link to the city's broker stands."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it stands."""
        return self._home.link.connected


class AccessLogSensor(HomeEntity, BinarySensorEntity):
    """Whether the city's access log does not add up; unknown before the first check."""

    _attr_device_class = BinarySensorDeviceClass.PROBLEM
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether there is something that the owner has not read yet."""
        health = self._home.watch.health
        return None if health is Health.UNCHECKED else health is Health.WRONG


class BeingViewedSensor(CameraEntity, BinarySensorEntity):
    """Whether a look through this camera is under way."""

    _attr_device_class = BinarySensorDeviceClass.RUNNING

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the looks at this camera."""
        await super().async_added_to_hass()
        self.async_on_remove(self._home.ledger.watch(self._on_change, self._subentry_id))

    @property
    @override
    def is_on(self) -> bool:
        """Return whether one is under way."""
        return self._home.ledger.under_way(self._subentry_id)
