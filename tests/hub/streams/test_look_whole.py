"""The look page at a whole hub: signed in by a cookie, through the log and the broker to a home."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from hub.operators.csrf import COOKIE
from hub.protocol.entries import EntryKind
from hub.protocol.reply import Reply, sign_reply
from hub.protocol.request import Request
from hub.protocol.session import Act
from hub.protocol.topics import replies
from hub.protocol.vocabulary import Role, Scope
from hub.streams.pages.words import ENGLISH
from tests.hub.streams.look_hub import CAMERA_PAGE, CHROMIUM, FLAGS
from tests.hub.waiting import LIMIT
from tests.hub.whole import ScriptedHome, WholeHub

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not in .tools/bin")


@pytest.fixture
async def window(whole: WholeHub) -> AsyncIterator[Page]:
    """The window of an officer who has signed in; the camera is the page beside it."""
    url = str(whole.client.make_url("/")).replace("127.0.0.1", "localhost").rstrip("/")
    whole.hub.operators.authenticate._origin = url
    headers = await whole.operator(Role.OFFICER)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(base_url=url, locale="en-US")
        await signed_in(context, headers["Cookie"])
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda err: faults.append(str(err)))
        page.on("console", lambda line: faults.append(line.text))
        yield page
        await browser.close()
    assert [one for one in faults if "Failed to load resource" not in one] == []


async def signed_in(context: BrowserContext, header: str) -> None:
    """Give a browser the cookie of a session."""
    name, _, value = header.partition("=")
    assert name == COOKIE
    # A prefix of the name asks for HTTPS; the hub here speaks HTTP, at the machine itself.
    cookie = SetCookieParam(name=name, value=value, url="https://localhost/", secure=True)
    await context.add_cookies([cookie])


async def filmed(window: Page, whole: WholeHub) -> ScriptedHome:
    """Make a home whose camera is a page of the same browser."""
    camera = await window.context.browser.new_page()  # type: ignore[union-attr]
    await camera.set_content(CAMERA_PAGE)

    async def answer(request: Request, reply: Reply) -> None:
        assert request.offer is not None
        found = replace(reply, answer=await camera.evaluate("answer", request.offer.sdp))
        topic = replies(home.identity.home, request.id)
        home.publish(topic, sign_reply(home.signer, found), retain=False)

    def script(request: Request, reply: Reply) -> Reply | None:
        if request.action is not Scope.STREAM or reply.answer is None:
            return reply
        whole.tasks.append(asyncio.create_task(answer(request, reply)))
        return None

    home = await whole.home(script=script, streaming=True)
    return home


async def test_an_owner_who_takes_the_camera_back_is_obeyed_at_once(
    window: Page, whole: WholeHub
) -> None:
    home, incident = await filmed(window, whole), await whole.incident()
    await window.goto(f"/look/{incident}/{home.identity.camera}")
    await expect(window.locator("#view")).to_have_attribute("data-state", "playing")
    await expect(window.locator("h1")).to_have_text("Porch")
    await expect(window.locator("#incident")).to_have_text("Incident CAD-2026-1")
    home.revoke()
    await expect(window.locator("#message")).to_have_text(ENGLISH["no_longer_available"])
    assert await window.evaluate("document.querySelector('video').srcObject") is None
    [entry] = await whole.entries(EntryKind.LOOK)
    assert entry.about["scope"] == Scope.STREAM

    await window.locator("#watch").click()
    await expect(window.locator("#message")).to_have_text(ENGLISH["camera-unavailable"])


@pytest.mark.parametrize("how", ["stop", "leave"])
async def test_who_stops_or_leaves_ends_the_stream_in_the_home(
    window: Page, whole: WholeHub, how: str
) -> None:
    home, incident = await filmed(window, whole), await whole.incident()
    await window.goto(f"/look/{incident}/{home.identity.camera}")
    await expect(window.locator("#view")).to_have_attribute("data-state", "playing")
    if how == "stop":
        await window.keyboard.press("Escape")
    else:
        await window.goto("about:blank")
    async with asyncio.timeout(LIMIT):
        while (await home.streams.heard.get()).act is not Act.CLOSE:
            pass


async def test_a_camera_that_is_lent_for_stills_gives_stills(window: Page, whole: WholeHub) -> None:
    home, incident = await whole.home(), await whole.incident()
    await window.goto(f"/look/{incident}/{home.identity.camera}")
    await expect(window.locator("#mark")).to_contain_text("STILL, ")
    await expect(window.locator("#message")).to_contain_text(ENGLISH["not_lent"])
    assert await window.evaluate("document.querySelector('#still').naturalWidth") == 480
    assert (await whole.ask("POST", f"incidents/{incident}/close")).status == 200
    await expect(window.locator("#message")).to_have_text(ENGLISH["incident-closed"])


async def test_who_is_signed_out_is_led_to_the_sign_in_page(window: Page, whole: WholeHub) -> None:
    await window.context.clear_cookies()
    await window.goto("/look/incident/camera")
    await expect(window.locator("#banner")).to_be_visible()
    await expect(window.locator("#message")).to_have_text("")
    assert window.url.endswith("/sign-in#/look/incident/camera")


async def test_an_officer_of_another_kind_may_not_look(window: Page, whole: WholeHub) -> None:
    headers = await whole.operator(Role.AUDITOR)
    await signed_in(window.context, headers["Cookie"])
    await window.goto("/look/incident/camera")
    await expect(window.locator("#message")).to_have_text(ENGLISH["forbidden"])
