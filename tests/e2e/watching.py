"""A browser that plays cameras: what is in the pictures that it shows, and when they came."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from av import VideoFrame
from playwright.async_api import Browser, BrowserContext, Page

from tests.e2e.custom_components.moving_camera.pattern import BLOCK, COLUMNS, ROWS, bar, code

_SCRIPT = Path(__file__).with_name("player.js")
LIMIT = 20.0
# Nothing that a browser does for itself, and no sandbox, because tests may run as root.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One picture as it was shown: at `shown` (ms of the day's clock), `after` ms of playing."""

    shown: int
    after: float
    taken: int
    camera: int
    check: int
    bar: int

    @property
    def delay(self) -> float:
        """Return how old it was, in seconds."""
        return (self.shown - self.taken) % 2**32 / 1000

    @property
    def whole(self) -> bool:
        """Tell whether what it shows fits together: its blocks, and where the bar is."""
        blocks = self.taken << 16 | self.camera << 8 | self.check
        return blocks == code(self.taken, self.camera) and abs(self.bar - bar(self.taken)) <= 4


class Player:
    """One video in one window."""

    def __init__(self, page: Page) -> None:
        """Take the window."""
        self.page = page

    async def home_assistant(self, token: str, entity: str) -> None:
        """Play a camera directly from Home Assistant."""
        await self._do("player.homeAssistant(given)", {"token": token, "entity": entity})

    async def whep(
        self, url: str, token: str | None, *, gather: bool = False, trickle: bool = False
    ) -> dict[str, Any]:
        """Ask for a camera by WHEP; return the status, the headers, and the problem if any."""
        given = {"url": url, "token": token, "gather": gather, "trickle": trickle}
        return dict(await self._do("player.whep(given)", given))

    async def frames(self, count: int = 10, limit: float = LIMIT) -> list[Frame]:
        """Wait for so many new frames and return them."""
        given = {"count": count, "limit": limit * 1000}
        found = await self._do("player.more(given.count, given.limit)", given)
        return [Frame(**one) for one in found]

    async def last(self) -> Frame:
        """Return the last frame that was shown."""
        return Frame(**await self._do("player.frames.at(-1)"))

    async def first(self) -> Frame:
        """Return the first frame that was shown; a browser may begin with an empty one."""
        return Frame(**await self._do("player.frames.find((frame) => frame.camera)"))

    async def stopped(self, still: float = 1.5, limit: float = LIMIT) -> Frame:
        """Wait until no new frame came for `still` seconds and return the last one."""
        async with asyncio.timeout(limit):
            # Nothing tells of a frame that does not come.
            while time.time() * 1000 - (last := await self.last()).shown < still * 1000:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return last

    async def stats(self) -> dict[str, Any]:
        """Return what the browser knows of the connection."""
        return dict(await self._do("player.stats()"))

    async def gathering(self) -> str:
        """Return whether the browser still looked for ways when the answer came."""
        return str(await self._do("player.gatheringThen"))

    async def session(self) -> str:
        """Return the address of the WHEP session."""
        return str(await self._do("player.session"))

    async def fetch(self, method: str, url: str, token: str | None = None) -> int:
        """Ask for something, without a token without saying who asks, and return the status."""
        given = {"method": method, "url": url, "headers": {}}
        if token is not None:
            given["headers"] = {"Authorization": f"Bearer {token}"}
        return int(await self._do("fetch(given.url, given).then((answer) => answer.status)", given))

    async def sdp(self) -> str:
        """Return the answer that it plays by."""
        return str(await self._do("player.answerSdp"))

    async def stop(self) -> None:
        """End playing and tell the hub."""
        await self._do("player.stop()")

    async def close(self) -> None:
        """End playing without a word to the server."""
        await self._do("player.close()")

    async def _do(self, script: str, given: object = None) -> Any:
        return await self.page.evaluate(f"async (given) => await ({script})", given)


@asynccontextmanager
async def window(browser: Browser, url: str) -> AsyncIterator[BrowserContext]:
    """Open a browser's profile of its own; `url` is a page of the server that will be asked."""
    # The hub's certificate is its own CA's, and its pages allow no scripts but their own.
    context = await browser.new_context(ignore_https_errors=True, bypass_csp=True)
    try:
        await context.add_init_script(path=_SCRIPT)
        page = await context.new_page()
        await page.goto(url)
        yield context
    finally:
        await context.close()


async def player(context: BrowserContext, **options: object) -> Player:
    """Make a player in a window's first page."""
    page = context.pages[0]
    await page.evaluate("(options) => { window.player = new TestPlayer(options); }", options)
    return Player(page)


def picture(frame: VideoFrame) -> tuple[int, bool]:
    """Return which camera made a frame that was decoded here, and whether its blocks add up."""
    luma = frame.to_ndarray(format="gray")
    bits = 0
    for index in range(ROWS * COLUMNS):
        row, column = divmod(index, COLUMNS)
        white = luma[row * BLOCK + BLOCK // 2, column * BLOCK + BLOCK // 2] > 128
        bits = bits << 1 | int(white)
    number = bits >> 8 & 0xFF
    return number, bits == code(bits >> 16, number)


def addresses(sdp: str) -> list[tuple[str, str]]:
    """Return the candidates of a description: what kind, and the address."""
    found = [line.split() for line in sdp.splitlines() if line.startswith("a=candidate:")]
    return [(words[7], words[4]) for words in found]
