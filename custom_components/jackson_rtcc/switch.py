"""Switches: the owner's, for the whole home and for each camera."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .cameras import add_for_each_camera
from .const import DOMAIN
from .entity import CameraEntity, HomeEntity
from .home import HomeConfigEntry
from .ledger import Look

PARALLEL_UPDATES = 0
ATTR_SHARED_UNTIL = "shared_until"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's switch, and one for each camera."""
    async_add_entities([HomeSwitch(entry, "sharing_home")])
    add_for_each_camera(
        entry,
        async_add_entities,
        lambda subentry: [CameraSwitch(entry, subentry, "sharing")],
    )


class HomeSwitch(HomeEntity, SwitchEntity):
    """Whether the home shares at all; off revokes every camera at once."""

    @property
    @override
    def is_on(self) -> bool:
        """Return what the owner switched."""
        return self._home.shares.home_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let each camera's own switch and hours decide."""
        await self._home.shares.set_home(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Revoke everything."""
        await self._home.shares.set_home(False)

    async def async_revoke(self) -> None:
        """Revoke everything."""
        await self.async_turn_off()

    async def async_share_for(self, duration: timedelta) -> None:  # noqa: ARG002
        """Refuse: sharing for a while is a decision about one camera."""
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_camera")

    async def async_list_looks(self, limit: int, since: datetime | None = None) -> ServiceResponse:
        """Return the looks at any camera, and at what is no camera of this home."""
        return _listed(self._home.ledger.search(None, _utc(since), limit))


class CameraSwitch(CameraEntity, SwitchEntity):
    """Whether a camera is shared within its hours; off revokes at once."""

    @property
    @override
    def is_on(self) -> bool:
        """Return what the owner switched, sharing for a while included."""
        return self._home.shares.camera_on(self._subentry_id)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str]:
        """Return when sharing ends, if the owner shares for a while and no longer."""
        until = self._home.shares.only_until(self._subentry_id)
        return {ATTR_SHARED_UNTIL: until.isoformat()} if until else {}

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Share within the hours."""
        await self._home.shares.set_camera(self._subentry_id, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Revoke."""
        await self._home.shares.set_camera(self._subentry_id, False)

    async def async_revoke(self) -> None:
        """Revoke."""
        await self.async_turn_off()

    async def async_share_for(self, duration: timedelta) -> None:
        """Share for a while, whatever the hours and the switch say."""
        if not self._home.shares.home_on:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="home_is_off")
        await self._home.shares.share_for(self._subentry_id, duration)

    async def async_list_looks(self, limit: int, since: datetime | None = None) -> ServiceResponse:
        """Return the looks at this camera."""
        return _listed(self._home.ledger.search(self._subentry_id, _utc(since), limit))


def _utc(since: datetime | None) -> datetime | None:
    return dt_util.as_utc(since) if since else None


def _listed(looks: Iterable[Look]) -> ServiceResponse:
    return {
        "looks": [
            {
                "name": look.name,
                **look.facts,
                "requested_at": look.requested.isoformat(),
                "answered_at": look.answered.isoformat(),
                "log_index": look.log_index,
                "seconds": look.seconds,
            }
            for look in looks
        ]
    }
