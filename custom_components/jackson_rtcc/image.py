"""Images: the last picture of each camera that was handed over."""

from typing import override

from homeassistant.components.image import ImageEntity
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

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
    """Add the image of each camera."""
    add_for_each_camera(
        entry,
        async_add_entities,
        lambda subentry: [LastPicture(hass, entry, subentry, "last_picture")],
    )


class LastPicture(CameraEntity, ImageEntity):
    """Exactly the bytes that the city got; nothing is kept while this entity is disabled."""

    _attr_content_type = "image/jpeg"

    def __init__(
        self, hass: HomeAssistant, entry: HomeConfigEntry, subentry: ConfigSubentry, key: str
    ) -> None:
        """Show what was kept."""
        CameraEntity.__init__(self, entry, subentry, key)
        ImageEntity.__init__(self, hass)
        self._attr_image_last_updated = self._home.handed_over.at(self._subentry_id)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the looks at this camera."""
        await super().async_added_to_hass()
        self.async_on_remove(self._home.ledger.subscribe(self._on_look, self._subentry_id))

    @override
    async def async_removed_from_registry(self) -> None:
        """Forget the picture, as the camera has left."""
        await self._home.handed_over.forget(self._subentry_id)

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Forget the picture if the owner disabled this entity."""
        if self.registry_entry is not None and self.registry_entry.disabled:
            await self._home.handed_over.forget(self._subentry_id)

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        return await self._home.handed_over.picture(self._subentry_id)

    @callback
    def _on_look(self, answered: Answered) -> None:
        if answered.picture is None:
            return
        self._home.handed_over.keep(self._subentry_id, answered.picture)
        self._attr_image_last_updated = answered.picture.received
        self.async_set_context(answered.context)
        self.async_write_ha_state()
