"""A still from a camera entity: checked for what it is, or a specific reason why there is none."""

import asyncio
import logging
import re
from enum import StrEnum
from io import BytesIO

from homeassistant.components import camera
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from PIL import Image, ImageOps

from . import masks
from .capabilities import capabilities
from .masks import Mask
from .protocol.reply import LARGEST_PICTURE, Picture
from .protocol.vocabulary import Still

_LOGGER = logging.getLogger(__name__)

LIMIT_S = 10
_MOST_PIXELS = 50_000_000
_PLAIN = {
    "APP0": re.compile(rb"JFIF\0.{7}\0\0", re.DOTALL),
    "APP2": re.compile(rb"ICC_PROFILE\0.*", re.DOTALL),
    "APP14": re.compile(rb"Adobe.{7}", re.DOTALL),
}
"""Segments that only say how to show the picture; all others may tell where, when or by whom.

A JFIF segment that is longer holds a small picture, perhaps of what the camera itself hides.
"""
_LATER_SEGMENT = re.compile(rb"\xff[\xe0-\xfe]")
"""A segment between the scans of a progressive JPEG, where Pillow does not look."""
_ATTEMPTS = ((90, 1.0), (80, 1.0), (70, 0.7), (60, 0.5), (50, 0.25), (40, 0.125))


class Reason(StrEnum):
    """Why a camera gave no picture."""

    GONE = "camera_gone"
    OFF = "camera_off"
    SLOW = "camera_slow"
    RUBBISH = "camera_rubbish"
    FAILED = "camera_failed"


class CameraError(Exception):
    """A camera gave no picture."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Keep the reason for the city apart from the detail for the home's own log."""
        super().__init__(detail or reason)
        self.reason = reason


async def take(hass: HomeAssistant, entity: str, mask: Mask = ()) -> Picture:
    """Return a JPEG from the camera with this registry id, the mask burned into it.

    Raises:
        CameraError: with the reason why there is none.

    """
    registered = er.async_get(hass).entities.get_entry(entity)
    state = hass.states.get(registered.entity_id) if registered else None
    if registered is None or state is None or state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        raise CameraError(Reason.GONE)
    kind = capabilities(hass, entity).still
    if kind is Still.NONE:
        raise CameraError(Reason.FAILED, "this camera gives no stills, only live video")
    data = await _ask(hass, registered.entity_id)
    received = dt_util.utcnow()
    jpeg = await hass.async_add_executor_job(_clean, data, mask)
    return Picture(data=jpeg, content_type="image/jpeg", received=received, still=kind)


async def _ask(hass: HomeAssistant, entity_id: str) -> bytes:
    try:
        camera.get_camera_from_entity_id(hass, entity_id)
    except HomeAssistantError as err:
        # The two errors that it raises are told apart by their words only.
        if "is off" in str(err):
            raise CameraError(Reason.OFF) from err
        raise CameraError(Reason.GONE, str(err)) from err
    limit = asyncio.timeout(LIMIT_S)
    try:
        async with limit:
            # Its own limit is longer than ours, so that ours tells slow apart from failed.
            image = await camera.async_get_image(hass, entity_id, timeout=2 * LIMIT_S)
    except Exception as err:
        # A camera's integration may raise anything; the look fails, the home goes on. And the
        # camera component turns the cancellation by our limit into an error of its own.
        if limit.expired():
            raise CameraError(Reason.SLOW, f"no picture within {LIMIT_S} seconds") from err
        raise CameraError(Reason.FAILED, str(err) or type(err).__name__) from err
    return image.content


def _clean(data: bytes, mask: Mask) -> bytes:
    """Return `data` as a JPEG without metadata that is not too large; unchanged if it is one.

    A mask is burned into the whole picture as it is seen, before anything is made smaller.
    """
    try:
        with Image.open(BytesIO(data)) as image:
            _check_size(image)
            as_it_is = (
                not mask
                and image.format == "JPEG"
                and len(data) <= LARGEST_PICTURE
                and _is_bare(image, data)
            )
            if as_it_is:
                # An eighth of the size in grey reads the whole stream, damage and all, in a
                # fifth of the time.
                image.draft("L", (max(1, image.width // 8), max(1, image.height // 8)))
            image.load()
            if as_it_is:
                return data
            seen = ImageOps.exif_transpose(image).convert("RGB")
            masks.burn(seen, mask)
            return _encode(seen)
    except CameraError:
        raise
    except Exception as err:
        # Pillow's decoders raise many kinds of errors on broken input.
        raise CameraError(Reason.RUBBISH, str(err)) from err


def _is_bare(image: Image.Image, data: bytes) -> bool:
    """Tell whether a JPEG is the picture alone: no metadata in it, and nothing behind its end."""
    segments = getattr(image, "applist", [])
    scan = data.find(b"\xff\xda")
    return (
        data.find(b"\xff\xd9", scan) == len(data) - 2
        and not _LATER_SEGMENT.search(data, scan)
        and all(
            marker in _PLAIN and _PLAIN[marker].fullmatch(content) for marker, content in segments
        )
    )


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise CameraError(Reason.RUBBISH, "more pixels than any camera has")


def _encode(image: Image.Image) -> bytes:
    # Pillow writes a comment that it has read.
    image.info.clear()
    for quality, scale in _ATTEMPTS:
        size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
        out = BytesIO()
        (image if scale == 1 else image.resize(size)).save(out, "JPEG", quality=quality)
        if out.tell() <= LARGEST_PICTURE:
            return out.getvalue()
    raise CameraError(Reason.RUBBISH, "cannot be made small enough")
