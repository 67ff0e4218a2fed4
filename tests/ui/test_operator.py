"""An operator in a real browser: joins by a link, signs in with a passkey, signs out."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from demo.hub import Hub
from demo.processes import Processes
from tests.ui.map_file import write_map

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path, program: Callable[[str], Path]) -> AsyncIterator[Hub]:
    """A hub alone, at localhost, where browsers make passkeys."""
    program("mosquitto")
    environment = {"RTCC_OPERATORS__RP_ID": "localhost"}
    async with Processes(tmp_path / "logs") as processes:
        hub = Hub.prepare(processes, tmp_path / "hub", environment, wanted_ports=(0, 0))
        write_map(hub.data / "map.mbtiles")
        await hub.start()
        yield hub


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser) -> AsyncIterator[Page]:
    """An empty window with a passkey provider, and what went wrong in it."""
    context = await browser.new_context(ignore_https_errors=True, locale="es-MX")
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    faults: list[str] = []
    page.on("pageerror", lambda err: faults.append(str(err)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield page
    await context.close()
    # Answers that refuse are told in the page; nothing else may go wrong.
    assert [one for one in faults if "Failed to load resource" not in one] == []


async def session(page: Page) -> dict[str, object]:
    """Ask the API from the page who is signed in."""
    found = await page.evaluate("fetch('/api/v1/session').then((answer) => answer.json())")
    return dict(found)


async def test_an_operator_joins_signs_in_and_out(hub: Hub, window: Page) -> None:
    invited = await hub.command("operators", "invite", "Ann", "--role", "supervisor")
    link = re.search(r"Link: (\S+)", invited)
    assert link is not None
    assert link[1].startswith(hub.url)

    await window.goto(link[1])
    await expect(window.locator("h1")).to_have_text("Unirse")
    assert "#" not in window.url, "the secret has left the address bar"
    await window.locator("#make").click()

    await window.wait_for_url("**/sign-in#joined")
    await expect(window.locator("#message")).to_have_text(re.compile("está creada"))
    await window.locator("#sign-in").click()

    await window.wait_for_url("**/account")
    await expect(window.locator("#name")).to_have_text("Ann")
    await expect(window.locator("#passkeys li")).to_have_count(1)
    found = await session(window)
    assert (found["role"], found["state"]) == ("supervisor", "active")
    assert "approvals:write" in str(found["scopes"])
    [cookie] = await window.context.cookies()
    assert cookie["name"] == "__Host-rtcc"
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")

    await window.locator("#another").click()
    await expect(window.locator("#address")).to_have_text(re.compile(r"^https://\S+/join#\S{43}$"))

    await window.locator("#sign-out").click()
    await window.wait_for_url("**/sign-in#out")
    assert (await session(window))["status"] == 401
    await window.locator("#sign-in").click()
    await window.wait_for_url("**/account")
    assert (await session(window))["operator"] == found["operator"]

    await window.goto(link[1])
    await window.locator("#make").click()
    await expect(window.locator("#message")).to_have_text(re.compile("ya se usó"))


async def test_signing_in_leads_to_our_own_pages_alone(hub: Hub, window: Page) -> None:
    invited = await hub.command("operators", "invite", "Ann", "--role", "officer")
    link = re.search(r"Link: (\S+)", invited)
    assert link is not None
    await window.goto(link[1])
    await window.locator("#make").click()
    await window.wait_for_url("**/sign-in#joined")
    for next_one in ("https://example.org/console", "//example.org", "/console/../log"):
        await window.goto(f"{hub.url}/sign-in?next={next_one}")
        await window.locator("#sign-in").click()
        await window.wait_for_url(f"{hub.url}/account")
        await window.locator("#sign-out").click()
        await window.wait_for_url("**/sign-in#out")

    # Whoever is not signed in comes back to the console, whose policy lets it draw all that it has.
    await window.goto(f"{hub.url}/console")
    await window.wait_for_url("**/sign-in?next=/console")
    tile = re.compile(r"/console/map/\d+/\d+/\d+$")
    async with window.expect_response(lambda one: bool(tile.search(one.url) and one.ok)) as drawn:
        await window.locator("#sign-in").click()
        await window.wait_for_url(f"{hub.url}/console")
    headers = await (await drawn.value).all_headers()
    assert headers["content-encoding"] == "gzip"
    await expect(window.locator("header.bar")).to_be_visible()
    await window.goto(f"{hub.url}/account")
    await window.locator("#console").click()
    await window.wait_for_url(f"{hub.url}/console")
