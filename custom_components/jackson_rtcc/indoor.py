"""Cameras that look as if they saw the inside of a home, by what their owner calls them."""

import re
import unicodedata
from collections.abc import Iterator

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import label_registry as lr

_ENGLISH = (
    "attic|baby|basement|bathroom|bath|bedroom|closet|crib|den|dining room|dressing room|"
    "family room|guest room|hallway|home office|indoor|indoors|inside|interior|kids room|kitchen|"
    "laundry|living room|lounge|nursery|office|pantry|playroom|shower|stairs|staircase|study|toilet"
)
_SPANISH = (
    "adentro|alcoba|aseo|atico|bano|bebe|cocina|comedor|cuarto|cuna|dentro|desvan|despacho|"
    "dormitorio|ducha|escalera|escaleras|habitacion|lavanderia|oficina|pasillo|recamara|sala|"
    "salon|sotano|vestidor"
)
_HINT = re.compile(rf"\b(?:{_ENGLISH}|{_SPANISH})\b")
_APART = re.compile(r"[\W_]+")


def indoor_hint(hass: HomeAssistant, registered: er.RegistryEntry) -> str | None:
    """Return the name, area or label that speaks of an indoor camera, if there is one."""
    return next((name for name in _names(hass, registered) if _speaks_of_indoors(name)), None)


def _speaks_of_indoors(name: str) -> bool:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _HINT.search(_APART.sub(" ", plain)) is not None


def _names(hass: HomeAssistant, registered: er.RegistryEntry) -> Iterator[str]:
    device = dr.async_get(hass).async_get(registered.device_id) if registered.device_id else None
    if state := hass.states.get(registered.entity_id):
        yield state.name
    yield from filter(None, (registered.name, registered.original_name))
    if device is not None:
        yield from filter(None, (device.name_by_user, device.name))
    area = registered.area_id or (device.area_id if device else None)
    if area and (found := ar.async_get(hass).async_get_area(area)):
        yield found.name
    for label in registered.labels | (device.labels if device else set()):
        if named := lr.async_get(hass).async_get_label(label):
            yield named.name
    yield registered.entity_id.partition(".")[2]
