"""The main job: share, query, look, revoke, refused."""

import asyncio
import signal
import time
from functools import partial

from demo.waiting import until
from tests.e2e.conftest import HOME, LIMIT, WholePath


async def test_share_query_look_revoke_refused(path: WholePath) -> None:
    incident = await path.incident()
    [seen] = [one for one in await path.operator.cameras(incident) if one["camera"] == path.camera]
    look = await path.operator.look(incident, path.camera)
    await path.resident.switch(path.switch, on=False)
    await path.gone("the grant outlived the owner's switch")
    refused = await path.operator.look(incident, path.camera)

    assert seen["name"] == "Porch"
    assert seen["distance_m"] < 1
    assert look.ok
    assert look.headers["Content-Type"] == "image/jpeg"
    assert look.headers["RTCC-Still"] == "live"
    assert (refused.status, refused.slug) == (404, "camera-unavailable")
    looks = await path.operator.looks(incident)
    assert [one["outcome"] for one in looks] == ["ok", "refused"]
    assert looks[0]["id"] == look.headers["RTCC-Look"]
    assert looks[0]["length"] == len(look.body)


async def test_the_picture_is_the_camera_s_own(path: WholePath) -> None:
    incident = await path.incident()

    look = await path.operator.look(incident, path.camera)

    # The camera draws a new picture every second: it is one of the last.
    assert look.ok
    later = path.stack.picture.read_bytes()
    assert abs(len(look.body) - len(later)) < 2_000


async def test_refusals_look_alike(path: WholePath) -> None:
    """An operator cannot tell an owner who refused from a camera that never was (rule 7)."""
    near, far = await path.incident(), await path.incident((32.36, -90.12))
    outside = await path.operator.look(far, path.camera)
    absent = await path.operator.look(near, "0123456789abcdef")
    await path.resident.switch(path.switch, on=False)
    await path.gone("the grant outlived the owner's switch")
    revoked = await path.operator.look(near, path.camera)

    answers = [
        (one.status, {k: v for k, v in one.problem.items() if k != "instance"})
        for one in (outside, absent, revoked)
    ]
    assert answers[0] == answers[1] == answers[2]


async def test_a_closed_incident_ends_looking(path: WholePath) -> None:
    incident = await path.incident()
    await path.operator.ask("POST", f"/api/v1/incidents/{incident}/close")

    look = await path.operator.look(incident, path.camera)

    assert (look.status, look.slug) == (409, "incident-closed")


async def test_revoking_takes_less_than_a_second(path: WholePath) -> None:
    begun = time.monotonic()
    await path.resident.switch(path.switch, on=False)
    await path.gone("the grant outlived the owner's switch")
    took = time.monotonic() - begun

    assert took < 1


async def test_the_master_switch_revokes_everything(path: WholePath) -> None:
    master = await path.resident.entity("switch", "sharing_home")

    await path.resident.switch(master, on=False)
    try:
        await path.gone("the grant outlived the master switch")
    finally:
        await path.resident.switch(master, on=True)
    await path.live("the grant did not come back with the master switch")


async def test_share_for_a_while_ends_by_itself(path: WholePath) -> None:
    await path.resident.switch(path.switch, on=False)
    await path.gone("the grant outlived the owner's switch")

    client = path.stack.home_assistant.client
    await client.call("jackson_rtcc.share_for", entity_id=path.switch, duration={"seconds": 4})

    await path.live("sharing for a while did not begin", 3)
    await path.gone("sharing for a while did not end", LIMIT)


async def test_a_vanished_picture_fails_with_its_reason(path: WholePath) -> None:
    """The camera's file is deleted, and stays so while its painter is stopped."""
    incident = await path.incident()
    painter = path.stack.camera
    painter.send(signal.SIGSTOP)
    path.stack.picture.unlink()
    try:
        look = await path.operator.look(incident, path.camera)
    finally:
        painter.send(signal.SIGCONT)
        # Whoever comes next finds the camera as it was.
        await until(partial(asyncio.to_thread, path.stack.picture.exists), "no picture", LIMIT)

    assert (look.status, look.slug) == (502, "camera-failed")
    assert look.problem["reason"] in {"camera_failed", "camera_rubbish", "camera_gone"}
    assert (await path.operator.looks(incident))[-1]["outcome"] == "failed"
    assert await path.operator.grants(*HOME, 400)
