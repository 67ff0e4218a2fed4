"""The camera subentry flow: sharing a camera and changing how it is shared."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc.protocol.geo import distance_m
from tests.integration.cameras import FakeCamera, LiveOnlyCamera
from tests.integration.city import CAPITOL, City
from tests.integration.conftest import add_cameras
from tests.integration.enrolled import enrol

PLACE = {"latitude": CAPITOL.lat, "longitude": CAPITOL.lon}
FORM: dict[str, Any] = {
    "entity_id": "camera.porch",
    "site": "home",
    "scopes": ["snapshot"],
    "gate": "incident",
    "hours": "any",
    "location": PLACE,
    "precision": "100m",
}
RULES = {key: value for key, value in FORM.items() if key != "entity_id"}


@pytest.fixture
async def bare(hass: HomeAssistant, city: City, camera: FakeCamera) -> MockConfigEntry:
    """Set up a home without cameras."""
    entry = await enrol(hass, city)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_presence(entry.data["home"], b"online")
    await hass.async_block_till_done()
    return entry


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "camera"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    return result


async def go_on(hass: HomeAssistant, result: Any, user_input: dict[str, Any]) -> Any:
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


async def test_share_a_camera(hass: HomeAssistant, city: City, bare: MockConfigEntry) -> None:
    result = await go_on(hass, await begin(hass, bare), FORM)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Porch"
    (subentry,) = bare.subentries.values()
    registered = er.async_get(hass).async_get("camera.porch")
    assert registered is not None
    assert subentry.unique_id == registered.id
    assert dict(subentry.data) == {
        "camera": subentry.data["camera"],
        "entity": registered.id,
        "name": "Porch",
        "site": "home",
        "scopes": ["snapshot"],
        "gate": "incident",
        "hours": None,
        "location": PLACE,
        "precision": 100,
    }
    grant = await city.until_granted(bare.data["home"], subentry.data["camera"])
    assert grant.name == "Porch"
    assert grant.view.accuracy_m == 100
    assert grant.view.place != CAPITOL
    assert distance_m(grant.view.place, CAPITOL) <= 100
    assert hass.states.get("switch.porch_sharing")


async def test_share_at_night(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    form = FORM | {"hours": "chosen", "name": " Front door ", "precision": "exact"}
    result = await go_on(hass, await begin(hass, bare), form)
    assert result["step_id"] == "hours"
    result = await go_on(hass, result, {"days": [], "start": "18:00:00", "end": "06:00:00"})
    assert result["errors"] == {"days": "no_day"}
    result = await go_on(
        hass, result, {"days": ["sun", "fri"], "start": "18:00:00", "end": "06:00:00"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Front door"
    assert result["data"]["hours"] == {
        "days": ["fri", "sun"],
        "start": "18:00:00",
        "end": "06:00:00",
    }
    assert result["data"]["precision"] == 0


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"entity_id": "light.porch"}, {"entity_id": "not_a_camera"}),
        ({"entity_id": "camera.nowhere"}, {"entity_id": "not_registered"}),
        ({"scopes": []}, {"scopes": "no_scope"}),
        ({"name": "x" * 101}, {"name": "name_too_long"}),
        ({"name": "two\nlines"}, {"name": "name_too_long"}),
    ],
)
async def test_errors(
    hass: HomeAssistant, bare: MockConfigEntry, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await go_on(hass, await begin(hass, bare), FORM | changes)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    result = await go_on(hass, result, FORM)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_camera_without_registry_entry(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    await add_cameras(hass, FakeCamera("Yard", unique_id=None), domain="yaml")
    assert hass.states.get("camera.yard")
    result = await go_on(hass, await begin(hass, bare), FORM | {"entity_id": "camera.yard"})
    assert result["errors"] == {"entity_id": "not_registered"}


async def test_registry_id_will_do(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    registered = er.async_get(hass).async_get("camera.porch")
    assert registered is not None
    result = await go_on(hass, await begin(hass, bare), FORM | {"entity_id": registered.id})
    assert result["data"]["entity"] == registered.id


async def test_camera_without_stills(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    await add_cameras(hass, LiveOnlyCamera("Nursery", "nursery"), domain="nest")
    result = await go_on(hass, await begin(hass, bare), FORM | {"entity_id": "camera.nursery"})
    assert result["errors"] == {"entity_id": "no_stills"}


async def test_shared_already(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    await go_on(hass, await begin(hass, bare), FORM)
    result = await go_on(hass, await begin(hass, bare), FORM)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_reconfigure(hass: HomeAssistant, city: City, bare: MockConfigEntry) -> None:
    await go_on(hass, await begin(hass, bare), FORM)
    (subentry,) = bare.subentries.values()
    before = await city.until_granted(bare.data["home"], subentry.data["camera"])

    result = await bare.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    assert result["step_id"] == "reconfigure"
    result = await go_on(hass, result, RULES | {"scopes": []})
    assert result["errors"] == {"scopes": "no_scope"}
    result = await go_on(hass, result, RULES | {"name": "Gate", "gate": "always", "site": "city"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"

    assert subentry.title == "Gate"
    after = await city.until_granted(bare.data["home"], subentry.data["camera"], before.seq)
    assert (after.name, after.gate, after.site) == ("Gate", "always", "city")
    assert after.camera == before.camera


async def test_reconfigure_hours(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    form = FORM | {"hours": "chosen"}
    hours = {"days": ["mon"], "start": "22:00:00", "end": "05:00:00"}
    await go_on(hass, await go_on(hass, await begin(hass, bare), form), hours)
    (subentry,) = bare.subentries.values()

    result = await bare.start_subentry_reconfigure_flow(hass, subentry.subentry_id)
    assert suggested(result)["hours"] == "chosen"
    result = await go_on(hass, result, RULES | {"hours": "chosen"})
    assert result["step_id"] == "hours"
    assert suggested(result) == hours
    await go_on(hass, result, hours | {"end": "06:00:00"})
    assert subentry.data["hours"] == hours | {"end": "06:00:00"}
    assert subentry.data["name"] == "Porch"


def suggested(result: Any) -> dict[str, Any]:
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description and "suggested_value" in key.description
    }
