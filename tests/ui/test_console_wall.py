"""The wall of cameras at the console: a whole hub, homes, and moving pictures in real Chromium."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

from hub.protocol.session import Act
from hub.protocol.vocabulary import Outcome, Role
from tests.hub.whole import Script, ScriptedHome
from tests.ui.console import ConsoleHub, console_hub
from tests.ui.filmed import FLAGS, SCENE, fails, films, lend, near

HOSTILE = '<script>document.title = "owned"</script>'
RIGHT_TO_LEFT = "מצלמת הכניסה (1)"
LONG = "Kitchen door " + "w" * 87
PATIENCE = 60_000.0
"""Milliseconds: a busy machine is slow."""
SCREEN = ViewportSize(width=1440, height=900)


@dataclass
class Scene:
    """A hub and five homes around one place, nearest first."""

    console: ConsoleHub
    film: Page
    homes: list[ScriptedHome] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)

    async def clear(self) -> None:
        """Make everything as it was before a test."""
        for context in self.console.browser.contexts:
            if self.film.context is not context:
                await context.close()
        for incident in self.incidents:
            await self.console.whole.ask("POST", f"incidents/{incident}/close")
        self.incidents.clear()
        for home, script in zip(self.homes, self.scripts, strict=True):
            home.script = script
            if not home.sharing:
                home.share()
            while not home.streams.heard.empty():
                home.streams.heard.get_nowait()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def built(
    tmp_path_factory: pytest.TempPathFactory, program: Callable[[str], Path]
) -> AsyncIterator[Scene]:
    program("mosquitto")
    folder = tmp_path_factory.mktemp("wall") / "data"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        film = await browser.new_page()
        await film.set_content(SCENE)
        async with console_hub(folder, browser) as console:
            scene = Scene(console, film)
            says = films(console.whole, film, scene.homes)
            for place, name, one, bearing in (
                (near(30, 20), HOSTILE, says, 225),
                (near(-80, 60), RIGHT_TO_LEFT, says, None),
                (near(10, -150), LONG, None, 90),
                (near(180, 40), "Side gate", fails("codec_unsupported"), 180),
                (near(-40, 290), "Corner shop", says, 300),
            ):
                scene.homes.append(await lend(console.whole, place, name, one, bearing))
            scene.scripts = [home.script for home in scene.homes]
            yield scene
            await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(built: Scene) -> AsyncIterator[Scene]:
    yield built
    await built.clear()


def tile(page: Page, home: ScriptedHome) -> Locator:
    return page.locator(f'.tile[data-camera="{home.identity.camera}"]')


async def phase(page: Page, home: ScriptedHome, wanted: str) -> None:
    await expect(tile(page, home)).to_have_attribute("data-phase", wanted)


async def accepted(scene: Scene) -> tuple[Page, str]:
    """Sit down, and take an incident on."""
    page, _ = await scene.console.sit(Role.OFFICER, SCREEN)
    expect.set_options(timeout=PATIENCE)
    incident = await scene.console.whole.incident()
    scene.incidents.append(incident)
    await expect(page.locator("button.row").first).to_be_visible()
    await page.keyboard.press("a")
    return page, incident


async def test_the_nearest_four_open_by_themselves(scene: Scene) -> None:
    page, _ = await accepted(scene)
    one, two, three, four, five = scene.homes
    await phase(page, one, "live")
    await phase(page, two, "live")
    await phase(page, three, "stills")
    await phase(page, four, "stills")
    await expect(tile(page, five)).to_have_count(0)
    await expect(tile(page, one).locator(".badge")).to_have_text("Live")
    await expect(tile(page, one).locator(".fact.told")).to_be_visible()
    await expect(tile(page, one).locator(".facts")).to_contain_text(re.compile(r"36\sm NE"))
    await expect(tile(page, one).locator(".facts")).to_contain_text("looks SW")
    await expect(tile(page, four).locator(".fact.why")).to_contain_text("H.265")


async def test_names_are_only_text(scene: Scene) -> None:
    page, _ = await accepted(scene)
    for home in scene.homes[:3]:
        name = tile(page, home).locator("h3")
        await expect(name).to_have_text(home.identity.name)
        await expect(name).to_have_attribute("title", home.identity.name)
    assert await page.locator(".tiles script").count() == 0
    assert "owned" not in await page.title()
    wide = "one => [...one.querySelectorAll('.tile')].every(t => t.scrollWidth <= t.clientWidth)"
    assert await page.locator(".grid").evaluate(wide), "a name makes no tile wider"


async def test_keys_open_walk_and_close(scene: Scene) -> None:
    page, _ = await accepted(scene)
    one, two, _, four, five = scene.homes
    await phase(page, two, "live")
    await page.keyboard.press("5")
    await expect(tile(page, five)).to_be_focused()
    await phase(page, five, "live")
    await page.keyboard.press("[")
    await expect(tile(page, four)).to_be_focused()
    await page.keyboard.press("2")
    await expect(tile(page, two)).to_be_focused()
    await expect(tile(page, two)).to_have_attribute("aria-current", "true")
    await page.keyboard.press("l")
    await phase(page, two, "stills")
    await until_told(two, Act.CLOSE)
    await expect(tile(page, two).locator(".badge")).to_contain_text("Still")
    await page.keyboard.press("l")
    await phase(page, two, "live")
    await page.keyboard.press("0")
    await expect(tile(page, two)).to_have_count(0)
    await until_told(two, Act.CLOSE)
    await expect(page.locator(".tile.chosen")).to_have_count(1)
    await phase(page, one, "live")


async def until_told(home: ScriptedHome, act: Act) -> None:
    """Wait until the hub told a home this of a stream."""
    async with asyncio.timeout(PATIENCE / 1000):
        while (await home.streams.heard.get()).act is not act:
            pass


async def test_a_still_is_kept_with_the_incident(scene: Scene) -> None:
    page, incident = await accepted(scene)
    one, _, three, *_ = scene.homes
    await phase(page, one, "live")
    await phase(page, three, "stills")
    whole = scene.console.whole
    for home in (one, three):
        await tile(page, home).focus()
        await page.keyboard.press("s")
        note = page.locator(".notice.good").last
        await expect(note).to_contain_text("still kept with the incident")
        pictures = (await whole.ask("GET", f"incidents/{incident}/pictures")).json["pictures"]
        assert pictures[-1]["camera"] == home.identity.camera
        await note.get_by_role("button", name="Undo").click()
        await expect(page.locator(".notice.good")).to_have_count(0)


async def test_an_owner_who_takes_it_back_ends_it_with_one_sentence(scene: Scene) -> None:
    page, _ = await accepted(scene)
    one, two, *_ = scene.homes
    await phase(page, one, "live")
    await phase(page, two, "live")
    two.revoke()
    gone = tile(page, two)
    await phase(page, two, "over")
    await expect(gone.locator(".word")).to_have_text("No longer available for this incident")
    await expect(gone.locator("img, .badge")).to_have_count(0)
    await expect(gone.get_by_role("button", name="Look again")).to_have_count(0)
    said = page.locator(".tiles > .unseen")
    await expect(said).to_have_text(re.compile("No longer available|without a picture"))
    two.share()
    await gone.get_by_role("button", name="Look again").click()
    await phase(page, two, "live")


async def test_a_busy_home_is_tried_again(scene: Scene) -> None:
    page, _ = await accepted(scene)
    one, two, *_ = scene.homes
    await phase(page, one, "live")
    plays = two.script
    busy = fails("busy", Outcome.REFUSED)
    await tile(page, two).focus()
    await phase(page, two, "live")
    two.script = busy
    await page.keyboard.press("l")
    await phase(page, two, "stills")
    await page.keyboard.press("l")
    await phase(page, two, "waiting")
    await expect(tile(page, two).locator(".word")).to_contain_text("As many people")
    await expect(tile(page, two).locator(".word")).to_contain_text("Trying again in")
    two.script = plays
    await phase(page, two, "live")


@pytest.mark.parametrize("how", ["leave", "close", "sign out", "another"])
async def test_nothing_runs_that_nobody_sees(scene: Scene, how: str) -> None:
    page, incident = await accepted(scene)
    one, two, *_ = scene.homes
    await phase(page, one, "live")
    await phase(page, two, "live")
    match how:
        case "leave":
            await page.goto("about:blank")
        case "close":
            await scene.console.whole.ask("POST", f"incidents/{incident}/close")
            await expect(page.locator(".tile")).to_have_count(0)
        case "sign out":
            await page.get_by_role("button", name="Sign out").click()
        case _:
            scene.incidents.append(await scene.console.whole.incident(reference="CAD-OTHER"))
            await page.locator("button.row", has_text="CAD-OTHER").click()
            await page.locator("button.row", has_text="CAD-OTHER").press("Enter")
    await until_told(one, Act.CLOSE)
    await until_told(two, Act.CLOSE)
    if how == "another":
        await phase(page, one, "live")
        await expect(page.locator(".notice")).to_contain_text("They begin again when you go back")
