"""What the forms for a camera say of it, in the owner's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from PIL import Image

from .capabilities import Capabilities
from .const import DOMAIN
from .picture import Reason
from .protocol.geo import distance_m
from .protocol.vocabulary import Scope
from .share import Share


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the forms in one language."""

    lines: Mapping[str, str]
    reasons: Mapping[str, str]

    def line(self, group: str, key: str, /, **values: object) -> str:
        """Return a line."""
        text = self.lines[f"component.{DOMAIN}.selector.{group}.options.{key}"]
        return text.format(**values)

    def reason(self, reason: Reason) -> str:
        """Return why a camera gives no picture."""
        path = f"component.{DOMAIN}.entity.event.access.state_attributes.reason.state"
        return self.reasons[f"{path}.{reason}"]


async def words(hass: HomeAssistant) -> Words:
    """Return the words in the language of Home Assistant."""
    language = hass.config.language.partition("-")[0]
    return Words(
        await async_get_translations(hass, language, "selector", [DOMAIN]),
        await async_get_translations(hass, language, "entity", [DOMAIN]),
    )


def said_of_stills(said: Words, can: Capabilities) -> str:
    """Return what a still of this camera is."""
    return said.line("still", can.still)


def said_of_stream(said: Words, can: Capabilities, *, masked: bool) -> str:
    """Return whether live video can be chosen, and why not."""
    if masked:
        return said.line("stream", "masked")
    return said.line("stream", "offered" if can.webrtc else "not_offered")


def said_of_place(said: Words, share: Share) -> str:
    """Return the place as the city will see it."""
    view = share.view
    place = {"latitude": f"{view.place.lat:.5f}", "longitude": f"{view.place.lon:.5f}"}
    if not view.accuracy_m:
        return said.line("place", "exact", **place)
    distance = round(distance_m(view.place, share.place))
    return said.line("place", "coarse", **place, distance=distance, accuracy=view.accuracy_m)


def said_of_picture(said: Words, name: str, url: str, data: bytes) -> str:
    """Return the picture as Markdown, and its size."""
    with Image.open(BytesIO(data)) as image:
        width, height = image.size
    size = said.line("preview", "size", width=width, height=height, kilobytes=-(-len(data) // 1000))
    alt = "".join(letter for letter in name if letter not in "[]\\<>")
    return f"![{alt}]({url})\n\n{size}"


def said_of_no_picture(said: Words, reason: Reason) -> str:
    """Return why there is no picture to show."""
    return said.line("preview", "no_picture", reason=said.reason(reason))


def said_of_scopes(said: Words, share: Share, can: Capabilities) -> str:
    """Return what the city gets of this camera now."""
    lines = [said_of_stills(said, can)]
    if Scope.STREAM in share.scopes:
        lines.append(said.line("preview", "relayed" if share.relay_only else "stream"))
    return " ".join(lines)
