"""The queue and an incident's life at the console: real hub, real homes, real Chromium."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from hub.places.places import Places
from hub.places.reading import Place
from hub.protocol.entries import EntryKind
from hub.protocol.geo import Point
from hub.protocol.vocabulary import Role
from tests.hub.whole import CAPITOL
from tests.ui.console import ConsoleHub, console_hub, shot

HOSTILE = '<img src=x onerror="document.title=1"> \u05d0\u05d1\u05d2'
REASON = "A child was pulled into a car two minutes ago"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def console(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, program: Callable[[str], object]
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
        await running.whole.home(CAPITOL)
        yield running


def row(page: Page, reference: str) -> Locator:
    return page.locator("button.row", has_text=reference)


def in_hand(page: Page) -> Locator:
    return page.locator(".in-hand")


def notice(page: Page, text: str) -> Locator:
    return page.locator(".notice", has_text=text)


async def test_two_accept_at_once_and_the_slower_is_told_by_whom(console: ConsoleHub) -> None:
    (one, ann), (other, ben) = await console.sit(Role.OFFICER), await console.sit(Role.OFFICER)
    await console.whole.incident(reference="CAD-RACE")
    for page in (one, other):
        await expect(row(page, "CAD-RACE")).to_contain_text("not accepted")
    await asyncio.gather(one.keyboard.press("a"), other.keyboard.press("a"))
    for page in (one, other):
        await in_hand(page).or_(notice(page, "was faster")).first.wait_for()
    lost, winner = (other, ann) if await in_hand(one).is_visible() else (one, ben)
    await expect(notice(lost, "was faster")).to_contain_text(winner)
    await expect(in_hand(lost)).to_have_count(0)
    await expect(row(lost, "CAD-RACE")).to_contain_text(f"with {winner}")
    # Whoever was slower may still help.
    await lost.keyboard.press("Enter")
    await expect(in_hand(lost)).to_contain_text("CAD-RACE")


async def test_a_new_incident_by_keys_alone(console: ConsoleHub) -> None:
    page, me = await console.sit(Role.OFFICER)
    await page.keyboard.press("n")
    await page.keyboard.press("Enter")
    # Every field says what it lacks, and the first one has the focus.
    form = page.get_by_role("form", name="New incident")
    await expect(form).to_contain_text("Say what happened.")
    await expect(form).to_contain_text("Give the CAD number")
    await expect(form).to_contain_text("Say where")
    await shot(page, "queue-new-flaws")
    await page.keyboard.press("1")
    await page.keyboard.type(HOSTILE)
    await page.keyboard.press("Tab")
    await page.keyboard.type("-90,1821; 32,3038")
    await expect(form).to_contain_text("read with the longitude first")
    await expect(form).to_contain_text("Up to 600 m by yourself; up to 800 m with a supervisor.")
    await shot(page, "queue-new")
    await page.keyboard.press("Enter")
    await expect(in_hand(page)).to_contain_text("<img src=x")
    await expect(in_hand(page)).to_contain_text(me)
    await expect(in_hand(page)).to_contain_text("1 with stills only")
    assert await page.title() != "1"
    await shot(page, "queue-in-hand")


async def test_an_address_is_found_while_it_is_typed(console: ConsoleHub) -> None:
    page, _ = await console.sit(Role.OFFICER)
    await page.keyboard.press("n")
    await page.keyboard.press("8")
    await page.keyboard.type("CAD-ADDRESS")
    field = page.get_by_role("combobox", name="Where")
    await field.press_sequentially("345")
    offers = page.get_by_role("option")
    await expect(offers).to_have_count(2)
    await shot(page, "queue-address")
    await field.press("ArrowDown")
    await expect(offers.nth(1)).to_have_attribute("aria-selected", "true")
    await field.press("ArrowUp")
    await field.press("Enter")
    await expect(field).to_have_value("345 E Capitol St")
    await field.press("Enter")
    await expect(in_hand(page)).to_contain_text("CAD-ADDRESS")


async def test_a_click_on_the_map_is_a_place(console: ConsoleHub) -> None:
    page, _ = await console.sit(Role.OFFICER)
    await page.keyboard.press("n")
    await page.keyboard.press("8")
    await page.keyboard.type("CAD-CLICK")
    canvas = page.locator(".map canvas").first
    await canvas.wait_for()
    for x in (200, 300):
        await canvas.click(position={"x": x, "y": 400})
        await expect(page.get_by_role("combobox", name="Where")).to_have_value(
            re.compile(r"^32\.\d{5}, -90\.\d{5}$")
        )
    await page.get_by_role("button", name="Open and accept").click()
    await expect(in_hand(page)).to_contain_text("CAD-CLICK")


async def test_a_wide_circle_waits_until_a_supervisor_agrees(console: ConsoleHub) -> None:
    (page, me), (boss, _) = await console.sit(Role.OFFICER), await console.sit(Role.SUPERVISOR)
    await page.keyboard.press("n")
    await page.keyboard.press("2")
    await page.keyboard.type("CAD-WIDE")
    await page.get_by_role("combobox", name="Where").fill("32.3038, -90.1821")
    await page.get_by_role("textbox", name="Radius in metres").fill("1100")
    await expect(page.get_by_role("group", name="Wider than 800 m")).to_be_visible()
    await page.get_by_role("textbox", name="Radius in metres").press("Enter")
    await expect(in_hand(page)).to_contain_text("800 of 1100 m")
    await expect(in_hand(page)).to_contain_text("asked: wider than 800 m")
    asked = boss.locator("button.row.approval", has_text="CAD-WIDE")
    await expect(asked).to_contain_text(f"by {me}")
    await boss.keyboard.press("p")
    dialog = boss.get_by_role("dialog", name="Approvals")
    decision = dialog.get_by_role("listitem").filter(has_text="CAD-WIDE")
    await expect(decision).to_contain_text("Circle of 1100 m; 800 m without you")
    await decision.get_by_role("button", name="Approve").click()
    await expect(decision).to_contain_text("Give a reason")
    await shot(boss, "supervisor-approvals")
    await decision.get_by_role("textbox", name="Reason").fill("Shots were heard twice")
    await boss.keyboard.press("Tab")
    await boss.keyboard.press("Enter")
    await expect(dialog).not_to_contain_text("CAD-WIDE")
    await boss.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(in_hand(page)).to_contain_text("agreed to 1100 m")
    assert await console.whole.entries(EntryKind.APPROVAL)


async def test_broken_glass_is_reviewed(console: ConsoleHub) -> None:
    (page, me), (boss, _) = await console.sit(Role.OFFICER), await console.sit(Role.SUPERVISOR)
    wide = {"reference": "CAD-GLASS", "radius_m": 800}
    await console.whole.incident(**wide)
    await row(page, "CAD-GLASS").click()
    await in_hand(page).get_by_role("button", name="Break glass").click()
    dialog = page.get_by_role("dialog", name="Break the glass")
    await dialog.get_by_role("textbox").fill("now")
    await dialog.get_by_role("button", name="Break the glass").click()
    await expect(dialog).to_contain_text("at least 20 characters")
    await shot(page, "incident-glass")
    await dialog.get_by_role("textbox").fill(REASON)
    await dialog.get_by_role("button", name="Break the glass").click()
    await expect(in_hand(page)).to_contain_text("agreed to 800 m")
    await boss.get_by_role("button", name=re.compile("Reviews [1-9]")).wait_for()
    await boss.keyboard.press("w")
    # The hub may have found something else to review in what the other tests did.
    await boss.get_by_role("button", name="Glass was broken").first.click()
    sheet = boss.get_by_role("article")
    await expect(sheet).to_contain_text("Glass was broken")
    await expect(sheet).to_contain_text(f"About {me}")
    await expect(sheet).to_contain_text("CAD-GLASS")
    await boss.get_by_role("button", name="Sign", exact=True).click()
    await expect(sheet).to_contain_text("Say what you found.")
    await sheet.get_by_role("radio", name="Justified").check()
    await sheet.get_by_role("textbox").fill("The report of the call bears it out.")
    await shot(boss, "supervisor-reviews")
    await boss.get_by_role("button", name="Sign", exact=True).click()
    await expect(notice(boss, "The review is signed.")).to_be_attached()
    await boss.get_by_role("radio", name="Signed").check()
    await expect(sheet).to_contain_text("Signed by")
    await expect(sheet).to_contain_text("The report of the call bears it out.")


async def test_units_are_told_then_the_incident_is_closed(console: ConsoleHub) -> None:
    page, me = await console.sit(Role.OFFICER)
    id_ = await console.whole.incident(reference="CAD-UNITS")
    await row(page, "CAD-UNITS").click()
    await expect(in_hand(page)).to_contain_text("CAD-UNITS")
    seen = {"lat": 32.3041, "lon": -90.1825, "note": "runs"}
    assert (await console.whole.ask("POST", f"incidents/{id_}/sightings", seen)).status == 201
    await page.keyboard.press("d")
    form = page.get_by_role("form", name="Describe to units")
    await page.keyboard.type("tall man")
    for words in ("short dark hair", "red hoodie", "white", "Ford F-150", "hka 1234"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(words)
    await form.get_by_role("combobox", name="Heading").select_option("ne")
    text = form.get_by_role("textbox", name="What units get")
    await expect(text).to_have_value(re.compile(r"Person: tall man, short dark hair, red hoodie"))
    await expect(text).to_have_value(re.compile(r"plate HKA 1234\nHeading: north-east\nLast seen"))
    await shot(page, "incident-describe")
    await form.get_by_role("textbox", name="Plate").press("Control+Enter")
    await expect(form).to_contain_text("Told before")
    await expect(form.locator(".told")).to_contain_text(me)
    await shot(page, "incident-told")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Shift+C")
    asking = page.get_by_role("dialog", name="Close")
    await expect(asking).to_contain_text("This ends for everybody")
    await shot(page, "incident-close")
    await asking.get_by_role("button", name="Close", exact=True).click()
    summary = page.get_by_role("dialog", name="Summary of")
    await expect(summary).to_contain_text("red hoodie")
    await expect(summary).to_contain_text("runs")
    await expect(in_hand(page)).to_have_count(0)
    await shot(page, "incident-summary")
    await page.keyboard.press("Escape")
    await expect(row(page, "CAD-UNITS")).to_have_count(1)
    await page.get_by_text("Over lately").click()
    await row(page, "CAD-UNITS").click()
    await expect(summary).to_contain_text("red hoodie")


async def test_one_that_another_closes_goes_out_of_hand(console: ConsoleHub) -> None:
    page, _ = await console.sit(Role.OFFICER)
    id_ = await console.whole.incident(reference="CAD-OVER")
    await row(page, "CAD-OVER").click()
    await expect(in_hand(page)).to_contain_text("CAD-OVER")
    assert (await console.whole.ask("POST", f"incidents/{id_}/close")).status == 200
    await expect(notice(page, "cannot be looked at any more")).to_contain_text("CAD-OVER")
    await expect(in_hand(page)).to_have_count(0)


async def test_the_queue_is_walked_by_keys_in_spanish(console: ConsoleHub) -> None:
    page, _ = await console.sit(Role.OFFICER, language="es-MX")
    for number in range(3):
        await console.whole.incident(reference=f"CAD-WALK-{number}")
    await expect(row(page, "CAD-WALK-2")).to_contain_text("sin aceptar")
    await page.locator("body").press("j")
    first = page.locator("button.row").first
    await expect(first).to_be_focused()
    await page.keyboard.press("j")
    await expect(page.locator("button.row").nth(1)).to_be_focused()
    await page.keyboard.press("k")
    await expect(first).to_be_focused()
    await shot(page, "queue-spanish")
    reference = await first.locator(".reference").inner_text()
    await page.keyboard.press("Enter")
    await expect(in_hand(page)).to_contain_text(reference)
