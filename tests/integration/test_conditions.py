"""Schedule helpers and presence: what they allow, at once when they change, and never in doubt."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.jackson_rtcc.conditions import anybody_tracked, nobody_home
from custom_components.jackson_rtcc.protocol.grant import Grant, Revocation
from tests.integration.cameras import FakeCamera
from tests.integration.test_capabilities import registry_id
from tests.integration.test_shares import HOUR, MINUTE, NIGHT, NOON, Bench, bench

__all__ = ["bench"]

TRACKED = {"device_trackers": ["device_tracker.phone"]}
AFTERNOON = {
    "schedule": {
        "afternoon": {
            "name": "Afternoon",
            "monday": [{"from": "13:00:00", "to": "16:30:00"}],
            "tuesday": [{"from": "22:00:00", "to": "24:00:00"}],
            "wednesday": [{"from": "00:00:00", "to": "02:00:00"}],
        }
    }
}


@pytest.fixture
async def afternoon(bench: Bench) -> AsyncGenerator[str]:
    """Set up a schedule helper of Home Assistant's own; return its registry id."""
    assert await async_setup_component(bench.hass, "schedule", AFTERNOON)
    await bench.hass.async_block_till_done()
    yield registry_id(bench.hass, "schedule.afternoon")
    # Its own timer ends with its entity.
    er.async_get(bench.hass).async_remove("schedule.afternoon")
    await bench.hass.async_block_till_done()


async def test_by_schedule(bench: Bench, afternoon: str) -> None:
    """Monday, 12:00: minute by minute until the evening, the grants are within the helper's."""
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon)})
    assert bench.said == []
    begins, ends = NOON + HOUR, NOON + 4.5 * HOUR
    at = NOON
    while at < NOON + 6 * HOUR:
        at += MINUTE
        await bench.at(at)
        grant = bench.shares.grant("s")
        assert (grant is not None) is (begins <= at < ends), at
        if grant is not None:
            assert begins <= grant.starts <= at < grant.ends <= ends
    assert isinstance(bench.said[-1], Revocation)


async def test_over_midnight(bench: Bench, afternoon: str) -> None:
    """A helper's ranges end at midnight; ours go on with the next day's."""
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon)})
    tuesday = NOON + 24 * HOUR
    for hours, on in (
        (9.9, False),
        (10, True),
        (11.9, True),
        (12.1, True),
        (13.9, True),
        (14, False),
    ):
        await bench.at(tuesday + hours * HOUR)
        assert (bench.shares.grant("s") is not None) is on, hours


async def test_both_must_allow(bench: Bench, afternoon: str) -> None:
    two_to_six = replace(NIGHT, start=time(14), end=time(18))
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon, hours=two_to_six)})
    for hours, on in ((1.5, False), (2, True), (4.4, True), (4.5, False), (5, False)):
        await bench.at(NOON + hours * HOUR)
        assert (bench.shares.grant("s") is not None) is on, hours


async def test_a_changed_schedule_revokes_at_once(bench: Bench, afternoon: str) -> None:
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon), "t": other(bench)})
    await bench.at(NOON + 2 * HOUR)
    assert isinstance(bench.shares.grant("s"), Grant)
    untouched = bench.shares.grant("t")
    bench.hass.states.async_set("schedule.afternoon", "off")
    assert isinstance(bench.said[-1], Revocation)
    assert bench.said[-1].camera == bench.share.camera
    assert bench.shares.grant("s") is None
    assert bench.shares.grant("t") == untouched


def other(bench: Bench) -> Any:
    return replace(bench.share, camera="c2")


@pytest.mark.parametrize("state", ["unavailable", "unknown", "off", None])
async def test_a_schedule_in_doubt_is_off(bench: Bench, afternoon: str, state: str | None) -> None:
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon)})
    await bench.at(NOON + 2 * HOUR)
    assert bench.shares.grant("s")
    if state is None:
        bench.hass.states.async_remove("schedule.afternoon")
    else:
        bench.hass.states.async_set("schedule.afternoon", state)
    assert bench.shares.grant("s") is None


async def test_a_schedule_without_next_event(bench: Bench, afternoon: str) -> None:
    bench.hass.states.async_set("schedule.afternoon", "on", {"next_event": "never"})
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon)})
    assert bench.last.ends == NOON + HOUR


async def test_a_late_schedule_does_not_prolong(
    bench: Bench, afternoon: str, freezer: FrozenDateTimeFactory
) -> None:
    """The clock is set forward, and the helper has not noticed yet."""
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon)})
    await bench.at(NOON + 2 * HOUR)
    freezer.move_to(NOON + 5 * HOUR)
    bench.shares.settle()
    assert isinstance(bench.said[-1], Revocation)


async def test_sharing_for_a_while_overrides_the_schedule(bench: Bench, afternoon: str) -> None:
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon)})
    await bench.shares.share_for("s", 10 * MINUTE)
    assert bench.last.ends == NOON + 10 * MINUTE


