"""Sensors: until when the city may look through a camera, when and how often it did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .cameras import add_for_each_camera
from .entity import CameraEntity, HomeEntity
from .home import Home, HomeConfigEntry
from .ledger import Answered, month_start

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class LookSensorDescription(SensorEntityDescription):
    """A sensor about the looks at a camera."""

    value_fn: Callable[[Home, str], datetime | int | None]
    monthly: bool = False


LAST_LOOK = LookSensorDescription(
    key="last_look",
    device_class=SensorDeviceClass.TIMESTAMP,
    value_fn=lambda home, camera: home.ledger.latest(camera),
)
LOOKS_THIS_MONTH = LookSensorDescription(
    key="looks_this_month",
    state_class=SensorStateClass.TOTAL,
    monthly=True,
    value_fn=lambda home, camera: home.ledger.this_month(
        camera, dt_util.utcnow(), dt_util.get_default_time_zone()
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's sensor, and those of each camera."""
    async_add_entities([RefusedSensor(entry, "refused_requests")])
    add_for_each_camera(
        entry,
        async_add_entities,
        lambda subentry: [
            GrantEndsSensor(entry, subentry, "grant_ends"),
            LookSensor(entry, subentry, LAST_LOOK),
            LookSensor(entry, subentry, LOOKS_THIS_MONTH),
        ],
    )


class RefusedSensor(HomeEntity, SensorEntity):
    """How many requests this home has refused."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False
    _attr_state_class = SensorStateClass.TOTAL_INCREASING

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the looks."""
        await super().async_added_to_hass()
        self.async_on_remove(self._home.ledger.subscribe(self._on_look))

    @property
    @override
    def native_value(self) -> int:
        """Return the number."""
        return self._home.ledger.refused

    @callback
    def _on_look(self, _answered: Answered) -> None:
        self.async_write_ha_state()


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


class LookSensor(CameraEntity, SensorEntity):
    """What the ledger says of a camera."""

    entity_description: LookSensorDescription

    def __init__(
        self, entry: HomeConfigEntry, subentry: ConfigSubentry, description: LookSensorDescription
    ) -> None:
        """Describe it."""
        super().__init__(entry, subentry, description.key)
        self.entity_description = description

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the looks at this camera, and the months."""
        await super().async_added_to_hass()
        self.async_on_remove(self._home.ledger.subscribe(self._on_look, self._subentry_id))
        if self.entity_description.monthly:
            self.async_on_remove(
                async_track_time_change(self.hass, self._on_midnight, hour=0, minute=0, second=0)
            )

    @property
    @override
    def native_value(self) -> datetime | int | None:
        """Return what it says."""
        return self.entity_description.value_fn(self._home, self._subentry_id)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return when the month began where the home is."""
        if not self.entity_description.monthly:
            return None
        return month_start(dt_util.utcnow(), dt_util.get_default_time_zone())

    @callback
    def _on_look(self, answered: Answered) -> None:
        self.async_set_context(answered.context)
        self.async_write_ha_state()

    @callback
    def _on_midnight(self, _now: datetime) -> None:
        self.async_write_ha_state()
