"""The privacy mask: polygons that are burned black into every still before it leaves the home."""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

from PIL import Image, ImageDraw

type Corner = tuple[float, float]
type Polygon = tuple[Corner, ...]
type Mask = tuple[Polygon, ...]
"""Corners as parts of the picture's width and height, from the top left: 0 to 1."""

MOST_POLYGONS = 20
MOST_CORNERS = 50
_GRAIN = 1_000_000
_NUMBER = r"(?:\d+\.?\d*|\.\d+)"
_CORNER = re.compile(rf"(-?{_NUMBER}),(-?{_NUMBER})", re.ASCII)
_EDGE = 2
"""Pixels by which sides and corners are drawn larger, so that no pixel that they touch is left."""


class MaskTrouble(StrEnum):
    """What is wrong with a mask."""

    TOO_MANY = "mask_too_many"
    NOT_A_CORNER = "mask_not_a_corner"
    OUTSIDE = "mask_outside"
    TOO_FEW_CORNERS = "mask_too_few_corners"
    TOO_MANY_CORNERS = "mask_too_many_corners"
    NOT_AN_AREA = "mask_not_an_area"


class MaskError(ValueError):
    """A mask that cannot be drawn."""

    def __init__(self, trouble: MaskTrouble, line: int) -> None:
        """Keep which line it is, counted from 1."""
        super().__init__(f"line {line} of the mask: {trouble}")
        self.trouble = trouble
        self.line = line


def parse(lines: Iterable[str]) -> Mask:
    """Read one polygon per line: `0,0 0.3,0 0.3,0.4 0,0.4`.

    Raises:
        MaskError: with the first line that is wrong.

    """
    found: list[Polygon] = []
    for number, line in enumerate(lines, start=1):
        if not (words := line.split()):
            continue
        if len(found) == MOST_POLYGONS:
            raise MaskError(MaskTrouble.TOO_MANY, number)
        found.append(_polygon(words, number))
    return tuple(found)


def burn(image: Image.Image, mask: Mask) -> None:
    """Draw the mask into a picture in RGB, at its full size."""
    draw = ImageDraw.Draw(image)
    for polygon in mask:
        # Pillow's coordinates are those of the pixels' middles.
        corners = [(x * image.width - 0.5, y * image.height - 0.5) for x, y in polygon]
        draw.polygon(corners, fill="black")
        draw.line([*corners, corners[0]], fill="black", width=2 * _EDGE + 1)
        for x, y in corners:
            draw.ellipse([x - _EDGE, y - _EDGE, x + _EDGE, y + _EDGE], fill="black")


def _polygon(words: list[str], line: int) -> Polygon:
    corners = []
    for word in words:
        if (match := _CORNER.fullmatch(word)) is None:
            raise MaskError(MaskTrouble.NOT_A_CORNER, line)
        x, y = float(match[1]), float(match[2])
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise MaskError(MaskTrouble.OUTSIDE, line)
        corners.append((x, y))
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(corners) < 3:  # noqa: PLR2004
        raise MaskError(MaskTrouble.TOO_FEW_CORNERS, line)
    if len(corners) > MOST_CORNERS:
        raise MaskError(MaskTrouble.TOO_MANY_CORNERS, line)
    # What lies inside an outline that meets itself is a matter of opinion, and Pillow's differs.
    if _meets_itself([(round(x * _GRAIN), round(y * _GRAIN)) for x, y in corners]):
        raise MaskError(MaskTrouble.NOT_AN_AREA, line)
    return tuple(corners)


type _Grid = tuple[int, int]


def _meets_itself(corners: list[_Grid]) -> bool:
    """Tell whether the outline crosses or touches itself; one without area does."""
    sides = list(pairwise([*corners, corners[0]]))
    for number, (a, b) in enumerate(sides):
        if _on(*sides[number - 1], b) or _on(a, b, sides[number - 1][0]):
            return True
        # The last side is a neighbour of the first.
        last = len(sides) if number else len(sides) - 1
        if any(_meet(a, b, c, d) for c, d in sides[number + 2 : last]):
            return True
    return False


def _meet(a: _Grid, b: _Grid, c: _Grid, d: _Grid) -> bool:
    return (_turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0) or (
        _on(a, b, c) or _on(a, b, d) or _on(c, d, a) or _on(c, d, b)
    )


def _on(a: _Grid, b: _Grid, point: _Grid) -> bool:
    """Tell whether a point lies on the way from `a` to `b`."""
    return (
        _turn(a, b, point) == 0
        and min(a[0], b[0]) <= point[0] <= max(a[0], b[0])
        and min(a[1], b[1]) <= point[1] <= max(a[1], b[1])
    )


def _turn(a: _Grid, b: _Grid, point: _Grid) -> int:
    """Return on which side of the line from `a` to `b` a point lies, by its sign."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
