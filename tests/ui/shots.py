"""Screenshots for the documentation, taken only when RTCC_SCREENSHOTS names a folder for them."""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

COLOURS = 64


async def shoot(page: Page, name: str) -> None:
    """Save what the window shows, in few colours so that it stays small."""
    folder = os.environ.get("RTCC_SCREENSHOTS")
    if folder:
        await page.evaluate("document.fonts.ready")
        _save(await page.screenshot(animations="disabled"), Path(folder), name)


def _save(taken: bytes, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shown = Image.open(io.BytesIO(taken)).convert("RGB")
    few = shown.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(folder / f"{name}.png", optimize=True)
