"""Operators at the console: each a browser's profile of its own, with a passkey in it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from demo.hub import Hub

LIMIT_MS = 45_000
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# What the browser says by itself when the hub is away, or refuses something on purpose.
_EXPECTED = ("Failed to load resource", "net::ERR_")


class Operator:
    """One operator who sits at the console."""

    def __init__(self, page: Page, pseudonym: str) -> None:
        """Take the screen, and how others see who sits there."""
        self.page = page
        self.pseudonym = pseudonym

    def row(self, reference: str) -> Locator:
        """Return an incident's line in the queue."""
        return self.page.locator("[data-row]").filter(has_text=reference)

    def tile(self, camera: str) -> Locator:
        """Return a camera's tile."""
        return self.page.locator(f'.tile[data-camera="{camera}"]')

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def choose(self, reference: str) -> None:
        """Go to an incident's line, as `j` and `k` do."""
        await self.row(reference).focus()

    async def moves(self, camera: str) -> None:
        """Wait until a tile's video shows one picture and then another."""
        video = self.tile(camera).locator("video")
        await expect(video).to_be_visible()
        await self.page.wait_for_function(_SHOWS_ANOTHER, arg=camera, polling=100)


_SHOWS_ANOTHER = """(camera) => {
  const video = document.querySelector(`.tile[data-camera="${camera}"] video`);
  if (!video || !video.videoWidth) return false;
  const canvas = new OffscreenCanvas(64, 36);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 36);
  const shown = context.getImageData(0, 0, 64, 36).data.join();
  const pictures = ((window.shownPictures ??= {})[camera] ??= new Set());
  pictures.add(shown);
  return pictures.size >= 5;
}"""


@asynccontextmanager
async def sitting(
    browser: Browser, hub: Hub, name: str, role: str = "officer"
) -> AsyncIterator[Operator]:
    """Invite an operator, who makes a passkey, signs in with it and opens the console.

    Nothing may go wrong in the window that the screen does not say.
    """
    invited = await hub.command("operators", "invite", name, "--role", role)
    link = re.search(r"Link: (\S+)", invited)
    pseudonym = re.search(r"Homes see: (\S+)", invited)
    assert link is not None
    assert pseudonym is not None
    context = await browser.new_context(
        ignore_https_errors=True,
        locale="en-US",
        base_url=hub.url,
        viewport=ViewportSize(width=1600, height=900),
    )
    context.set_default_timeout(LIMIT_MS)
    expect.set_options(timeout=LIMIT_MS)
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    faults: list[str] = []
    page.on("pageerror", lambda err: faults.append(str(err)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    try:
        await page.goto(link[1])
        await page.locator("#make").click()
        await page.wait_for_url("**/sign-in#joined")
        await page.goto("/console")
        await page.wait_for_url("**/sign-in?next=/console")
        await page.locator("#sign-in").click()
        await page.wait_for_url("**/console")
        await expect(page.locator(".bar .link.live")).to_be_visible()
        yield Operator(page, pseudonym[1])
    finally:
        await context.close()
    wrong = [one for one in faults if not any(known in one for known in _EXPECTED)]
    assert not wrong, wrong
