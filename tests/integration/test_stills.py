"""Stills: within the time that the owner chose, an operator gets the same picture again."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.reply import Picture, Reply
from custom_components.jackson_rtcc.protocol.request import Operator
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Role
from tests.integration.cameras import PICTURE, FakeCamera, jpeg
from tests.integration.city import City
from tests.integration.conftest import share_data, subentry
from tests.integration.enrolled import enrol

CAMERA = "c0ffee00c0ffee00"
RED = jpeg(colour="red")
OTHER = Operator(pseudonym="o2", role=Role.SUPERVISOR)
SWITCH = {"entity_id": "switch.porch_sharing"}


@pytest.fixture
async def entry(hass: HomeAssistant, city: City, camera: FakeCamera) -> MockConfigEntry:
    return await enrol(hass, city, [subentry(share_data(hass, still_every=60))])


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


def taken(reply: Reply) -> Picture:
    assert reply.outcome is Outcome.OK
    assert reply.picture is not None
    return reply.picture


async def test_the_same_operator_gets_the_same_picture_again(
    city: City, home: MockConfigEntry, grant: Grant, camera: FakeCamera
) -> None:
    assert grant.still_every_s == 60
    first = taken(await city.look(grant))
    camera.image = RED
    again = taken(await city.look(grant))
    # Its age is told: it is as old as the first.
    assert again == first
    assert camera.times == 1
    # Each of them is a look.
    assert len(home.runtime_data.ledger.looks) == 2


async def test_another_operator_gets_one_of_now(
    city: City, grant: Grant, camera: FakeCamera
) -> None:
    assert taken(await city.look(grant)).data == PICTURE
    camera.image = RED
    assert taken(await city.look(grant, operator=OTHER)).data == RED
    assert taken(await city.look(grant)).data == PICTURE


async def test_after_that_time_it_is_a_new_one(
    hass: HomeAssistant, city: City, grant: Grant, camera: FakeCamera
) -> None:
    taken(await city.look(grant))
    camera.image = RED
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    assert taken(await city.look(grant)).data == RED


async def test_under_another_grant_it_is_a_new_one(
    hass: HomeAssistant, city: City, grant: Grant, camera: FakeCamera
) -> None:
    """The owner may have taken the camera back between the two."""
    taken(await city.look(grant))
    camera.image = RED
    for service in ("turn_off", "turn_on"):
        await hass.services.async_call("switch", service, SWITCH, blocking=True)
    anew = await city.until_granted(grant.home, CAMERA, after=grant.seq)
    assert taken(await city.look(anew)).data == RED


async def test_masked_meanwhile(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, camera: FakeCamera
) -> None:
    taken(await city.look(grant))
    (added,) = home.subentries.values()
    masked: dict[str, Any] = {**added.data, "mask": ["0,0 1,0 1,1 0,1"]}
    hass.config_entries.async_update_subentry(home, added, data=masked)
    await hass.async_block_till_done()
    assert taken(await city.look(grant)).data != PICTURE
    assert camera.times == 2


async def test_a_camera_that_failed_is_asked_again(
    city: City, grant: Grant, camera: FakeCamera
) -> None:
    camera.image = None
    assert (await city.look(grant)).outcome is Outcome.FAILED
    camera.image = PICTURE
    taken(await city.look(grant))


async def test_the_time_runs_from_the_first_of_two_at_once(
    city: City, grant: Grant, camera: FakeCamera
) -> None:
    camera.hold = asyncio.Event()
    requests = [city.request(grant) for _ in range(2)]
    for request in requests:
        await city.ask(request)
    await camera.asked.wait()
    camera.hold.set()
    first, second = [taken(await city.reply(request)) for request in requests]
    assert first == second == taken(await city.look(grant))
    assert camera.times == 1
