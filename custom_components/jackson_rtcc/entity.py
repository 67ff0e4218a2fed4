"""What the entities of a home and of its cameras have in common."""

from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DOMAIN
from .home import Home, HomeConfigEntry, camera_subentries


class HomeEntity(Entity):
    """An entity of the home's link to its city."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: HomeConfigEntry, key: str) -> None:
        """Name it by its key."""
        self._home: Home = entry.runtime_data
        self._attr_translation_key = key
        # By the entry, because a home that enrols anew gets another id.
        self._attr_unique_id = f"{entry.entry_id}_{key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, entry.entry_id)})

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the home."""
        self.async_on_remove(self._home.subscribe(self._on_change))

    @callback
    def _on_change(self) -> None:
        self.async_write_ha_state()


class CameraEntity(HomeEntity):
    """An entity of one shared camera."""

    def __init__(self, entry: HomeConfigEntry, subentry: ConfigSubentry, key: str) -> None:
        """Name it by its key and its subentry."""
        super().__init__(entry, key)
        self._subentry_id = subentry.subentry_id
        self._attr_unique_id = f"{entry.entry_id}_{self._subentry_id}_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, f"{entry.entry_id}_{self._subentry_id}")},
            name=subentry.title,
            manufacturer="Jackson RTCC",
            entry_type=DeviceEntryType.SERVICE,
            via_device_id=self._home.device_id,
        )

    @callback
    @override
    def _on_change(self) -> None:
        # The last change that a removed camera causes comes before its entities are removed.
        if self._subentry_id in self._home.shares.all:
            self.async_write_ha_state()


@callback
def rename_devices(hass: HomeAssistant, entry: HomeConfigEntry) -> None:
    """Let the devices of cameras follow the names that were changed."""
    devices = dr.async_get(hass)
    for subentry in camera_subentries(entry):
        identifier = DOMAIN, f"{entry.entry_id}_{subentry.subentry_id}"
        if device := devices.async_get_device_by_identifier(identifier, entry.entry_id):
            devices.async_update_device(device.id, name=subentry.title)
