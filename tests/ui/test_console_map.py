"""The console's map in real Chromium: what it shows, and what an operator does on it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from hub.console.built import BUILT, PAGE
from tests.ui.conftest import PATIENCE
from tests.ui.stage import CAPITOL, INCIDENT, NOW, Stage, cameras
from tests.ui.streets import write_streets

HOSTILE = "<script>alert(1)</script>\u202egnp.exe" + " long" * 40
NORTH_M = 1 / 111_195


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Some cameras around the capitol, and twelve more in a row to the north of it."""
    if not (BUILT / PAGE).is_file():
        pytest.skip("the console is not built: script/setup")
    play = Stage(cameras(300, spread_m=3_000))
    for number in range(12):
        id_ = f"row-{number}"
        place = {"lat": CAPITOL[0] + (60 + 30 * number) * NORTH_M, "lon": CAPITOL[1]}
        play.cameras[id_] = {**play.cameras["camera-0000"], "camera": id_, "name": id_, **place}
    play.cameras["row-8"] |= {"name": HOSTILE, "site": "park", "live": True}
    async with play.open():
        yield play


class Screen:
    """The console in a window."""

    def __init__(self, page: Page, stage: Stage) -> None:
        """Take the window and the stage."""
        self.page = page
        self.stage = stage
        self.map = page.locator(".mapview")
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.wrong.append(said.text)
                if re.search("Content.Security|Refused", said.text)
                else None
            ),
        )

    async def open(self, *, take: bool = True) -> None:
        """Open the console, and take the incident in hand."""
        await self.page.goto(f"{self.stage.url}/console")
        await expect(self.page.locator(".mapview[data-state=drawn]")).to_be_visible()
        if take:
            await self.page.locator(".queue").get_by_role("button", name="CAD-2026-1").click()
            await expect(self.map.locator(".counts")).to_be_visible()
            await self.rested()

    async def rested(self) -> None:
        """Wait until nothing moves on the map."""
        await expect(self.page.locator(".mapview .canvas[data-moving=no]")).to_be_visible()

    async def middle(self) -> tuple[float, float]:
        """Return where the circle's centre is in the window."""
        box = await self.map.locator(".handle.centre").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    async def edge_far(self) -> float:
        """Return how far the edge handle is from the centre, in pixels."""
        box = await self.map.locator(".handle.edge").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2 - (await self.middle())[0]

    async def drag(self, handle: str, right: float) -> None:
        """Drag a handle to the right."""
        box = await self.map.locator(f".handle.{handle}").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        await mouse.move(x, y)
        await mouse.down()
        await mouse.move(x + right / 2, y, steps=4)
        await mouse.move(x + right, y, steps=4)
        await mouse.up()

    def moved(self) -> list[dict[str, float]]:
        """Return the circles that the hub was told."""
        return [body for method, _, body in self.stage.asked if method == "PATCH"]


@pytest_asyncio.fixture(loop_scope="session")
async def screen(browser: Browser, stage: Stage) -> AsyncIterator[Screen]:
    """A window; whatever breaks in it, its policy included, fails the test."""
    context = await browser.new_context(viewport={"width": 1600, "height": 900}, locale="en-US")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    screen = Screen(await context.new_page(), stage)
    yield screen
    await context.close()
    assert screen.wrong == []


async def test_the_circle_counts_what_may_be_looked_at(screen: Screen, stage: Stage) -> None:
    """The count follows what owners do, without anything being pressed."""
    await screen.open()
    counts = screen.map.locator(".counts")
    text = await counts.inner_text()
    before = int(text.split()[0])
    assert before >= 12
    stage.say("cameras", {"live": [], "gone": ["row-3", "row-4"]})
    await expect(counts).to_contain_text(f"{before - 2} cameras in the circle")


async def test_keys_change_the_circle_and_undo_takes_it_back(screen: Screen) -> None:
    """Presses in a row are told to the hub once; what the policy does not allow is said."""
    await screen.open()
    for _ in range(3):
        await screen.page.keyboard.press("r")
    notice = screen.page.locator(".notice", has_text="The circle is 600 m now")
    await notice.get_by_role("button", name="Undo").click()
    await expect(screen.map.locator(".handle.edge")).to_have_text("400 m")
    assert [body["radius_m"] for body in screen.moved()] == [600, 400]


async def test_handles_move_the_circle(screen: Screen) -> None:
    """The edge is dragged beyond what one person may, and waits; the centre moves by keys."""
    await screen.open()
    far = await screen.edge_far()
    await screen.drag("edge", far * 0.75)
    await expect(screen.map.locator(".counts")).to_contain_text("within 600 m until then")
    assert 640 < screen.moved()[-1]["radius_m"] < 760
    await screen.page.keyboard.press("m")
    await screen.drag("centre", 60)
    await expect(screen.page.locator(".notice", has_text="The circle has moved")).to_be_visible()
    assert screen.moved()[-1]["lon"] > CAPITOL[1]
    await screen.map.locator(".handle.centre").focus()
    south = screen.moved()[-1]["lat"]
    async with screen.page.expect_request(lambda request: request.method == "PATCH"):
        await screen.page.keyboard.press("ArrowUp")
    await expect(screen.map.locator(".handle.edge")).to_be_visible()
    assert screen.moved()[-1]["lat"] > south


