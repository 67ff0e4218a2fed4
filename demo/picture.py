"""Drawn pictures for cameras that do not exist: a moving dot, the time, and what it is."""

import io
from datetime import datetime
from functools import cache
from math import cos, sin, tau

from PIL import Image, ImageDraw, ImageFont

SIZE = (640, 360)
_QUALITY = 75
_ROUND = 12.0
_NIGHT, _GRID, _DOT, _TEXT = (18, 24, 38), (44, 58, 84), (255, 196, 0), (240, 244, 250)


def draw(title: str, now: datetime, size: tuple[int, int] = SIZE) -> bytes:
    """Return a JPEG with `title`, the local time of `now` and a dot that goes round."""
    picture = Image.new("RGB", size, _NIGHT)
    canvas = ImageDraw.Draw(picture)
    width, height = size
    for x in range(0, width, 40):
        canvas.line([(x, 0), (x, height)], fill=_GRID)
    for y in range(0, height, 40):
        canvas.line([(0, y), (width, y)], fill=_GRID)
    angle = tau * (now.timestamp() % _ROUND) / _ROUND
    across, down = width / 2 + width * 0.3 * cos(angle), height / 2 + height * 0.25 * sin(angle)
    canvas.ellipse([across - 18, down - 18, across + 18, down + 18], fill=_DOT)
    canvas.text((20, 16), title, fill=_TEXT, font=_font(30))
    canvas.text((20, height - 52), now.strftime("%Y-%m-%d %H:%M:%S %Z"), fill=_TEXT, font=_font(26))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
