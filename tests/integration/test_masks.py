"""Privacy masks: read strictly, and nothing under one leaves the home, whatever is done after."""

import math
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from custom_components.jackson_rtcc import masks, picture
from custom_components.jackson_rtcc.masks import Mask, MaskError, MaskTrouble
from custom_components.jackson_rtcc.protocol.reply import LARGEST_PICTURE
from tests.integration.cameras import FakeCamera
from tests.integration.test_capabilities import registry_id

TOP_LEFT = "0,0 0.5,0 0.5,0.5 0,0.5"
DARK = 48
"""What a JPEG may make of black near an edge, in 255 parts."""


def test_parse() -> None:
    assert masks.parse([TOP_LEFT, "", " .1,.1  1,0 1.0,1. "]) == (
        ((0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)),
        ((0.1, 0.1), (1, 0), (1, 1)),
    )
    assert masks.parse([]) == ()
    # Closed by hand.
    assert len(masks.parse(["0,0 1,0 1,1 0,0"])[0]) == 3


@pytest.mark.parametrize(
    ("lines", "trouble", "line"),
    [
        (["0,0 1,0 1;1"], MaskTrouble.NOT_A_CORNER, 1),
        (["", "0,0 1,0 x"], MaskTrouble.NOT_A_CORNER, 2),
        (["0,0 1,0 1,٣"], MaskTrouble.NOT_A_CORNER, 1),
        (["0,0 1,0 1e0,1"], MaskTrouble.NOT_A_CORNER, 1),
        (["0,0 1,0 nan,1"], MaskTrouble.NOT_A_CORNER, 1),
        ([TOP_LEFT, "0,0 1,0 1.01,1"], MaskTrouble.OUTSIDE, 2),
        (["0,0 1,0 -0.1,1"], MaskTrouble.OUTSIDE, 1),
        (["0,0 1,0"], MaskTrouble.TOO_FEW_CORNERS, 1),
        (["0,0 1,0 0,0"], MaskTrouble.TOO_FEW_CORNERS, 1),
        ([" ".join(["0,0", "1,0"] * 26)], MaskTrouble.TOO_MANY_CORNERS, 1),
        ([TOP_LEFT] * 21, MaskTrouble.TOO_MANY, 21),
        # On one line, a bow, twice around, a star, a spike, a corner on a side, a corner twice.
        (["0,0 0.5,0.5 1,1"], MaskTrouble.NOT_AN_AREA, 1),
        (["0,0 1,1 1,0 0,1"], MaskTrouble.NOT_AN_AREA, 1),
        (["0,0 1,0 1,1 0,0 1,0 1,1"], MaskTrouble.NOT_AN_AREA, 1),
        (["0.5,0 0.8,1 0,0.4 1,0.4 0.2,1"], MaskTrouble.NOT_AN_AREA, 1),
        (["0,0 1,0 1,1 1,0.5 0,0.5"], MaskTrouble.NOT_AN_AREA, 1),
        (["0,0 1,0 1,1 0.5,0 0,1"], MaskTrouble.NOT_AN_AREA, 1),
        (["0,0 1,0 1,0 1,1"], MaskTrouble.NOT_AN_AREA, 1),
    ],
)
def test_refused(lines: list[str], trouble: MaskTrouble, line: int) -> None:
    with pytest.raises(MaskError) as caught:
        masks.parse(lines)
    assert (caught.value.trouble, caught.value.line) == (trouble, line)


@st.composite
def shapes(draw: st.DrawFn) -> str:
    """Draw a polygon around a point, its corners in the order of their angles."""
    x, y = (draw(st.floats(0.1, 0.9)) for _ in range(2))
    angles = sorted(draw(st.sets(st.integers(0, 35), min_size=3, max_size=9)))
    corners = []
    for angle in angles:
        length = draw(st.floats(0.05, 0.9))
        corner = [
            min(max(middle + length * turn(math.radians(10 * angle)), 0), 1)
            for middle, turn in ((x, math.cos), (y, math.sin))
        ]
        corners.append(f"{corner[0]:.4f},{corner[1]:.4f}")
    return " ".join(corners)


def depth(polygon: masks.Polygon, x: float, y: float, width: int, height: int) -> float:
    """Return how many pixels a point lies inside, by the winding number; negative outside."""
    corners = [(a * width, b * height) for a, b in polygon]
    turns, nearest = 0.0, math.inf
    for (ax, ay), (bx, by) in pairwise([*corners, corners[0]]):
        one, other = math.atan2(ay - y, ax - x), math.atan2(by - y, bx - x)
        turns += (other - one + math.pi) % (2 * math.pi) - math.pi
        length = (bx - ax) ** 2 + (by - ay) ** 2
        part = min(max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0), 1)
        nearest = min(nearest, math.hypot(x - ax - part * (bx - ax), y - ay - part * (by - ay)))
    return nearest if abs(turns) > math.pi else -nearest


