"""Buttons: take a camera back, or everything."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import add_for_each_camera
from .entity import CameraEntity, HomeEntity
from .home import HomeConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's button, and one for each camera."""
    async_add_entities([RevokeAllButton(entry, "revoke_all")])
    add_for_each_camera(
        entry,
        async_add_entities,
        lambda subentry: [RevokeButton(entry, subentry, "revoke")],
    )


class RevokeAllButton(HomeEntity, ButtonEntity):
    """Switches sharing off for the whole home."""

    @override
    async def async_press(self) -> None:
        """Revoke everything."""
        await self._home.shares.set_home(False)


class RevokeButton(CameraEntity, ButtonEntity):
    """Switches sharing off for one camera."""

    @override
    async def async_press(self) -> None:
        """Revoke this camera."""
        await self._home.shares.set_camera(self._subentry_id, False)
