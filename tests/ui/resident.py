"""What a resident does with the integration in the frontend, in the resident's language."""

from datetime import datetime, timedelta

from playwright.async_api import Locator

from demo.home_assistant_client import HomeAssistantClient
from demo.hub_client import HubClient
from demo.stack import Stack
from demo.waiting import until
from tests.ui.dialog import Dialog
from tests.ui.frontend import Frontend
from tests.ui.shots import shoot
from tests.ui.words import Words

CAMERA = "Porch camera"
NAME = "Porch"
_CAMERA_STEP = "config_subentries.camera.step"


class Resident:
    """Goes through the flows by the words on the screen, and remembers all that was shown."""

    def __init__(self, frontend: Frontend, words: Words) -> None:
        """Take the window and the language."""
        self.frontend = frontend
        self.words = words
        self.seen: list[str] = []

    async def enrol(self, stack: Stack, city: str) -> None:
        """Add the integration: the address, a mistyped code, the code, and the city's rules."""
        dialog = await self.frontend.add_integration()
        await self._read(dialog, self.words("config.step.user.title"))
        await dialog.fill(self.words("config.step.user.data.url"), stack.hub.url)
        code = self.words("config.step.user.data.code")
        await dialog.fill(code, "NOT A CODE")
        await dialog.submit()
        await dialog.shows(self.words("config.error.code_malformed"))
        await dialog.fill(code, await stack.hub.new_code())
        await dialog.submit()
        await self._read(dialog, city)
        await self._shoot("city", dialog.window)
        accept = self.words("config.step.city.data.accept")
        await dialog.fill(self.words("config.step.city.data.accepted_by"), "Ada Resident")
        await dialog.toggle(accept)
        await self._shoot("accept", dialog.window)
        await dialog.toggle(accept)
        await dialog.submit()
        await dialog.shows(self.words("config.error.not_accepted"))
        await dialog.toggle(accept)
        await dialog.submit()

    async def share(self) -> None:
        """Share a first camera, which the integration goes on with by itself."""
        dialog = Dialog(self.frontend.page)
        await self._read(dialog, self._word("user.title"))
        await dialog.pick(self._word("user.data.entity_id"), CAMERA)
        await dialog.submit()
        await self._read(dialog, self._word("settings.title").format(camera=CAMERA))
        await dialog.fill(self._word("settings.data.name"), NAME)
        await self._shoot("settings", dialog.window)
        await dialog.tick(self.words("selector.precision.options.exact"))
        await dialog.map_drawn()
        await self._shoot("place", dialog.window)
        await dialog.submit()
        await self._preview(dialog)
        await self._shoot("preview", dialog.window)
        await self._accept(dialog)

    async def change_hours(self, start: datetime | None) -> None:
        """Share for an hour from that time on each day, or at any time."""
        dialog = await self.frontend.reconfigure(
            self.words("config_subentries.camera.initiate_flow.reconfigure")
        )
        await self._read(dialog, self._word("settings.title").format(camera=CAMERA))
        await dialog.tick(self.words(f"selector.hours.options.{'chosen' if start else 'any'}"))
        await dialog.submit()
        if start:
            await self._read(dialog, self._word("hours.title").format(camera=NAME))
            end = start + timedelta(hours=1)
            await dialog.time(self._word("hours.data.start"), start.hour, start.minute)
            await dialog.time(self._word("hours.data.end"), end.hour, end.minute)
            await dialog.submit()
        await self._preview(dialog)
        await self._accept(dialog)

    async def device(self) -> None:
        """Go to the camera's page."""
        await self.frontend.device(NAME)
        await self.frontend.sees(self.words("entity.sensor.last_look.name"))
        self.seen.append(await self.frontend.text())

    async def switch(self) -> None:
        """Turn the camera's switch there."""
        await self.frontend.switch(self.words("entity.switch.sharing.name"))

    async def read_of_look(self, line: str, client: HomeAssistantClient) -> None:
        """Read of a look on the camera's page, which is open; see its picture; read the logbook."""
        await self.frontend.sees(line)
        await _recorded(client, line)
        async with self.frontend.page.expect_response("**/api/image_proxy/**") as picture:
            await self.device()
        assert (await picture.value).ok
        await self.frontend.sees(line)
        self.seen.append(await self.frontend.text())
        events = self.frontend.card(self.words("entity.event.access.name"))
        await self._shoot("device", self.frontend.main, until=events)
        await self.frontend.logbook()
        await self.frontend.sees(line)
        self.seen.append(await self.frontend.text())
        viewed = self.frontend.happened(self.words("entity.binary_sensor.being_viewed.name"))
        await self._shoot("logbook", self.frontend.happenings, until=viewed.last)

    async def _preview(self, dialog: Dialog) -> None:
        await self._read(dialog, self._word("preview.title").format(camera=NAME))
        await dialog.picture_shown()

    async def _accept(self, dialog: Dialog) -> None:
        await dialog.choose(self._word("preview.menu_options.finish"))
        await dialog.finish()

    async def _read(self, dialog: Dialog, title: str) -> None:
        await dialog.at(title)
        self.seen.append(await dialog.text())

    async def _shoot(self, name: str, shown: Locator, until: Locator | None = None) -> None:
        if self.words.language == "en":
            await shoot(name, shown, until)

    def _word(self, path: str) -> str:
        return self.words(f"{_CAMERA_STEP}.{path}")


async def _recorded(client: HomeAssistantClient, line: str) -> None:
    """Wait until the database has the line.

    Home Assistant does not show what is not there yet in a page that is opened meanwhile, if it is
    the first event of its kind.
    """

    async def found() -> bool:
        return any(
            line in row.get("message", "") for row in await client.ask("GET", "/api/logbook")
        )

    await until(found, "the recorder does not have the look", 30)


async def look(operator: HubClient, place: tuple[float, float], reference: str) -> None:
    """Look through the only camera around a place, as an operator does."""
    incident = await operator.open_incident(*place, 400, "robbery", reference)
    [camera] = await operator.cameras(incident)
    taken = await operator.look(incident, camera["camera"])
    assert taken.ok, taken.problem
