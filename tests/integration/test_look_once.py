"""A look's name is used once: a hub that uses it again gets nothing, and hides nothing."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc.permit import BUSY, Refused
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.request import Used
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome
from tests.integration.city import City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol
from tests.integration.streaming import (
    OFFER,
    StreamingCamera,
    ask_to_stream,
    renew,
    watch,
    words,
)

CAMERA = "c0ffee00c0ffee00"
SWITCH = {"entity_id": "switch.porch_sharing"}


@pytest.fixture
async def camera(hass: HomeAssistant) -> StreamingCamera:
    camera = StreamingCamera()
    await add_cameras(hass, camera)
    return camera


@pytest.fixture
async def entry(hass: HomeAssistant, city: City, camera: StreamingCamera) -> MockConfigEntry:
    data = share_data(hass, scopes=["snapshot", "stream"])
    return await enrol(hass, city, [subentry(data)])


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


async def again(city: City, grant: Grant, home: MockConfigEntry, id_: str) -> tuple[Outcome, Any]:
    """Ask for a stream under a name that was used so long ago that requests of then have ended."""
    home.runtime_data.looks._used = Used(city.now)
    city.messages.pop(topics.replies(grant.home, id_))
    request = ask_to_stream(city, grant, id=id_)
    await city.ask(request)
    reply = await city.reply(request)
    return reply.outcome, reply.reason


async def test_a_stream_under_the_name_of_one_that_runs_is_refused(
    hass: HomeAssistant, city: City, grant: Grant, home: MockConfigEntry, camera: StreamingCamera
) -> None:
    first = await watch(city, grant)
    assert await again(city, grant, home, first.id) == (Outcome.REFUSED, "replayed")
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    assert camera.kept.closed == [first.id]
    assert not home.runtime_data.ledger.under_way("subentry-c0ffee")


async def test_no_look_hides_behind_the_name_of_an_earlier_one(
    city: City, grant: Grant, home: MockConfigEntry
) -> None:
    still = city.request(grant)
    await city.ask(still)
    assert (await city.reply(still)).outcome is Outcome.OK
    assert await again(city, grant, home, still.id) == (Outcome.REFUSED, "replayed")
    assert len(home.runtime_data.sessions) == 0


async def test_a_renewal_of_what_was_no_stream_is_not_answered(city: City, grant: Grant) -> None:
    still = city.request(grant)
    await city.ask(still)
    assert (await city.reply(still)).outcome is Outcome.OK
    await renew(city, still)
    assert (await city.look(grant, grant="another")).outcome is Outcome.REFUSED
    assert words(city, still) == []


async def test_a_session_takes_the_place_of_no_other(
    city: City, grant: Grant, home: MockConfigEntry
) -> None:
    first = await watch(city, grant)
    sessions = home.runtime_data.sessions
    share = home.runtime_data.shares.given("subentry-c0ffee", dt_util.utcnow()).share
    assert share is not None
    with pytest.raises(Refused, match=BUSY):
        await sessions.begin(first, OFFER, "subentry-c0ffee", share)
    assert len(sessions) == 1