def glaring(width: int, height: int) -> Image.Image:
    """Return the hardest picture for a mask: stripes of white and of colours, no black."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for x in range(0, width, 6):
        colour = ("red", "yellow", "cyan")[x // 6 % 3]
        draw.line([(x, 0), (x, height)], fill=colour, width=2)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def brightest_inside(data: bytes, mask: Mask, margin: float) -> int:
    with Image.open(BytesIO(data)) as image:
        assert image.format == "JPEG"
        pixels = image.convert("RGB").load()
        assert pixels is not None
        return max(
            (
                max(pixels[x, y])  # type: ignore[arg-type]
                for x in range(image.width)
                for y in range(image.height)
                if any(depth(polygon, x + 0.5, y + 0.5, *image.size) >= margin for polygon in mask)
            ),
            default=0,
        )


@settings(max_examples=60, deadline=None)
@example(
    # Its tip at the right is so sharp that a line drawn around it misses a pixel.
    lines=["0.8572,0.3423 0.4208,0.7424 0.3340,0.7500 0.2472,0.7424 0.1630,0.7198"],
    size=(88, 51),
)
@given(
    lines=st.lists(shapes(), min_size=1, max_size=3),
    size=st.tuples(st.integers(24, 90), st.integers(24, 90)),
)
def test_nothing_under_a_mask_is_left(lines: list[str], size: tuple[int, int]) -> None:
    try:
        mask = masks.parse(lines)
    except MaskError as err:
        # Corners that were moved to the edge may lie on one line.
        assert err.trouble in (MaskTrouble.NOT_AN_AREA, MaskTrouble.TOO_FEW_CORNERS)  # noqa: PT017
        return
    image = glaring(*size)
    masks.burn(image, mask)
    pixels = image.load()
    assert pixels is not None
    for x in range(image.width):
        for y in range(image.height):
            if any(depth(polygon, x + 0.5, y + 0.5, *size) >= 0 for polygon in mask):
                assert pixels[x, y] == (0, 0, 0), (x, y)
    assert brightest_inside(picture._clean(encoded(glaring(*size)), mask), mask, 2) <= DARK


@pytest.mark.parametrize("largest", [30_000, 12_000, 3_000])
def test_nothing_is_left_when_it_is_made_smaller(
    largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However small and bad the picture gets: the mask was burned in before."""
    monkeypatch.setattr(picture, "LARGEST_PICTURE", largest)
    mask = masks.parse(["0.1,0.1 0.6,0.2 0.5,0.9 0.2,0.7"])
    cleaned = picture._clean(encoded(glaring(320, 240)), mask)
    assert len(cleaned) <= largest < LARGEST_PICTURE
    assert brightest_inside(cleaned, mask, 3) <= 2 * DARK


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_mask_is_for_the_picture_as_it_is_seen(orientation: int) -> None:
    """A camera on its side writes so into the file; nothing of that file goes out with it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    thumbnail = encoded(glaring(16, 12), "JPEG")
    data = encoded(glaring(64, 48), "JPEG", exif=exif.tobytes() + thumbnail, comment=b"serial 7")
    mask = masks.parse([TOP_LEFT])
    cleaned = picture._clean(data, mask)
    assert brightest_inside(cleaned, mask, 2) <= DARK
    assert thumbnail not in cleaned
    with Image.open(BytesIO(cleaned)) as image:
        assert image.size == ((64, 48) if orientation < 5 else (48, 64))
        assert not {"exif", "comment"} & image.info.keys()
        assert image.convert("L").getpixel((image.width - 3, image.height - 3)) != 0


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("GIF", "P"), ("WEBP", "RGB")]
)
def test_every_kind_of_picture(kind: str, mode: str) -> None:
    """What lies under transparency or in a palette or in a later frame is gone too."""
    frames = [glaring(64, 48).convert(mode) for _ in range(2)]
    options: dict[str, Any] = {}
    if kind in ("GIF", "WEBP"):
        options = {"save_all": True, "append_images": frames[1:]}
    mask = masks.parse([TOP_LEFT])
    cleaned = picture._clean(encoded(frames[0], kind, **options), mask)
    assert brightest_inside(cleaned, mask, 2) <= DARK


async def test_what_leaves_the_home_is_masked(hass: HomeAssistant, camera: FakeCamera) -> None:
    """Even a JPEG that could have gone out as it is."""
    camera.image = encoded(glaring(64, 48), "JPEG")
    mask = masks.parse([TOP_LEFT])
    taken = await picture.take(hass, registry_id(hass), mask)
    assert taken.data != camera.image
    assert brightest_inside(taken.data, mask, 2) <= DARK
