"""The life of a shared camera in Home Assistant: renamed, reloaded, disabled, gone, back."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import issues
from custom_components.jackson_rtcc.protocol.grant import Grant, Revocation
from tests.integration.cameras import PICTURE, FakeCamera, jpeg
from tests.integration.city import City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol
from tests.integration.repairing import begin_fix, go_on_fixing, issue
from tests.integration.test_camera_flow import FINISH, SETTINGS, go_on, suggested

CAMERA = "c0ffee00c0ffee00"
SUBENTRY = f"subentry-{CAMERA[:6]}"
CAMERA_GONE = f"camera_gone_{SUBENTRY}"
SCHEDULE_GONE = f"schedule_gone_{SUBENTRY}"


async def again(city: City, home: MockConfigEntry, word: Grant | Revocation) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA, word.seq)


async def test_renamed(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """Its registry id stays, so nothing of it changes, and its state is still followed."""
    grant = city.word(home.data["home"], CAMERA)
    assert isinstance(grant, Grant)
    er.async_get(hass).async_update_entity("camera.porch", new_entity_id="camera.door")
    await hass.async_block_till_done()
    assert issue(hass, CAMERA_GONE) is None
    reply = await city.look(await again_or_same(city, home))
    assert reply.picture is not None
    assert reply.picture.data == PICTURE
    hass.states.async_set("camera.door", "unavailable")
    await city.until_revoked(home.data["home"], CAMERA)


async def again_or_same(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


async def test_reloaded(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    (entry,) = hass.config_entries.async_entries("test")
    assert await hass.config_entries.async_unload(entry.entry_id)
    revoked = await city.until_revoked(home.data["home"], CAMERA)
    assert issue(hass, CAMERA_GONE) is None
    assert await hass.config_entries.async_setup(entry.entry_id)
    grant = await again(city, home, revoked)
    assert (await city.look(grant)).picture is not None


async def test_disabled(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    (entry,) = hass.config_entries.async_entries("test")
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    revoked = await city.until_revoked(home.data["home"], CAMERA)
    await hass.async_block_till_done()
    raised = issue(hass, CAMERA_GONE)
    assert raised is not None
    assert raised.is_fixable
    assert raised.translation_placeholders == {"camera": "Porch"}
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await again(city, home, revoked)
    assert issue(hass, CAMERA_GONE) is None


async def test_deleted_and_back(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    registered = registry.async_get("camera.porch")
    assert registered is not None
    registry.async_remove("camera.porch")
    revoked = await city.until_revoked(home.data["home"], CAMERA)
    await hass.async_block_till_done()
    assert issue(hass, CAMERA_GONE)
    # The same camera gets its old registry entry back.
    (entry,) = hass.config_entries.async_entries("test")
    await hass.config_entries.async_reload(entry.entry_id)
    await again(city, home, revoked)
    assert issue(hass, CAMERA_GONE) is None


async def test_gone_before_the_start(hass: HomeAssistant, city: City, camera: FakeCamera) -> None:
    entry = await enrol(hass, city, [subentry(share_data(hass))])
    er.async_get(hass).async_remove("camera.porch")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_revoked(entry.data["home"], CAMERA)
    assert issue(hass, CAMERA_GONE)
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def gone(hass: HomeAssistant, city: City, home: MockConfigEntry) -> Revocation:
    er.async_get(hass).async_remove("camera.porch")
    revoked = await city.until_revoked(home.data["home"], CAMERA)
    await hass.async_block_till_done()
    return revoked


async def test_another_camera_takes_its_place(
    hass: HomeAssistant, city: City, home: MockConfigEntry, gone: Revocation
) -> None:
    (yard,) = await add_cameras(hass, FakeCamera("Yard", "yard"), domain="other")
    yard.image = jpeg(colour="green")
    result = await begin_fix(hass, CAMERA_GONE)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "init")
    result = await go_on_fixing(hass, result, {"next_step_id": "replace"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "replace")
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"
    # Until another one is chosen, the issue stays.
    assert issue(hass, CAMERA_GONE)

    result: Any = hass.config_entries.subentries.async_get(flow_id)
    assert result["step_id"] == "replace"
    result = await go_on(hass, result, {"entity_id": "camera.nowhere"})
    assert result["errors"] == {"entity_id": "not_registered"}
    result = await go_on(hass, result, {"entity_id": "camera.yard"})
    assert result["step_id"] == "settings"
    assert suggested(result)["name"] == "Porch"
    result = await go_on(hass, await go_on(hass, result, SETTINGS | {"name": "Porch"}), FINISH)
    assert result["reason"] == "reconfigure_successful"

    assert issue(hass, CAMERA_GONE) is None
    registered = er.async_get(hass).async_get("camera.yard")
    assert registered is not None
    assert home.subentries[SUBENTRY].unique_id == registered.id
    reply = await city.look(await again(city, home, gone))
    assert reply.picture is not None
    assert reply.picture.data == yard.image


async def test_shared_no_more(hass: HomeAssistant, home: MockConfigEntry, gone: Revocation) -> None:
    result = await begin_fix(hass, CAMERA_GONE)
    result = await go_on_fixing(hass, result, {"next_step_id": "remove"})
    assert result["description_placeholders"] == {"camera": "Porch"}
    result = await go_on_fixing(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert not home.subentries
    assert issue(hass, CAMERA_GONE) is None


@pytest.mark.parametrize("step", ["replace", "remove"])
async def test_the_share_is_removed_while_it_is_fixed(
    hass: HomeAssistant, home: MockConfigEntry, gone: Revocation, step: str
) -> None:
    result = await begin_fix(hass, CAMERA_GONE)
    hass.config_entries.async_remove_subentry(home, SUBENTRY)
    result = await go_on_fixing(hass, result, {"next_step_id": step})
    assert result["reason"] == "gone_already"
    await hass.async_block_till_done()
    assert issue(hass, CAMERA_GONE) is None


async def test_removing_the_share_ends_the_issue(
    hass: HomeAssistant, home: MockConfigEntry, gone: Revocation
) -> None:
    hass.config_entries.async_remove_subentry(home, SUBENTRY)
    await hass.async_block_till_done()
    assert issue(hass, CAMERA_GONE) is None


async def test_fixing_what_is_no_more(hass: HomeAssistant, home: MockConfigEntry) -> None:
    for raised, id_ in (
        (issues.camera_gone, "camera_gone_s"),
        (issues.schedule_gone, "schedule_gone_s"),
    ):
        raised(hass, home.entry_id, "s", "Porch")
        assert (await begin_fix(hass, id_))["reason"] == "gone_already"


# Schedules


@pytest.fixture
async def by_schedule(hass: HomeAssistant, city: City, camera: FakeCamera) -> MockConfigEntry:
    """Set up a home that shares by a schedule helper that is always on."""
    always = [{"from": "00:00:00", "to": "24:00:00"}]
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    config = {"name": "Always", **dict.fromkeys(days, always)}
    assert await async_setup_component(
        hass, "schedule", {"schedule": {"always": config, "spare": config | {"name": "Spare"}}}
    )
    await hass.async_block_till_done()
    schedule = er.async_get(hass).async_get("schedule.always")
    assert schedule is not None
    entry = await enrol(hass, city, [subentry(share_data(hass, schedule=schedule.id))])
    assert await hass.config_entries.async_setup(entry.entry_id)
    grant = await city.until_granted(entry.data["home"], CAMERA)
    er.async_get(hass).async_remove("schedule.always")
    revoked = await city.until_revoked(entry.data["home"], CAMERA)
    assert revoked.seq > grant.seq
    await hass.async_block_till_done()
    assert issue(hass, SCHEDULE_GONE)
    assert issue(hass, CAMERA_GONE) is None
    return entry


@pytest.fixture(autouse=True)
async def no_timers_left(hass: HomeAssistant) -> Any:
    """Remove the helpers, with their timers, which Home Assistant keeps for its whole life."""
    yield
    for entity_id in hass.states.async_entity_ids("schedule"):
        er.async_get(hass).async_remove(entity_id)
    await hass.async_block_till_done()


async def test_another_schedule(
    hass: HomeAssistant, city: City, by_schedule: MockConfigEntry
) -> None:
    result = await begin_fix(hass, SCHEDULE_GONE)
    assert result["step_id"] == "schedule"
    result = await go_on_fixing(hass, result, {"schedule": "schedule.nowhere"})
    assert result["errors"] == {"schedule": "not_a_schedule"}
    result = await go_on_fixing(hass, result, {"schedule": "schedule.spare"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await city.until_granted(by_schedule.data["home"], CAMERA)
    spare = er.async_get(hass).async_get("schedule.spare")
    assert spare is not None
    assert by_schedule.subentries[SUBENTRY].data["schedule"] == spare.id
    assert issue(hass, SCHEDULE_GONE) is None


async def test_without_a_schedule(
    hass: HomeAssistant, city: City, by_schedule: MockConfigEntry
) -> None:
    result = await begin_fix(hass, SCHEDULE_GONE)
    result = await go_on_fixing(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await city.until_granted(by_schedule.data["home"], CAMERA)
    assert by_schedule.subentries[SUBENTRY].data["schedule"] is None


async def test_the_share_is_removed_while_its_schedule_is_fixed(
    hass: HomeAssistant, by_schedule: MockConfigEntry
) -> None:
    result = await begin_fix(hass, SCHEDULE_GONE)
    hass.config_entries.async_remove_subentry(by_schedule, SUBENTRY)
    result = await go_on_fixing(hass, result, {})
    assert result["reason"] == "gone_already"
    await hass.async_block_till_done()
