"""Home Assistant's own frontend in a browser, and the pages of it that a resident goes to."""

import re

from playwright.async_api import Locator, Page, expect

from demo.home_assistant_client import PASSWORD, USER
from tests.ui.dialog import Dialog, text_of

BRAND = "Jackson RTCC"


class Frontend:
    """One person at one browser window."""

    def __init__(self, page: Page, url: str) -> None:
        """Take an empty window and where Home Assistant is."""
        self.page = page
        self.main = page.locator("partial-panel-resolver")
        self.happenings = page.locator("ha-panel-logbook ha-logbook-renderer")
        self._url = url

    async def sign_in(self) -> None:
        """Sign in as the owner."""
        await self.page.goto(self._url)
        await self.page.locator("input[name=username]").fill(USER)
        await self.page.locator("input[name=password]").fill(PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.locator("home-assistant-main").wait_for()

    async def add_integration(self) -> Dialog:
        """Go to Settings, Devices & services, Add integration, and choose ours."""
        await self._devices_and_services()
        await self.page.locator("ha-config-integrations-dashboard ha-button[slot=fab]").click()
        brands = self.page.locator("dialog-add-integration")
        await brands.locator("ha-input-search input").fill(BRAND)
        await brands.get_by_text(BRAND, exact=True).click()
        return Dialog(self.page)

    async def integration(self) -> None:
        """Go to the integration's page."""
        await self._devices_and_services()
        await self.page.locator("ha-integration-card a[href$='/jackson_rtcc']").first.click()

    async def reconfigure(self, words: str) -> Dialog:
        """Press the button of the first camera on the integration's page that has these words."""
        await self.integration()
        await self.page.locator("ha-config-sub-entry-row").get_by_role("button", name=words).click()
        return Dialog(self.page)

    async def device(self, name: str) -> None:
        """Go to a device of the integration by its name, from the integration's page."""
        await self.integration()
        row = self.page.locator("ha-config-entry-device-row").filter(
            has=self.page.get_by_text(name, exact=True)
        )
        await row.click()
        await expect(self.page).to_have_url(re.compile("/config/devices/device/"))

    async def switch(self, name: str) -> None:
        """Turn an entity's switch on the page of its device."""
        row = self.page.locator("hui-toggle-entity-row").filter(
            has=self.page.get_by_text(name, exact=True)
        )
        await row.locator("ha-switch").click()

    async def logbook(self) -> None:
        """Go to what happened in the house."""
        await self.page.locator("ha-sidebar a[href='/logbook']").click()
        await self.happenings.wait_for()

    def card(self, name: str) -> Locator:
        """Return the card of the device's page that has the entity of this name."""
        return self.page.locator("ha-device-entities-card").filter(
            has=self.page.get_by_text(name, exact=True)
        )

    def happened(self, name: str) -> Locator:
        """Return the lines of the logbook about entities of this name."""
        return self.happenings.locator(".entry-container").filter(
            has=self.page.get_by_text(name, exact=True)
        )

    async def remove(self) -> None:
        """Delete the integration's entry by its menu."""
        await self.integration()
        await self.page.locator("ha-config-entry-row ha-dropdown ha-icon-button").first.click()
        await self.page.locator("ha-dropdown-item[value=delete]:visible").click()
        asked = self.page.locator("dialog-box")
        await asked.locator("ha-dialog-footer ha-button").last.click()
        await asked.locator("ha-dialog").wait_for(state="detached")

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait for a text anywhere on the page."""
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def text(self) -> str:
        """Return everything the window shows."""
        return await text_of(self.page.locator("home-assistant"))

    async def _devices_and_services(self) -> None:
        await self.page.locator("ha-sidebar a[href='/config']").click()
        await self.page.locator("ha-config-dashboard a[href='/config/integrations']").click()