async def test_a_renamed_schedule_is_followed(bench: Bench, afternoon: str) -> None:
    er.async_get(bench.hass).async_update_entity(
        "schedule.afternoon", new_entity_id="schedule.later"
    )
    await bench.hass.async_block_till_done()
    bench.shares.apply({"s": replace(bench.share, schedule=afternoon)})
    await bench.at(NOON + 2 * HOUR)
    assert bench.shares.grant("s")
    bench.hass.states.async_set("schedule.later", "off")
    assert bench.shares.grant("s") is None
    er.async_get(bench.hass).async_update_entity(
        "schedule.later", new_entity_id="schedule.afternoon"
    )


# Presence


@pytest.fixture
def away(hass: HomeAssistant) -> None:
    hass.states.async_set("zone.home", "0")
    hass.states.async_set("person.ada", "not_home", TRACKED)


@pytest.mark.parametrize(
    ("entity_id", "state", "attributes"),
    [
        ("person.ada", "home", TRACKED),
        ("person.ada", "unknown", TRACKED),
        ("person.ada", "unavailable", {}),
        ("person.bob", "home", TRACKED),
        ("person.bob", "unavailable", {"restored": True}),
        ("zone.home", "1", {}),
        ("zone.home", "unavailable", {}),
        ("zone.home", "unknown", {}),
        ("person.ada", "not_home", {}),
    ],
)
async def test_somebody_is_or_may_be_home(
    bench: Bench, away: None, entity_id: str, state: str, attributes: dict[str, Any]
) -> None:
    bench.shares.apply({"s": replace(bench.share, nobody_home=True)})
    assert bench.shares.grant("s")
    bench.hass.states.async_set(entity_id, state, attributes)
    assert isinstance(bench.said[-1], Revocation)
    bench.hass.states.async_set("zone.home", "0")
    bench.hass.states.async_set(entity_id, "0" if "zone" in entity_id else "work", TRACKED)
    assert bench.shares.grant("s")


async def test_home_while_sharing_for_a_while(bench: Bench, away: None) -> None:
    """The owner's action does not speak for the others who live there."""
    bench.shares.apply({"s": replace(bench.share, nobody_home=True)})
    await bench.shares.share_for("s", HOUR)
    bench.hass.states.async_set("person.ada", "home", TRACKED)
    assert bench.shares.grant("s") is None


async def test_published_ahead_only_as_long_as_nobody_is_home(bench: Bench, away: None) -> None:
    bench.shares.apply({"s": replace(bench.share, nobody_home=True, hours=NIGHT)})
    await bench.at(NOON + 6 * HOUR - 10 * MINUTE)
    assert bench.last.starts == NOON + 6 * HOUR
    bench.hass.states.async_set("zone.home", "2")
    assert isinstance(bench.said[-1], Revocation)


async def test_nothing_is_known(hass: HomeAssistant) -> None:
    assert not nobody_home(hass)
    assert not anybody_tracked(hass)
    # A person without a tracker says nothing.
    hass.states.async_set("zone.home", "0")
    hass.states.async_set("person.owner", "unknown", {"device_trackers": []})
    assert not nobody_home(hass)
    assert not anybody_tracked(hass)
    hass.states.async_set("person.ada", "not_home", TRACKED)
    assert nobody_home(hass)
    hass.states.async_remove("zone.home")
    assert not nobody_home(hass)


async def test_with_real_persons(bench: Bench) -> None:
    """Home Assistant's own zone and persons, moved by a device tracker."""
    hass = bench.hass
    hass.states.async_set("device_tracker.phone", "not_home", {"source_type": "router"})
    config = {"person": {"id": "1", "name": "Ada", "device_trackers": ["device_tracker.phone"]}}
    assert await async_setup_component(hass, "zone", {})
    assert await async_setup_component(hass, "person", config)
    await hass.async_start()
    await hass.async_block_till_done()
    bench.shares.apply({"s": replace(bench.share, nobody_home=True)})
    assert bench.shares.grant("s")
    hass.states.async_set("device_tracker.phone", "home", {"source_type": "router"})
    await hass.async_block_till_done()
    assert bench.shares.grant("s") is None
    hass.states.async_set("device_tracker.phone", "not_home", {"source_type": "router"})
    await hass.async_block_till_done()
    assert bench.shares.grant("s")


# The camera itself


async def test_a_camera_that_is_not_available_is_not_granted(
    bench: Bench, camera: FakeCamera
) -> None:
    bench.shares.apply({"s": bench.share})
    assert bench.shares.grant("s")
    camera._attr_available = False
    camera.async_write_ha_state()
    assert isinstance(bench.said[-1], Revocation)
    camera._attr_available = True
    camera.async_write_ha_state()
    assert bench.shares.grant("s")


async def test_a_cameras_attributes_change_nothing(bench: Bench, camera: FakeCamera) -> None:
    bench.shares.apply({"s": bench.share})
    told: list[None] = []
    bench.shares.changed = lambda: told.append(None)
    camera.async_update_token()
    camera.async_write_ha_state()
    assert not told


async def test_after_close_nothing_is_heard(bench: Bench, camera: FakeCamera) -> None:
    bench.shares.apply({"s": bench.share})
    bench.shares.close()
    bench.said.clear()
    bench.hass.states.async_set("camera.porch", "unavailable")
    assert bench.said == []
