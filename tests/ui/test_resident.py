"""A resident lends a camera in Home Assistant's own user interface, and takes it back."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.home_assistant import Household
from demo.hub_client import HubClient
from demo.stack import Stack
from tests.ui.conftest import LIMIT
from tests.ui.frontend import Frontend
from tests.ui.resident import NAME, Resident, look
from tests.ui.words import Words

HOME = (Household.latitude, Household.longitude)
ZONE = ZoneInfo("America/Chicago")
REFERENCE = "CAD-26-114509"
ENGLISH, SPANISH = Words("en"), Words("es")


async def test_a_camera_is_lent_and_taken_back(
    stack: Stack, operator: HubClient, frontend: Frontend
) -> None:
    city = await operator.ask("GET", "/api/v1/city")
    resident = Resident(frontend, ENGLISH)
    await frontend.sign_in()
    await resident.enrol(stack, city["name"])
    shown = resident.seen[-1]
    assert stack.hub.facts["fingerprint"] in shown
    assert all(rule["name"]["en"] in shown for rule in city["policy"]["kinds"].values())
    assert _lines(city["waiver"]["text"]["en"]) <= set(shown.splitlines())
    await resident.share()
    await _live(operator)

    await resident.change_hours(datetime.now(ZONE) + timedelta(hours=2))
    await _gone(operator, "outside its hours it is still live")
    await resident.change_hours(None)
    await _live(operator)

    await resident.device()
    await resident.switch()
    await _gone(operator, "switched off, it is still live")
    await resident.switch()
    await _live(operator)

    await look(operator, HOME, REFERENCE)
    await resident.read_of_look(f"Robbery, {REFERENCE}", stack.home_assistant.client)

    await frontend.remove()
    await _gone(operator, "removed, it is still live")
    assert SPANISH.strangers(ENGLISH, "\n".join(resident.seen))


@pytest.mark.usefixtures("in_spanish")
async def test_nothing_falls_back_to_english(
    stack: Stack, operator: HubClient, frontend: Frontend
) -> None:
    city = await operator.ask("GET", "/api/v1/city")
    resident = Resident(frontend, SPANISH)
    await frontend.sign_in()
    await resident.enrol(stack, city["name"])
    shown = resident.seen[-1]
    assert all(rule["name"]["es"] in shown for rule in city["policy"]["kinds"].values())
    assert _lines(city["waiver"]["text"]["es"]) <= set(shown.splitlines())
    await resident.share()
    await resident.change_hours(datetime.now(ZONE) - timedelta(minutes=10))
    await _live(operator)
    await resident.device()
    await look(operator, HOME, REFERENCE)
    kind = city["policy"]["kinds"]["robbery"]["name"]["es"]
    await resident.read_of_look(f"{kind}, {REFERENCE}", stack.home_assistant.client)
    assert SPANISH.strangers(ENGLISH, "\n".join(resident.seen)) == set()


def _lines(text: Any) -> set[str]:
    return {line.strip("-*# ") for line in str(text).splitlines() if line.strip()}


async def _live(operator: HubClient) -> None:
    def ours(live: list[dict[str, Any]]) -> bool:
        return [one["name"] for one in live] == [NAME]

    await operator.live(HOME, ours, "not live", LIMIT)


async def _gone(operator: HubClient, what: str) -> None:
    await operator.live(HOME, lambda live: not live, what, LIMIT)
