"""Entities for cameras: at setup for those that are there, later for each that is added."""

from collections.abc import Callable, Sequence

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .home import HomeConfigEntry, camera_subentries


@callback
def add_for_each_camera(
    entry: HomeConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[ConfigSubentry], Sequence[Entity]],
) -> None:
    """Add the entities that `make` returns for each camera, and for each that comes later."""
    known: set[str] = set()

    @callback
    def add_new() -> None:
        for subentry in camera_subentries(entry):
            if (
                subentry.subentry_id not in known
                and subentry.subentry_id in entry.runtime_data.shares.all
            ):
                known.add(subentry.subentry_id)
                async_add_entities(make(subentry), config_subentry_id=subentry.subentry_id)

    entry.async_on_unload(entry.runtime_data.subscribe(add_new))
    add_new()
