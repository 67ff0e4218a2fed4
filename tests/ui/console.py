"""A whole hub with its console, and operators who have signed in to it with a browser."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from playwright.async_api import Browser, Page, ViewportSize, expect

from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.incidents.webhook import WebhookAt
from hub.messaging.setup import embedded_broker
from hub.operators.csrf import COOKIE
from hub.operators.door import Door
from hub.protocol.vocabulary import Role
from tests.hub.whole import WholeHub, whole_hub

PATIENCE = 40_000.0
SCREEN = ViewportSize(width=1440, height=900)


@dataclass
class ConsoleHub:
    """A hub that serves its console at `url`."""

    whole: WholeHub
    browser: Browser
    url: str

    async def sit(
        self, role: Role, size: ViewportSize = SCREEN, language: str = "en-US"
    ) -> tuple[Page, str]:
        """Sign a new operator in at a screen; return it and the operator's pseudonym."""
        headers = await self.whole.operator(role)
        context = await self.browser.new_context(
            viewport=size, locale=language, timezone_id="America/Chicago", service_workers="block"
        )
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        cookie = headers["Cookie"].removeprefix(f"{COOKIE}=")
        await context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": cookie,
                    "url": self.url.replace("http:", "https:"),
                    "secure": True,
                    "httpOnly": True,
                }
            ]
        )
        page = await context.new_page()
        await page.goto(f"{self.url}/console")
        await (
            page.get_by_role("status")
            .filter(has_text="Live")
            .or_(page.get_by_role("status").filter(has_text="En vivo"))
            .first.wait_for()
        )
        return page, self.whole.accounts[headers["Cookie"]].pseudonym


@asynccontextmanager
async def console_hub(
    path: Path, browser: Browser, webhook: WebhookAt | None = None
) -> AsyncIterator[ConsoleHub]:
    """Run a hub whose pages a browser on this machine may use."""
    now = datetime.now(UTC).replace(microsecond=0)
    folder = DataFolder.open(path)
    authority = Authority.open(folder, "Jackson", now)
    broker = embedded_broker(
        folder, authority, names=["localhost", "127.0.0.1"], bind="127.0.0.1", port=0, now=now
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Browsers trust this name without TLS.
    url = f"http://localhost:{port}"
    await broker.start()
    try:
        door = Door(origin=url)
        async with whole_hub(folder, authority, broker, door=door, webhook=webhook) as whole:
            runner = web.AppRunner(whole.hub.application(), shutdown_timeout=0.1)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", port).start()
                yield ConsoleHub(whole, browser, url)
            finally:
                await runner.cleanup()
    finally:
        await broker.stop()


async def shot(page: Page, name: str) -> None:
    """Keep what the screen shows, if somebody wants to look: RTCC_SHOTS names a folder."""
    folder = os.environ.get("RTCC_SHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")
