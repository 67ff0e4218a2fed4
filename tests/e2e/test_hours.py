"""Hours begin and end, with the clock of the whole world under control."""

from datetime import datetime, timedelta

import pytest

from demo.waiting import until
from tests.e2e.conftest import HOME, LIMIT
from tests.e2e.evening import Evening

pytestmark = pytest.mark.timeout(180)


async def test_hours_begin_are_renewed_and_end(evening: Evening) -> None:
    operator, world = evening.operator, evening.world
    incident = await operator.open_incident(*HOME, 400, "robbery")
    sensor = await evening.stack.resident.entity("sensor", "grant_ends")

    async def published_ahead() -> bool:
        return await evening.stack.home_assistant.client.state(sensor) not in ("unknown", None)

    await until(published_ahead, "no grant is published ahead of the hours", LIMIT)
    assert await evening.live() == []

    world.forward_to(evening.begins + timedelta(seconds=1))
    first = await evening.until_live("not live although the hours have begun")
    camera = str(first["camera"])
    await _looks(evening, incident, camera)

    world.forward_to(evening.begins + timedelta(minutes=55))
    await evening.until_live("the grant was not renewed at half of its life")

    async def renewed() -> bool:
        live = await evening.live()
        return bool(live) and str(live[0]["ends"]) > str(first["ends"])

    await until(renewed, "the renewed grant ends no later", LIMIT, 0.1)

    world.forward_to(evening.ends - timedelta(minutes=3))
    last = await evening.until_live("not live shortly before the hours end")
    # Beyond two hours a supervisor would have to approve of the first one.
    incident = await operator.open_incident(*HOME, 400, "robbery")
    await _looks(evening, incident, camera)
    assert datetime.fromisoformat(str(last["ends"])) <= evening.ends

    world.forward_to(evening.ends + timedelta(seconds=1))
    await evening.until_gone("still live although the hours are over")
    after = await operator.look(incident, camera)
    assert after.slug == "camera-unavailable"


async def _looks(evening: Evening, incident: str, camera: str) -> None:
    async def look() -> bool:
        await evening.live()
        return (await evening.operator.look(incident, camera)).ok

    await until(look, "no picture within the hours", LIMIT, 0.2)
