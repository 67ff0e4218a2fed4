"""Drawn pictures for cameras that do not exist: a street, a passing car, the time, what it is."""

import io
from datetime import datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 360)
ZONE = ZoneInfo("America/Chicago")
_QUALITY = 75
_PASSAGE = 12.0
_SKY, _LAWN, _PAVEMENT, _ROAD = (168, 201, 229), (122, 158, 98), (196, 192, 184), (88, 90, 96)
_LINE, _TRUNK, _LEAVES, _GLASS = (222, 205, 130), (104, 78, 58), (74, 118, 72), (206, 226, 240)
_CAR, _TYRE, _BAR, _TEXT = (186, 58, 48), (30, 30, 34), (18, 24, 38), (240, 244, 250)
_HOUSES = (
    ((0.06, 0.34), (214, 196, 168), (122, 74, 60)),
    ((0.55, 0.90), (184, 198, 206), (84, 92, 108)),
)
"""From where to where across the picture, the wall, the roof."""


def draw(title: str, now: datetime, size: tuple[int, int] = SIZE, look: int = 0) -> bytes:
    """Return a JPEG of `paint`."""
    file = io.BytesIO()
    paint(title, now, size, look).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def paint(title: str, now: datetime, size: tuple[int, int] = SIZE, look: int = 0) -> Image.Image:
    """Return a picture with `title`, the local time of `now` and a car where it is at that time.

    Each `look` is another street: other houses, another car at another place.
    """
    picture = _street(size, look).copy()
    canvas = ImageDraw.Draw(picture)
    width, height = size
    passed = (now.timestamp() + look * 5 % _PASSAGE) % _PASSAGE / _PASSAGE
    _draw_car(canvas, size, passed, _turned(_CAR, look))
    canvas.rectangle([0, 0, width, 44], fill=_BAR)
    canvas.rectangle([0, height - 40, width, height], fill=_BAR)
    canvas.text((16, 6), title, fill=_TEXT, font=_font(26))
    canvas.text((16, height - 36), now.strftime("%Y-%m-%d %H:%M:%S %Z"), fill=_TEXT, font=_font(24))
    return picture


def _turned(colour: tuple[int, ...], look: int) -> tuple[int, ...]:
    """Return a colour as another street has it."""
    turned = colour[look % 3 :] + colour[: look % 3]
    return tuple(min(255, part * (100 - look % 5 * 6) // 100) for part in turned)


@lru_cache(64)
def _street(size: tuple[int, int], look: int) -> Image.Image:
    picture = Image.new("RGB", size, _SKY)
    canvas = ImageDraw.Draw(picture)
    width, height = size
    canvas.rectangle([0, height * 0.56, width, height], fill=_LAWN)
    canvas.rectangle([0, height * 0.64, width, height * 0.69], fill=_PAVEMENT)
    canvas.rectangle([0, height * 0.69, width, height], fill=_ROAD)
    for x in range(0, width, 80):
        canvas.rectangle([x, height * 0.82, x + 40, height * 0.83], fill=_LINE)
    for (left, right), wall, roof in _HOUSES:
        moved = look * 7 % 5 / 100
        across = (left + moved) * width, (right + moved) * width
        _draw_house(canvas, across, height, _turned(wall, look), _turned(roof, look // 3))
    canvas.rectangle([width * 0.43, height * 0.40, width * 0.45, height * 0.64], fill=_TRUNK)
    canvas.ellipse([width * 0.37, height * 0.16, width * 0.51, height * 0.46], fill=_LEAVES)
    return picture


def _draw_house(
    canvas: ImageDraw.ImageDraw,
    across: tuple[float, float],
    height: int,
    wall: tuple[int, ...],
    roof: tuple[int, ...],
) -> None:
    left, right = across
    wide, eaves, ground = right - left, height * 0.34, height * 0.60
    canvas.rectangle([left, eaves, right, ground], fill=wall)
    peak = ((left + right) / 2, height * 0.18)
    canvas.polygon([(left - 14, eaves), peak, (right + 14, eaves)], fill=roof)
    for part in (0.12, 0.68):
        window = left + wide * part
        canvas.rectangle([window, height * 0.40, window + wide * 0.2, height * 0.50], fill=_GLASS)
    door = left + wide * 0.43
    canvas.rectangle([door, height * 0.44, door + wide * 0.14, ground], fill=roof)


def _draw_car(
    canvas: ImageDraw.ImageDraw, size: tuple[int, int], part: float, paint_: tuple[int, ...]
) -> None:
    width, height = size
    long, ground = width * 0.22, height * 0.86
    left = part * (width + long) - long
    canvas.rounded_rectangle([left, ground - 44, left + long, ground - 8], 10, fill=paint_)
    cabin = [(0.2, -44), (0.32, -70), (0.7, -70), (0.84, -44)]
    canvas.polygon([(left + long * x, ground + y) for x, y in cabin], fill=_GLASS)
    for wheel in (0.22, 0.78):
        middle = left + long * wheel
        canvas.ellipse([middle - 14, ground - 22, middle + 14, ground + 6], fill=_TYRE)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