async def test_a_click_shows_a_card_and_names_are_text(screen: Screen, stage: Stage) -> None:
    """A name with a script, turned letters and no end stays inside of its card."""
    stage.cameras = {id_: one for id_, one in stage.cameras.items() if id_.startswith("row")}
    await screen.open()
    x, y = await screen.middle()
    north = 300 / INCIDENT["radius_m"] * await screen.edge_far()
    await screen.page.mouse.click(x, y - north)
    card = screen.map.locator(".card")
    await expect(card.locator("bdi")).to_have_text(HOSTILE)
    await expect(card).to_contain_text("park · live video · 300 m N")
    box, around = await card.bounding_box(), await screen.map.bounding_box()
    assert box is not None
    assert around is not None
    assert box["width"] < 400
    assert box["x"] + box["width"] <= around["x"] + around["width"]
    await expect(card.get_by_role("button")).to_be_focused()
    await screen.page.keyboard.press("Escape")
    await expect(card).to_have_count(0)


async def test_the_lasso_opens_the_nearest_of_what_was_drawn_around(
    screen: Screen, stage: Stage
) -> None:
    """Only cameras within the drawing are looked at."""
    await screen.open()
    await screen.page.keyboard.press("v")
    await expect(screen.map.locator(".lasso")).to_be_visible()
    x, y = await screen.middle()
    metre = await screen.edge_far() / INCIDENT["radius_m"]
    mouse = screen.page.mouse
    corners = [(-6, -255), (6, -255), (6, -385), (-6, -385)]
    await mouse.move(x + corners[0][0], y + corners[0][1] * metre)
    await mouse.down()
    for right, north in corners[1:]:
        await mouse.move(x + right, y + north * metre, steps=3)
    stage.asked.clear()
    await mouse.up()
    await expect(screen.map.locator(".lasso")).to_have_count(0)
    await expect(screen.page.locator(".wall")).to_contain_text("row-7")


async def test_the_list_is_there_for_the_keyboard(screen: Screen) -> None:
    """Who tabs into the list of cameras sees it, nearest first."""
    await screen.open()
    buttons = screen.map.locator(".cameralist li button")
    await buttons.nth(1).focus()
    await expect(screen.map.get_by_text("Cameras in the circle, nearest first")).to_be_in_viewport()
    assert "90 m N" in await buttons.nth(1).inner_text()


async def test_without_a_map_the_grid_says_how_to_add_one(screen: Screen) -> None:
    """The words are there, and can be put away."""
    await screen.open(take=False)
    await screen.map.get_by_text("How to add one").click()
    await expect(screen.map.get_by_text("map.pmtiles")).to_be_visible()
    await screen.map.get_by_role("button", name="Hide").click()
    await expect(screen.map.get_by_text("How to add one")).to_have_count(0)


async def test_a_file_of_streets_is_drawn(screen: Screen, stage: Stage, tmp_path: Path) -> None:
    """Tiles come from the hub by ranges of the file; no words about a missing map."""
    stage.map_file = tmp_path / "map.pmtiles"
    write_streets(stage.map_file, *CAPITOL)
    stage.map = {"kind": "pmtiles", "url": "/console/map/city.pmtiles"}
    await screen.open()
    await expect(screen.map.get_by_text("How to add one")).to_have_count(0)
    await screen.page.keyboard.press("Shift+l")
    await screen.rested()
    await screen.page.screenshot(path=tmp_path / "streets.png")


async def test_a_broken_file_leaves_the_cameras(screen: Screen, stage: Stage) -> None:
    """The screen says it, and works."""
    stage.map = {"kind": "pmtiles", "url": "/console/map/city.pmtiles"}
    await screen.open()
    await expect(screen.map.get_by_text("The street map cannot be read")).to_be_visible()


async def test_another_operators_look_and_sightings_are_drawn(screen: Screen, stage: Stage) -> None:
    """The list names who is looked at; sightings draw nothing that breaks."""
    await screen.open()
    look = {"id": "l", "incident": "incident-1", "camera": "row-7", "scope": "stream"}
    stage.say("look", {**look, "pseudonym": "op-2", "asked": NOW, "ended": None, "outcome": None})
    row = screen.map.locator(".cameralist li", has_text="row-7")
    await expect(row).to_contain_text("looked at by someone")
    seen = {"id": "s", "incident": "incident-1", "camera": "row-1", "by": "op-2", "note": ""}
    stage.say("sighting", {**seen, "lat": CAPITOL[0], "lon": CAPITOL[1], "at": NOW})
    await screen.rested()
