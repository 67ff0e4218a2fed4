"""What a camera can really do; asked at each use, because it changes while Home Assistant runs."""

from dataclasses import dataclass

from homeassistant.components import camera
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .protocol.vocabulary import Scope, Still

ANSWERED_SCOPES = frozenset({Scope.SNAPSHOT, Scope.STREAM})
"""What this version answers. The owner may choose more; a grant never holds more."""

_LAST = frozenset({"abode", "august", "blink", "ring", "skybell", "verisure", "yale"})
"""Integrations whose stills are from the last event or recording: read from their code."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a still of this camera is, and whether it offers WebRTC at this moment."""

    still: Still
    webrtc: bool

    def scopes(self, *, masked: bool) -> frozenset[Scope]:
        """Return what may be taken of this camera; nobody can burn a mask into live video."""
        found = set()
        if self.still is not Still.NONE:
            found.add(Scope.SNAPSHOT)
        if self.webrtc and not masked:
            found.add(Scope.STREAM)
        return frozenset(found)


def in_use(hass: HomeAssistant, entity: str) -> bool:
    """Tell whether Home Assistant still has this camera (by registry id) and uses it."""
    registered = er.async_get(hass).entities.get_entry(entity)
    return registered is not None and not registered.disabled


def ready(hass: HomeAssistant, entity: str) -> bool:
    """Tell whether the camera is in use and available."""
    registered = er.async_get(hass).entities.get_entry(entity)
    if registered is None or registered.disabled:
        return False
    state = hass.states.get(registered.entity_id)
    return state is not None and state.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)


def capabilities(hass: HomeAssistant, entity: str) -> Capabilities:
    """Return what the camera with this registry id can do now."""
    registered = er.async_get(hass).entities.get_entry(entity)
    if registered is None:
        return Capabilities(Still.LIVE, webrtc=False)
    streams = _streams(hass, registered.entity_id)
    return Capabilities(
        _still(registered.platform, streams), webrtc=camera.StreamType.WEB_RTC in streams
    )


def _still(platform: str, streams: set[camera.StreamType]) -> Still:
    if platform in _LAST:
        return Still.LAST
    if platform == "nest" and streams == {camera.StreamType.WEB_RTC}:
        # Nest's WebRTC cameras hand out a placeholder that comes with the integration.
        return Still.NONE
    return Still.LIVE


def _streams(hass: HomeAssistant, entity_id: str) -> set[camera.StreamType]:
    try:
        found = camera.get_camera_from_entity_id(hass, entity_id)
    except HomeAssistantError:
        return set()
    return found.camera_capabilities.frontend_stream_types
