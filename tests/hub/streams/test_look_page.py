"""The look page in a real browser, with real media from another page, at a hub that tests play."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from hub.streams.pages.words import ENGLISH, SPANISH
from tests.hub.streams.look_hub import (
    CAMERA,
    CAMERA_PAGE,
    CHROMIUM,
    FLAGS,
    NAME,
    PAGE,
    SECRET,
    LookHub,
    look_hub,
)

SESSION = f"/api/v1/whep/{SECRET}"

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not in .tools/bin"),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def camera(browser: Browser) -> Page:
    page = await browser.new_page()
    await page.set_content(CAMERA_PAGE)
    return page


@pytest_asyncio.fixture(loop_scope="module")
async def hub(camera: Page) -> AsyncIterator[LookHub]:
    async with look_hub(camera) as hub:
        yield hub


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, hub: LookHub) -> AsyncIterator[Page]:
    """An empty window; nothing may go wrong in it that the page does not say."""
    assert hub.url, "the window closes before its hub"
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda err: faults.append(str(err)))
    page.on("console", lambda line: faults.append(line.text))
    page.on("dialog", lambda one: faults.append(one.message))
    yield page
    await context.close()
    assert [one for one in faults if "Failed to load resource" not in one] == []


async def playing(page: Page, hub: LookHub) -> None:
    """Open the page, and wait until it plays."""
    await page.goto(hub.url + PAGE)
    await expect(page.locator("#view")).to_have_attribute("data-state", "playing")


async def message(page: Page, word: str) -> None:
    """Wait until the page says this."""
    await expect(page.locator("#message")).to_have_text(ENGLISH[word])


async def test_it_plays_says_so_and_stops(page: Page, hub: LookHub) -> None:
    await playing(page, hub)
    await expect(page.locator("#mark")).to_have_text("LIVE")
    await expect(page.locator("#told")).to_be_visible()
    await expect(page.locator("#left")).to_have_text(re.compile(r"^(10:00|9:5\d)$"))
    await expect(page.locator("#delay")).to_have_text(re.compile(r"^0\.\d s$"))
    assert await page.evaluate("document.querySelector('video').videoWidth") == 320

    offer = await hub.until("POST", "/whep")
    assert offer.headers["Content-Type"] == "application/sdp"
    assert offer.headers["X-RTCC-CSRF"] == "c5f7"
    assert re.findall(r"^m=(\w+)", offer.body, re.MULTILINE) == ["video"]
    assert "a=recvonly" in offer.body
    assert "a=sendrecv" not in offer.body
    patch = await hub.until("PATCH", SESSION)
    assert patch.headers["Content-Type"] == "application/trickle-ice-sdpfrag"
    assert patch.headers["If-Match"] == '"one"'
    assert re.search(
        r"^a=ice-ufrag:\S+\r\na=ice-pwd:\S+\r\nm=video .*\r\na=mid:0\r\n", patch.body, re.MULTILINE
    )

    await page.locator("#stop").click()
    await hub.until("DELETE", SESSION)
    await message(page, "stopped")
    await expect(page.locator("#told")).to_be_hidden()
    await expect(page.locator("#watch")).to_be_focused()
    assert await page.evaluate("document.querySelector('video').srcObject") is None


async def test_it_takes_the_cameras_candidates_later_and_says_so(page: Page, hub: LookHub) -> None:
    hub.trickles = True
    await playing(page, hub)
    assert (await hub.until("POST", "/whep")).headers["RTCC-Trickle"] == "1"


async def test_it_asks_for_the_lines_that_a_brand_wants_in_their_order(
    page: Page, hub: LookHub
) -> None:
    hub.configuration |= {"audio": True, "data_channel": "dataSendChannel"}
    await playing(page, hub)
    offer = await hub.until("POST", "/whep")
    assert re.findall(r"^m=(\w+)", offer.body, re.MULTILINE) == ["audio", "video", "application"]
    audio, video = re.findall(r"^a=(inactive|recvonly|sendrecv)", offer.body, re.MULTILINE)
    assert (audio, video) == ("inactive", "recvonly")


async def test_what_a_camera_is_called_is_only_ever_text(page: Page, hub: LookHub) -> None:
    await page.goto(hub.url + PAGE)
    await expect(page.locator("h1")).to_have_text(NAME)
    await expect(page.locator("#incident")).to_have_text("Incident CAD-1 <b>")
    assert await page.title() == f"{NAME} · Real Time Command Center of Jackson & <Sons>"
    assert await page.locator("#video").get_attribute("aria-label") == f"Picture of {NAME}"
    assert await page.locator("main img:not(#still), main b").count() == 0


async def test_the_lease_is_renewed_and_only_people_keep_a_session_open(
    page: Page, hub: LookHub
) -> None:
    hub.configuration["lease_s"] = 3
    await playing(page, hub)
    first = await hub.until("POST", f"{SESSION}/lease")
    assert "X-RTCC-Background" not in first.headers, "opening the page was an act"
    assert first.headers["X-RTCC-CSRF"] == "c5f7"
    second = await hub.until("POST", f"{SESSION}/lease")
    assert second.headers["X-RTCC-Background"] == "1"


@pytest.mark.parametrize(
    "reason",
    ["no_longer_available", "incident_closed", "longest", "signed_out", "hub_stopped"],
)
async def test_the_end_is_told_in_words(page: Page, hub: LookHub, reason: str) -> None:
    await playing(page, hub)
    hub.tell("ended", reason=reason)
    await message(page, reason)
    await expect(page.locator("#view")).to_have_attribute("data-state", "ended")
    await expect(page.locator("#account")).to_be_visible(visible=reason == "signed_out")


async def test_a_lease_that_is_refused_is_the_end(page: Page, hub: LookHub) -> None:
    hub.configuration["lease_s"] = 3
    hub.problems["lease"] = (409, "camera-unavailable")
    await playing(page, hub)
    await message(page, "camera-unavailable")
    await hub.until("DELETE", SESSION)


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (409, "camera-unavailable"),
        (409, "incident-closed"),
        (401, "session-locked"),
        (422, "codec-unsupported"),
        (422, "relay-needed"),
        (503, "camera-busy"),
        (504, "camera-silent"),
    ],
)
async def test_a_refusal_is_told_in_words(
    page: Page, hub: LookHub, status: int, problem: str
) -> None:
    hub.problems["whep"] = (status, problem)
    await page.goto(hub.url + PAGE)
    await message(page, problem)
    await expect(page.locator("#view")).to_have_attribute("data-state", "failed")
    await expect(page.locator("#told")).to_be_hidden()
    await expect(page.locator("#account")).to_be_visible(visible=problem == "session-locked")

    del hub.problems["whep"]
    await page.locator("#watch").click()
    await expect(page.locator("#view")).to_have_attribute("data-state", "playing")


async def test_an_answer_without_a_common_format_is_no_black_tile(page: Page, hub: LookHub) -> None:
    hub.answer = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=inactive\r\n"
        "a=rtpmap:96 VP8/90000\r\n"
    )
    await page.goto(hub.url + PAGE)
    await message(page, "codec-unsupported")
    await hub.until("DELETE", SESSION)


async def test_stopping_while_the_offer_is_under_way_leaves_no_session(
    page: Page, hub: LookHub
) -> None:
    hub.hold = asyncio.Event()
    await page.goto(hub.url + PAGE)
    await hub.until("POST", "/whep")
    await page.keyboard.press("Escape")
    await message(page, "stopped")
    hub.hold.set()
    await hub.until("DELETE", SESSION)
    assert await page.evaluate("document.querySelector('video').srcObject") is None


async def test_leaving_the_page_ends_the_session(page: Page, hub: LookHub) -> None:
    await playing(page, hub)
    await page.goto("about:blank")
    left = await hub.until("DELETE", SESSION)
    assert left.headers["X-RTCC-CSRF"] == "c5f7"


@pytest.mark.parametrize("how", ["configuration", "offer"])
async def test_a_camera_without_live_video_gives_stills_with_their_age(
    page: Page, hub: LookHub, how: str
) -> None:
    hub.received = timedelta(seconds=125)
    if how == "offer":
        hub.problems["whep"] = (422, "no-live-video")
    else:
        hub.configuration |= {"live": False, "why_not": "not_lent"}
    await page.goto(hub.url + PAGE)
    await expect(page.locator("#mark")).to_have_text(re.compile(r"^STILL, 2:0\d old$"))
    why = ENGLISH["no-live-video" if how == "offer" else "not_lent"]
    said = f"{why} {ENGLISH['stills'].format(s=1)}"
    await expect(page.locator("#message")).to_have_text(said)
    await expect(page.locator("#told")).to_be_visible()
    assert await page.evaluate("document.querySelector('#still').naturalWidth") == 32
    first = await hub.until("POST", "/looks")
    assert json.loads(first.body) == {"camera": CAMERA, "scope": "snapshot"}
    assert "X-RTCC-Background" not in first.headers
    again = await hub.until("POST", "/looks")
    assert again.headers["X-RTCC-Background"] == "1"

    hub.still = "last"
    await expect(page.locator("#mark")).to_have_text(
        re.compile(r"^LAST RECORDING, 2:0\d old, not live$")
    )
    await page.keyboard.press("Escape")
    await message(page, "stopped")
    await expect(page.locator("#still")).to_be_hidden()


async def test_a_still_that_is_refused_is_the_last(page: Page, hub: LookHub) -> None:
    hub.configuration["live"] = False
    await page.goto(hub.url + PAGE)
    await expect(page.locator("#still")).to_be_visible()
    hub.problems["looks"] = (502, "camera-failed")
    await message(page, "missed")
    hub.problems["looks"] = (404, "camera-unavailable")
    await message(page, "camera-unavailable")
    await expect(page.locator("#still")).to_be_hidden()


async def test_a_picture_that_stands_still_is_not_called_live(
    page: Page, hub: LookHub, camera: Page
) -> None:
    await playing(page, hub)
    await camera.evaluate("freeze()")
    await expect(page.locator("#mark")).to_have_text(re.compile(r"^FROZEN for \d s$"))
    await expect(page.locator("#view")).to_have_attribute("data-state", "frozen")


async def test_a_broken_connection_is_made_once_more(page: Page, hub: LookHub) -> None:
    await page.add_init_script(LOSABLE)
    await playing(page, hub)
    await hub.until("POST", "/whep")
    await page.evaluate("lose()")
    await hub.until("DELETE", SESSION)
    await hub.until("GET", "/player")
    await hub.until("POST", "/whep")
    await expect(page.locator("#view")).to_have_attribute("data-state", "playing")
    await page.evaluate("lose()")
    await message(page, "connection-lost")


LOSABLE = """(() => {
  let last;
  const Real = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Real {
    constructor(...all) { super(...all); last = this; }
  };
  // What Chromium says half a minute after a cable was pulled.
  globalThis.lose = () => {
    Object.defineProperty(last, "connectionState", { value: "failed" });
    last.dispatchEvent(new Event("connectionstatechange"));
  };
})()"""


async def test_nobody_looks_by_coming_back(page: Page, hub: LookHub) -> None:
    await playing(page, hub)
    await page.reload()
    await message(page, "idle")
    await page.locator("#watch").click()
    await expect(page.locator("#view")).to_have_attribute("data-state", "playing")
    await page.goto("about:blank")
    await page.goto(f"{hub.url}{PAGE}#ask")
    await message(page, "idle")


async def test_who_is_not_signed_in_is_led_there(page: Page, hub: LookHub) -> None:
    hub.signed_in = False
    await page.goto(hub.url + PAGE)
    assert page.url == f"{hub.url}/sign-in#{PAGE}"
    assert hub.asked.empty()


async def test_the_page_speaks_spanish(browser: Browser, page: Page, hub: LookHub) -> None:
    await page.goto(f"{hub.url}{PAGE}?lang=es")
    await expect(page.locator("html")).to_have_attribute("lang", "es")
    await expect(page.locator("#mark")).to_have_text(SPANISH["mark_live"])
    await expect(page.locator("#message")).to_have_text(SPANISH["playing"])
    context = await browser.new_context(locale="es-MX")
    other = await context.new_page()
    await other.goto(hub.url + PAGE)
    await expect(other.locator("#stop")).to_have_text(SPANISH["stop"])
    await other.get_by_text("English").click()
    await expect(other.locator("#stop")).to_have_text(ENGLISH["stop"])
    await context.close()


CONTRAST = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? behind(one.parentElement) : colour;
  };
  const texts = [...document.querySelectorAll("a, h1, p, button, strong, #told, dt, dd")];
  return texts.filter((one) => one.checkVisibility()).map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => b - a);
    return [one.id || one.tagName, (a + 0.05) / (b + 0.05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_of_it_can_be_read(page: Page, hub: LookHub, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme)
    await playing(page, hub)
    found = dict(await page.evaluate(CONTRAST))
    assert {"told", "stop", "mark", "message", "name", "left"} <= found.keys()
    assert {name: value for name, value in found.items() if value < 4.5} == {}  # WCAG 1.4.3


async def test_everything_is_reached_by_the_keyboard(page: Page, hub: LookHub) -> None:
    await playing(page, hub)
    await expect(page.locator("#stop")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator("#full")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert await page.evaluate(outline) == "solid"
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Space")
    await message(page, "stopped")
    await page.keyboard.press("Enter")
    await expect(page.locator("#view")).to_have_attribute("data-state", "playing")
    live = await page.locator("#message").get_attribute("aria-live")
    assert (live, await page.locator("#left").get_attribute("aria-live")) == ("polite", "off")


async def test_the_last_minute_is_told_once(page: Page, hub: LookHub) -> None:
    hub.ends = timedelta(seconds=40)
    await playing(page, hub)
    said = re.compile(r"^This look ends in [34]\d s\.$")
    await expect(page.locator("#message")).to_have_text(said)
    await expect(page.locator("#left")).to_have_text(re.compile(r"^\d\d s$"))


MEASURES = """async () => {
  const { Delay, Freeze } = await import("/pages/measures.js");
  const video = (framesDecoded, totalProcessingDelay) => (
    { type: "inbound-rtp", kind: "video", framesDecoded, totalProcessingDelay });
  const sound = { type: "inbound-rtp", kind: "audio", framesDecoded: 9, totalProcessingDelay: 9 };
  const pair = { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.08 };
  const other = { ...pair, nominated: false, currentRoundTripTime: 8 };
  const delay = new Delay(), freeze = new Freeze();
  const frames = (count, time) => freeze.stands([sound, video(count, 0)], time);
  return {
    delays: [
      delay.of([]), delay.of([sound, pair]), delay.of([video(10, 1), other]),
      delay.of([video(20, 2), pair]), delay.of([video(20, 2), pair]),
      delay.of([video(30, 2.2), other, pair]), delay.of([video(40), pair]),
    ],
    stands: [frames(1, 0), frames(2, 1000), frames(2, 3900), frames(2, 5000), frames(3, 6000)],
  };
}"""


async def test_delay_and_stillness_are_counted_right(page: Page, hub: LookHub) -> None:
    await page.goto(f"{hub.url}{PAGE}#ask")
    assert await page.evaluate(MEASURES) == {
        "delays": [None, None, None, 140, None, 60, None],
        "stands": [0, 0, 0, 4000, 0],
    }
