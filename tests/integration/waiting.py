"""Waiting for what a test is about, never for a time."""

import asyncio

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

LIMIT_S = 15


async def until_state(hass: HomeAssistant, entity_id: str, wanted: str) -> None:
    """Return when the entity's state is `wanted`."""
    reached = asyncio.Event()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) and state.state == wanted:
            reached.set()

    unsubscribe = async_track_state_change_event(hass, entity_id, changed)
    try:
        state = hass.states.get(entity_id)
        if state is None or state.state != wanted:
            async with asyncio.timeout(LIMIT_S):
                await reached.wait()
    finally:
        unsubscribe()
