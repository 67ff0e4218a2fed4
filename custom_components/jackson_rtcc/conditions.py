"""What Home Assistant knows now that shares depend on, read from its states, and when it changes.

Whatever is missing, unavailable or unknown speaks against sharing.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from homeassistant.const import STATE_HOME, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import TrackStates, async_track_state_change_filtered

from .capabilities import ready
from .decide import Surroundings
from .share import Share

# Not imported: neither has to be set up for us to work.
PERSON = "person"
SCHEDULE = "schedule"
_HOME_ZONE = "zone.home"
_DEVICE_TRACKERS = "device_trackers"
_NEXT_EVENT = "next_event"

_NOBODY = "0"
_MAYBE_HOME = (STATE_HOME, STATE_UNAVAILABLE, STATE_UNKNOWN)


def surroundings(hass: HomeAssistant, share: Share) -> Surroundings:
    """Return what a share depends on."""
    on, until = _schedule(hass, share.schedule) if share.schedule else (True, None)
    return Surroundings(
        ready=ready(hass, share.entity),
        schedule_on=on,
        schedule_until=until,
        nobody_home=not share.nobody_home or nobody_home(hass),
    )


def nobody_home(hass: HomeAssistant) -> bool:
    """Tell whether it is certain that nobody who is tracked is at home."""
    zone = hass.states.get(_HOME_ZONE)
    tracked = _tracked(hass)
    return (
        zone is not None
        and zone.state == _NOBODY
        and bool(tracked)
        and not any(person.state in _MAYBE_HOME for person in tracked)
    )


def anybody_tracked(hass: HomeAssistant) -> bool:
    """Tell whether Home Assistant can know of anybody whether they are at home."""
    return bool(_tracked(hass))


def _tracked(hass: HomeAssistant) -> list[State]:
    # A person without a tracker is unknown for ever, and says nothing.
    return [
        person
        for person in hass.states.async_all(PERSON)
        if person.state == STATE_UNAVAILABLE or person.attributes.get(_DEVICE_TRACKERS)
    ]


def _schedule(hass: HomeAssistant, entity: str) -> tuple[bool, datetime | None]:
    registered = er.async_get(hass).entities.get_entry(entity)
    state = hass.states.get(registered.entity_id) if registered else None
    if state is None or state.state != STATE_ON:
        return False, None
    until = state.attributes.get(_NEXT_EVENT)
    return True, until if isinstance(until, datetime) else None


class Watch:
    """Calls `changed` when a state that a share depends on has changed."""

    def __init__(self, hass: HomeAssistant, changed: Callable[[], None]) -> None:
        """Watch nothing yet."""
        self._hass = hass
        self._changed = changed
        self._tracker = async_track_state_change_filtered(
            hass, TrackStates(all_states=False, entities=set(), domains=set()), self._on_change
        )

    @callback
    def follow(self, shares: Iterable[Share]) -> None:
        """Watch what these shares depend on, under the names that it has now."""
        registry = er.async_get(self._hass).entities
        entities: set[str] = set()
        domains: set[str] = set()
        for share in shares:
            for id_ in (share.entity, share.schedule):
                if id_ and (registered := registry.get_entry(id_)):
                    entities.add(registered.entity_id)
            if share.nobody_home:
                entities.add(_HOME_ZONE)
                domains.add(PERSON)
        self._tracker.async_update_listeners(
            TrackStates(all_states=False, entities=entities, domains=domains)
        )

    @callback
    def close(self) -> None:
        """Stop watching."""
        self._tracker.async_remove()

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        if _what_matters(event.data["old_state"]) != _what_matters(event.data["new_state"]):
            self._changed()


def _what_matters(state: State | None) -> object:
    # A camera's attributes change every few minutes, and say nothing.
    return state and (
        state.state,
        state.attributes.get(_NEXT_EVENT),
        bool(state.attributes.get(_DEVICE_TRACKERS)),
    )
