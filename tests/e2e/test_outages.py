"""Homes, the broker and the hub are killed, stopped and started again; nothing is lost or lied."""

import os
import signal
import time

import pytest

from demo.simulated import SimulatedHome
from demo.waiting import until
from tests.e2e.conftest import AWAY, LIMIT, WholePath, working

pytestmark = pytest.mark.timeout(180)
CUT_OFF = 60.0
"""Seconds after which nothing of a home that is cut off is live (DESIGN.md section 4, rule 6)."""


async def test_a_killed_home_is_not_live_and_comes_back(path: WholePath) -> None:
    home = path.stack.home_assistant
    assert home.child is not None
    incident = await path.incident()

    begun = time.monotonic()
    await home.child.kill()
    await path.gone("a killed home stayed live", CUT_OFF)
    took = time.monotonic() - begun
    look = await path.operator.look(incident, path.camera)
    await home.start()

    assert took < 5
    assert look.slug == "camera-unavailable"
    await path.live("the home's grant did not come back")
    assert (await path.operator.look(incident, path.camera)).ok


async def test_a_silent_home_is_not_live_within_a_minute(path: WholePath) -> None:
    """Its machine hangs: no connection ends, only the keepalive tells."""
    home = path.stack.home_assistant
    assert home.child is not None
    incident = await path.incident()

    begun = time.monotonic()
    home.child.send(signal.SIGSTOP)
    try:
        silent = await path.operator.look(incident, path.camera)
        await path.gone("a silent home stayed live", CUT_OFF)
        took = time.monotonic() - begun
    finally:
        home.child.send(signal.SIGCONT)

    assert (silent.status, silent.slug) == (504, "camera-silent")
    assert took < CUT_OFF
    await path.live("the home's grant did not come back")
    assert (await path.operator.look(incident, path.camera)).ok


async def test_a_killed_broker_comes_back_with_every_grant(
    path: WholePath, neighbour: SimulatedHome
) -> None:
    incident, old = await path.incident(), path.stack.hub.broker

    os.kill(old, signal.SIGKILL)
    await until(lambda: _another(path, old), "the hub did not start its broker again", LIMIT)

    await path.live("the grant did not come back")
    await path.operator.live(AWAY, bool, "the second home's grant did not come back", LIMIT)
    await until(path.operator.ready, "the hub did not come back to its broker", LIMIT)
    assert (await path.operator.look(incident, path.camera)).ok
    assert (await path.operator.look(await path.incident(AWAY), neighbour.identity.camera)).ok


async def test_a_revocation_while_the_broker_is_gone_arrives(path: WholePath) -> None:
    incident, old = await path.incident(), path.stack.hub.broker

    os.kill(old, signal.SIGKILL)
    await path.resident.switch(path.switch, on=False)
    await until(lambda: _another(path, old), "the hub did not start its broker again", LIMIT)

    await path.gone("the revocation was lost with the broker", CUT_OFF)
    await until(path.operator.ready, "the hub did not come back to its broker", LIMIT)
    connection = await path.resident.entity("binary_sensor", "connection")

    async def connected() -> bool:
        return await path.stack.home_assistant.client.state(connection) == "on"

    await until(connected, "the home did not come back", LIMIT)
    assert (await path.operator.look(incident, path.camera)).slug == "camera-unavailable"


async def test_a_killed_hub_comes_back_with_what_it_knew(path: WholePath) -> None:
    hub = path.stack.hub
    assert hub.child is not None
    incident = await path.incident()
    assert (await path.operator.look(incident, path.camera)).ok

    await hub.child.kill()
    await hub.start()

    await path.live("the grant did not come back")
    await until(path.operator.ready, "the hub did not come back to its broker", LIMIT)
    await until(lambda: _looks(path, incident), "no look after the restart", LIMIT, 0.5)
    looks = await path.operator.looks(incident)
    assert [looks[0]["outcome"], looks[-1]["outcome"]] == ["ok", "ok"]


async def test_a_revocation_while_the_hub_is_dead_arrives(path: WholePath) -> None:
    hub = path.stack.hub
    assert hub.child is not None
    incident = await path.incident()

    await hub.child.kill()
    await path.resident.switch(path.switch, on=False)
    await hub.start()

    await path.gone("the revocation was lost with the hub", CUT_OFF)
    await until(path.operator.ready, "the hub did not come back to its broker", LIMIT)
    assert (await path.operator.look(incident, path.camera)).slug == "camera-unavailable"


async def test_the_owner_s_no_survives_home_assistant_s_restart(path: WholePath) -> None:
    home = path.stack.home_assistant
    assert home.child is not None
    await path.resident.switch(path.switch, on=False)
    await path.gone("the grant outlived the owner's switch")

    await home.child.stop()
    await home.start()

    connection = await path.resident.entity("binary_sensor", "connection")

    async def connected() -> bool:
        return await home.client.state(connection) == "on"

    await until(connected, "the home did not connect", LIMIT)
    assert await home.client.state(path.switch) == "off"
    assert not [one for one in await path.operator.grants(*AWAY, 50_000) if one["name"] == "Porch"]
    again = await working(path.stack)
    assert again.camera == path.camera
    assert (await path.operator.look(await path.incident(), path.camera)).ok


async def _another(path: WholePath, old: int) -> bool:
    try:
        return path.stack.hub.broker != old
    except StopIteration:
        return False


async def _looks(path: WholePath, incident: str) -> bool:
    return (await path.operator.look(incident, path.camera)).ok
