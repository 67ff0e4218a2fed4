"""The registration page in a real browser, which minds the page's policy and says where it is."""

from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.hub.conftest import CHECKOUT
from tests.hub.whole import WholeHub

CHROMIUM = CHECKOUT / ".tools/bin/chromium"


@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not in .tools/bin")
async def test_a_resident_registers_in_a_browser(whole: WholeHub, tmp_path: Path) -> None:
    complaints: list[str] = []
    base = str(whole.client.make_url("/")).rstrip("/")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(locale="es-MX")
        page.on("console", lambda message: complaints.append(message.text))
        await page.goto(f"{base}/transparency")
        styled = "getComputedStyle(document.querySelector('main h1')).lineHeight"
        assert await page.evaluate(styled) != "normal"
        await page.goto(f"{base}/register")
        assert await page.locator("html").get_attribute("lang") == "es"
        await page.get_by_text("English").click()
        for label, text in (
            ("Your name", "Ann Example"),
            ("Address of the cameras", "12 Farish St"),
            ("Telephone", "601 555 0100"),
        ):
            await page.get_by_label(label).fill(text)
        await page.get_by_label("What kind of place is it?").select_option("business")
        await page.screenshot(path=tmp_path / "register.png", full_page=True)
        await page.get_by_role("button", name="Register").click()
        await page.get_by_role("heading", name="Thank you").wait_for()
        await browser.close()
    (one,) = (await whole.ask("GET", "registrations")).json["registrations"]
    assert (one["name"], one["site"]) == ("Ann Example", "business")
    assert complaints == []
