"""Screenshots for the documentation, taken only when RTCC_SCREENSHOTS names a folder for them."""

import io
import json
import os
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from playwright.async_api import FloatRect, Locator, Page, Route

COLOURS = 255
_FRAME = "#c8c8c8"
_LOOK = "dialog { border-radius: 0 !important; box-shadow: none !important; }"
"""A cut-out dialog has no round corners, between which the page behind it would show."""
_BLOCK = 0.0011
"""The length of a block in degrees of latitude, about 120 m."""


async def sketch_streets(page: Page, lat: float, lon: float) -> None:
    """Give Home Assistant's map some streets around a place, because tests reach no map server."""

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="application/json", body=json.dumps(_style(lat, lon)))

    await page.route("**/static/map/light.json", answer)


async def shoot(name: str, shown: Locator, until: Locator | None = None) -> None:
    """Save a part of what the window shows, as far as another part if need be.

    In few colours, so that the file stays small.
    """
    folder = os.environ.get("RTCC_SCREENSHOTS")
    if not folder:
        return
    page = shown.page
    await page.mouse.move(0, 0)
    await page.evaluate("document.fonts.ready")
    clip = await _box(shown)
    if until:
        last = await _box(until)
        clip["height"] = last["y"] + last["height"] - clip["y"]
    taken = await page.screenshot(animations="disabled", caret="hide", style=_LOOK, clip=clip)
    _save(taken, Path(folder), name)


async def _box(shown: Locator) -> FloatRect:
    box = await shown.bounding_box()
    assert box, "it is not in sight"
    return box


def _save(taken: bytes, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shown = Image.open(io.BytesIO(taken)).convert("RGB")
    framed = ImageOps.expand(shown, 1, _FRAME)
    few = framed.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(folder / f"{name}.png", optimize=True)


def _style(lat: float, lon: float) -> dict[str, Any]:
    streets = [
        {"type": "Feature", "properties": {"wide": number % 4 == 0}, "geometry": line}
        for number in range(-12, 13)
        for line in _crossing(lat, lon, number * _BLOCK)
    ]
    return {
        "version": 8,
        "sources": {
            "streets": {
                "type": "geojson",
                "data": {"type": "FeatureCollection", "features": streets},
            }
        },
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": "#f2efe9"}},
            {
                "id": "streets",
                "type": "line",
                "source": "streets",
                "paint": {
                    "line-color": ["case", ["get", "wide"], "#f7d9a0", "#ffffff"],
                    "line-width": ["case", ["get", "wide"], 12, 6],
                },
            },
        ],
    }


def _crossing(lat: float, lon: float, off: float) -> list[dict[str, Any]]:
    """Return a street to the north-east and one to the north-west, beside the place itself."""
    far, aside = 12 * _BLOCK, off + _BLOCK / 3
    return [
        _line((lon + aside - far / 5, lat - far), (lon + aside + far / 5, lat + far)),
        _line((lon - far, lat + aside + far / 6), (lon + far, lat + aside - far / 6)),
    ]


def _line(start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [start, end]}
