"""A resident lends a camera in Home Assistant's own user interface, and takes it back."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from demo.home_assistant import Household
from demo.hub_client import HubClient
from demo.stack import Stack
from tests.ui.conftest import CAMERA, LIMIT
from tests.ui.dialog import Dialog
from tests.ui.frontend import Frontend
from tests.ui.shots import shoot
from tests.ui.words import Words

NAME = "Porch"
HOME = (Household.latitude, Household.longitude)
ZONE = ZoneInfo("America/Chicago")
REFERENCE = "CAD-26-114509"
words = Words("en")
step = "config_subentries.camera.step"


async def test_a_camera_is_lent_and_taken_back(
    stack: Stack, operator: HubClient, frontend: Frontend
) -> None:
    await frontend.sign_in()
    await _enrol(stack, operator, await frontend.add_integration())
    await _share(frontend)
    await _live(operator)

    await frontend.device(NAME)
    for entity in ("Sharing", "Being viewed", "Last look", "Looks this month", "Grant ends"):
        await frontend.sees(entity)

    await _hours(frontend, datetime.now(ZONE) + timedelta(hours=2))
    await _gone(operator, "outside its hours it is still live")
    await _hours(frontend, None)
    await _live(operator)

    await frontend.device(NAME)
    await frontend.switch(words("entity.switch.sharing.name"))
    await _gone(operator, "switched off, it is still live")
    await frontend.switch(words("entity.switch.sharing.name"))
    await _live(operator)

    await _look(operator)
    await frontend.sees(re.compile(f"Robbery.*{REFERENCE}"))
    await shoot(frontend.page, "device")
    await frontend.logbook()
    await frontend.sees(re.compile(f"Robbery.*{REFERENCE}"))
    await shoot(frontend.page, "logbook")

    await frontend.remove()
    await _gone(operator, "removed, it is still live")


async def _enrol(stack: Stack, operator: HubClient, dialog: Dialog) -> None:
    url, code = words("config.step.user.data.url"), words("config.step.user.data.code")
    await dialog.at(words("config.step.user.title"))
    await dialog.fill(url, stack.hub.url)
    await dialog.fill(code, "NOT A CODE")
    await dialog.submit()
    await dialog.shows(words("config.error.code_malformed"))
    await dialog.fill(code, await stack.hub.new_code())
    await dialog.submit()

    city = await operator.ask("GET", "/api/v1/city")
    await dialog.at(city["name"])
    shown = await dialog.text()
    assert stack.hub.facts["fingerprint"] in shown
    assert all(rule["name"]["en"] in shown for rule in city["policy"]["kinds"].values())
    assert "costs you nothing" in shown
    await shoot(dialog.page, "city")
    await dialog.fill(words("config.step.city.data.accepted_by"), "Ada Resident")
    await dialog.submit()
    await dialog.shows(words("config.error.not_accepted"))
    await dialog.toggle(words("config.step.city.data.accept"))
    await dialog.submit()


async def _share(frontend: Frontend) -> None:
    dialog = await Dialog(frontend.page).at(words(f"{step}.user.title"))
    await dialog.pick(words(f"{step}.user.data.entity_id"), CAMERA)
    await dialog.submit()
    await dialog.at(CAMERA)
    await dialog.fill(words(f"{step}.settings.data.name"), NAME)
    await dialog.tick(words("selector.precision.options.exact"))
    await dialog.map_drawn()
    await shoot(dialog.page, "settings")
    await dialog.submit()
    await dialog.at(words(f"{step}.preview.title").format(camera=NAME))
    await dialog.picture_shown()
    await shoot(dialog.page, "preview")
    await dialog.choose(words(f"{step}.preview.menu_options.finish"))
    await dialog.shows(NAME)
    await dialog.finish()


async def _hours(frontend: Frontend, start: datetime | None) -> None:
    """Let the camera be shared for an hour from that time on each day, or always."""
    dialog = await frontend.reconfigure(words("config_subentries.camera.initiate_flow.reconfigure"))
    await dialog.at(CAMERA)
    await dialog.tick(words(f"selector.hours.options.{'chosen' if start else 'any'}"))
    await dialog.submit()
    if start:
        await dialog.at(words(f"{step}.hours.title").format(camera=NAME))
        end = start + timedelta(hours=1)
        await dialog.time(words(f"{step}.hours.data.start"), start.hour, start.minute)
        await dialog.time(words(f"{step}.hours.data.end"), end.hour, end.minute)
        await dialog.submit()
    await dialog.at(words(f"{step}.preview.title").format(camera=NAME))
    await dialog.choose(words(f"{step}.preview.menu_options.finish"))
    await dialog.finish()


async def _look(operator: HubClient) -> None:
    incident = await operator.open_incident(*HOME, 400, "robbery", REFERENCE)
    [camera] = await operator.cameras(incident)
    look = await operator.look(incident, camera["camera"])
    assert look.ok, look.problem


async def _live(operator: HubClient) -> None:
    await operator.live(
        HOME, lambda live: [one["name"] for one in live] == [NAME], "not live", LIMIT
    )


async def _gone(operator: HubClient, what: str) -> None:
    await operator.live(HOME, lambda live: not live, what, LIMIT)
