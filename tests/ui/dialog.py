"""A flow's dialog in Home Assistant's frontend, used as a person does: by the words in it."""

import re
from typing import Self

from playwright.async_api import Locator, Page, expect

# What is there in the order of the page; Playwright's own text leaves shadow roots out. A worker
# turns Markdown into elements, so it comes a little later than the rest.
_TEXT = """
async element => {
  let lines, waiting, frames = 600;
  const silent = new Set(['STYLE', 'SCRIPT', 'SVG']);
  const walk = node => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent.trim();
      if (text) lines.push(text);
    } else if (node.nodeType === Node.ELEMENT_NODE && !silent.has(node.tagName.toUpperCase())) {
      if (node.tagName === 'HA-MARKDOWN-ELEMENT' && !node.childNodes.length) waiting = true;
      const slotted = node.tagName === 'SLOT' ? node.assignedNodes() : [];
      (slotted.length ? slotted : (node.shadowRoot || node).childNodes).forEach(walk);
    }
  };
  do {
    await new Promise(requestAnimationFrame);
    [lines, waiting] = [[], false];
    walk(element);
  } while (waiting && frames--);
  return lines.join('\\n');
}
"""


async def text_of(locator: Locator) -> str:
    """Return all text inside, shadow roots too, one line for each piece."""
    return str(await locator.evaluate(_TEXT))


class Dialog:
    """The dialog of one config or subentry flow."""

    def __init__(self, page: Page) -> None:
        """Take the page that shows it."""
        self.page = page
        self.root = page.locator("dialog-data-entry-flow")
        self.window = self.root.locator("dialog")

    async def at(self, title: str) -> Self:
        """Wait for the step of this title."""
        await expect(self.root.locator(".dialog-title")).to_have_text(title)
        return self

    async def text(self) -> str:
        """Return what the step says, its title included."""
        return await text_of(self.root)

    async def shows(self, text: str) -> None:
        """Wait for a text."""
        await expect(self.root.get_by_text(text).first).to_be_visible()

    async def fill(self, label: str, value: str) -> None:
        """Type into a text field."""
        field = self.root.get_by_role("textbox", name=label)
        await field.fill(value)
        await expect(field).to_have_value(value)

    async def tick(self, option: str) -> None:
        """Choose one of several options that are all in sight."""
        await self.root.get_by_text(option, exact=True).click()

    async def toggle(self, label: str) -> None:
        """Turn a switch."""
        await self.field(label).locator("ha-switch").click()

    async def pick(self, label: str, name: str) -> None:
        """Pick an entity."""
        await self.field(label).locator("ha-generic-picker").click()
        choices = self.root.locator("ha-picker-combo-box")
        # The list forgets a choice made while it is still opening.
        await expect(choices.locator("input")).to_be_focused()
        await choices.get_by_text(name, exact=True).click()
        # The field takes the choice only once its list is closed.
        await choices.wait_for(state="detached")

    async def time(self, label: str, hours: int, minutes: int) -> None:
        """Set a time of day, which the frontend asks for in the person's way of writing it."""
        field = self.field(label)
        await field.locator("input[name=hours]").wait_for()
        half = field.locator("ha-select")
        if await half.count():
            await half.click()
            await half.get_by_text("PM" if hours >= 12 else "AM", exact=True).last.click()
            hours = (hours + 11) % 12 + 1
        for part, value in (("hours", hours), ("minutes", minutes)):
            await field.locator(f"input[name={part}]").fill(str(value))

    def field(self, label: str) -> Locator:
        """Return the field that has this label."""
        # Some kinds of field put a star after the label of what must be filled in.
        shown = re.compile(rf"^{re.escape(label)}\s*\*?$")
        return self.root.locator("ha-form ha-selector").filter(has=self.page.get_by_text(shown))

    async def submit(self) -> None:
        """Press the button that goes on."""
        await self.root.locator("ha-dialog-footer ha-button").last.click()

    async def choose(self, option: str) -> None:
        """Choose from a menu step."""
        await self.root.locator("step-flow-menu").get_by_text(option, exact=True).click()

    async def finish(self) -> None:
        """Press the last button, and wait until the dialog is gone."""
        await self.submit()
        await self.root.locator("ha-dialog").wait_for(state="detached")

    async def map_drawn(self) -> None:
        """Wait for the map, and bring it into view."""
        place = self.root.locator("ha-selector-location ha-map")
        await place.scroll_into_view_if_needed()
        await expect(place).to_have_js_property("_mapDrawn", value=True)
        await expect(place.locator("canvas")).to_be_visible()

    async def picture_shown(self) -> None:
        """Wait for a picture that has really been loaded."""
        picture = self.root.locator("ha-markdown-element img")
        await picture.wait_for()
        await expect(picture).to_have_js_property("complete", value=True)
        assert await picture.evaluate("picture => picture.naturalWidth")
