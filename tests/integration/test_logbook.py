"""The logbook tells in plain words who looked: read as the frontend reads it, from a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.request import Operator
from custom_components.jackson_rtcc.protocol.vocabulary import Role, Scope
from tests.integration.cameras import FakeCamera
from tests.integration.city import City

CAMERA = "c0ffee00c0ffee00"


@pytest.fixture
async def mock_recorder_before_hass(async_test_recorder: Any) -> None:
    """Let the recorder be there before Home Assistant."""


@pytest.fixture
async def grant(
    recorder_mock: Recorder, hass: HomeAssistant, city: City, home: MockConfigEntry
) -> Grant:
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()
    return await city.until_granted(home.data["home"], CAMERA)


async def lines(hass: HomeAssistant, client: Any, city: City) -> list[dict[str, Any]]:
    """Return the lines about looks."""
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)
    await client.send_json_auto_id(
        {
            "type": "logbook/get_events",
            "start_time": (city.now - timedelta(minutes=5)).isoformat(),
        }
    )
    answer = await client.receive_json()
    assert answer["success"]
    return [line for line in answer["result"] if line.get("domain") == "jackson_rtcc"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            [
                "Officer o1 looked: Robbery, CAD-1",
                "Officer o1 was refused (there was no grant for it): Robbery, CAD-1",
                "Officer o2 got nothing (the camera gave no picture): Robbery, CAD-1",
            ],
        ),
        (
            "es",
            [
                "Agente o1 miró: Robo, CAD-1",
                "Agente o1 fue rechazado (no había permiso para ello): Robo, CAD-1",
                "Agente o2 no obtuvo nada (la cámara no dio ninguna imagen): Robo, CAD-1",
            ],
        ),
    ],
)
async def test_lines(
    grant: Grant,
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    city: City,
    camera: FakeCamera,
    language: str,
    expected: list[str],
) -> None:
    # As Home Assistant does at its start.
    translation.async_setup(hass)
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()
    await city.look(grant)
    await city.look(grant, grant="another")
    camera.image = None
    # The same operator would get the same picture again.
    await city.look(grant, operator=Operator(pseudonym="o2", role=Role.OFFICER))
    found = await lines(hass, await hass_ws_client(), city)
    assert [line["message"] for line in found] == expected
    assert {line["name"] for line in found} == {"Porch"}
    assert {line["entity_id"] for line in found} == {"event.porch_access"}


@pytest.mark.parametrize(("seconds", "suffix"), [(0, ""), (75, ", for 0:01:15")])
async def test_how_long(
    grant: Grant,
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    city: City,
    home: MockConfigEntry,
    seconds: int,
    suffix: str,
) -> None:
    """A line tells how long the look was, when it is over and while the home is there."""
    request = city.request(grant)
    await city.ask(request)
    await city.reply(request)
    receipt = await city.receipt(request, seconds=seconds)
    await city.send_receipt(receipt)
    await city.acknowledged(receipt)
    (line,) = await lines(hass, await hass_ws_client(), city)
    assert line["message"] == f"Officer o1 looked: Robbery, CAD-1{suffix}"
    await hass.config_entries.async_unload(home.entry_id)
    (line,) = await lines(hass, await hass_ws_client(), city)
    assert line["message"] == "Officer o1 looked: Robbery, CAD-1"


async def test_a_camera_that_is_not_shared(
    grant: Grant,
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    city: City,
    home: MockConfigEntry,
) -> None:
    await city.look(grant, camera="0123456789abcdef")
    (line,) = await lines(hass, await hass_ws_client(), city)
    assert line["name"] == home.title
    assert "entity_id" not in line
    assert "there was no grant for it" in line["message"]


async def test_live_video_begins_and_ends(
    grant: Grant,
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    city: City,
    home: MockConfigEntry,
) -> None:
    ledger = home.runtime_data.ledger
    await city.look(grant)
    (still,) = ledger.looks
    live = replace(still, id="live", action=Scope.STREAM)
    ledger.record(live, dt_util.get_default_time_zone())
    ledger.finish("live", seconds=75, reason="closed")
    _, began, ended = await lines(hass, await hass_ws_client(), city)
    assert began["message"] == "Officer o1 watched live: Robbery, CAD-1, for 0:01:15"
    assert ended["message"] == (
        "Officer o1 no longer watches live (the operator stopped, or the city ended it): "
        "Robbery, CAD-1, for 0:01:15"
    )
