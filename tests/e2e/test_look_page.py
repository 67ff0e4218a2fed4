"""The look page over all that is real: a passkey, HTTPS, a Home Assistant, a camera that moves."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from hub.streams.pages.words import ENGLISH
from tests.e2e.moving import GARAGE
from tests.e2e.streaming import Streaming

LIMIT_MS = 30_000
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

pytestmark = pytest.mark.timeout(180)


@pytest_asyncio.fixture(loop_scope="session")
async def window(streaming: Streaming) -> AsyncIterator[Page]:
    """A window with a passkey provider; nothing may go wrong in it that the page does not say."""
    context = await streaming.browser.new_context(
        ignore_https_errors=True, locale="en-US", base_url=streaming.stack.hub.url
    )
    context.set_default_timeout(LIMIT_MS)
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    faults: list[str] = []
    page.on("pageerror", lambda err: faults.append(str(err)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield page
    await context.close()
    assert [one for one in faults if "Failed to load resource" not in one] == []


async def test_an_officer_looks_until_the_owner_ends_it(streaming: Streaming, window: Page) -> None:
    expect.set_options(timeout=LIMIT_MS)
    incident = await streaming.incident()
    look = f"/look/{incident}/{streaming.cameras[GARAGE.name]}"
    invited = await streaming.stack.hub.command("operators", "invite", "Ann", "--role", "officer")
    link = re.search(r"Link: (\S+)", invited)
    assert link is not None
    await window.goto(link[1])
    await window.locator("#make").click()
    await window.wait_for_url("**/sign-in#joined")

    await window.goto(look)
    assert window.url.endswith(f"/sign-in#{look}")
    await window.locator("#sign-in").click()
    await window.wait_for_url(f"**{look}#ask")
    await expect(window.locator("#message")).to_have_text(ENGLISH["idle"])
    await window.locator("#watch").click()

    view = window.locator("#view")
    await expect(view).to_have_attribute("data-state", "playing")
    await expect(window.locator("h1")).to_have_text(GARAGE.name)
    await expect(window.locator("#told")).to_be_visible()
    await expect(window.locator("#left")).to_have_text(re.compile(r"^\d+:\d\d(:\d\d)?$"))
    await expect(window.locator("#delay")).to_have_text(re.compile(r"^\d\.\d s$"))
    assert await window.evaluate("document.querySelector('video').videoWidth") == 640
    await streaming.viewed(GARAGE, wanted=True)

    await streaming.resident.switch(await streaming.switch(GARAGE), on=False)
    await expect(view).to_have_attribute("data-state", "ended")
    await expect(window.locator("#message")).to_have_text(ENGLISH["no_longer_available"])
    await streaming.sessions(GARAGE).open(0)
    await streaming.resident.switch(await streaming.switch(GARAGE), on=True)
    await streaming.live(GARAGE)

    await window.locator("#watch").click()
    await expect(view).to_have_attribute("data-state", "playing")
    await window.goto("about:blank")
    await streaming.sessions(GARAGE).open(0)
    assert (await streaming.looks(incident, 2))[-1]["reason"] == "stopped"
