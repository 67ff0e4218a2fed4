"""The queue and an incident's life at the console: real hub, real homes, real Chromium."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from hub.places.reading import Place
from hub.places.places import Places
from hub.protocol.geo import Point
from hub.protocol.vocabulary import Role
from tests.hub.whole import CAPITOL
from tests.ui.console import ConsoleHub, console_hub

HOSTILE = '<img src=x onerror="document.title=1">\u05d0\u05d1'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def console(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, program: Callable[[str], Path]
) -> AsyncIterator[ConsoleHub]:
    program("mosquitto")
    async with console_hub(tmp_path_factory.mktemp("queue") / "data", browser) as running:
        places = Places(running.whole.engine)
        await places.load(
            [
                Place("345 E Capitol St", "Jackson", Point(32.3005, -90.1790)),
                Place("3450 Terry Rd", "Jackson", Point(32.2466, -90.2143)),
            ]
        )
        yield running


def row(page: Page, reference: str) -> object:
    return page.locator("button.row", has_text=reference)


async def test_an_incident_is_accepted_by_one_key_and_the_other_is_told_by_whom(
    console: ConsoleHub, tmp_path: Path
) -> None:
    (one, ann), (other, ben) = await console.sit(Role.OFFICER), await console.sit(Role.OFFICER)
    await console.whole.incident(reference="CAD-RACE")
    for page in (one, other):
        await expect(row(page, "CAD-RACE")).to_contain_text("not accepted")
    await asyncio.gather(one.keyboard.press("a"), other.keyboard.press("a"))
    told = re.compile(r"CAD-RACE.*was faster")
    lost = one if await wins(other) else other
    winner = ben if lost is one else ann
    await expect(lost.locator(".notice")).to_contain_text(told)
    await expect(lost.locator(".notice")).to_contain_text(winner)
    await expect(row(lost, "CAD-RACE")).to_contain_text(f"with {winner}")
    await shot(lost, "told")


async def wins(page: Page) -> bool:
    held = page.get_by_role("heading", name=re.compile("CAD-RACE"))
    notice = page.locator(".notice", has_text="was faster")
    await held.or_(notice).first.wait_for()
    return await held.count() > 0


SHOTS = Path("/tmp/shots-queue")


async def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png")
