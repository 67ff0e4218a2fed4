"""Running streams end at once, for the browser, the camera, the log and the owner."""

import asyncio
import os
import signal

import pytest

from demo.waiting import until
from tests.e2e.moving import GARAGE, PORCH
from tests.e2e.streaming import Streaming, now_ms

pytestmark = pytest.mark.timeout(120)
AT_ONCE_MS = 1_000
"""From the owner's switch to the last frame (DESIGN.md section 7)."""


async def test_the_owner_s_switch_stops_the_pictures(streaming: Streaming) -> None:
    incident, switch = await streaming.incident(), await streaming.switch(PORCH)

    async with streaming.watching(incident, PORCH) as playing:
        await streaming.play(playing, incident, PORCH)
        begun = now_ms()
        await streaming.resident.switch(switch, on=False)
        try:
            last = await playing.stopped()
            address = streaming.address(incident, PORCH) + "/whep"
            again = await playing.whep(address, streaming.token)
            gone = await playing.fetch("DELETE", await playing.session())
        finally:
            await streaming.resident.switch(switch, on=True)

    assert last.shown - begun < AT_ONCE_MS
    await streaming.sessions(PORCH).open(0)
    await streaming.viewed(PORCH, wanted=False)
    assert (again["status"], again["headers"]["retry-after"]) == (409, "5")
    assert gone == 404
    look, _ = await streaming.looks(incident, 2)
    assert (look["outcome"], look["reason"]) == ("ok", "no_longer_available")


async def test_closing_the_incident_stops_the_pictures(streaming: Streaming) -> None:
    incident = await streaming.incident()

    async with streaming.watching(incident, PORCH) as playing:
        await streaming.play(playing, incident, PORCH)
        begun = now_ms()
        await streaming.operator.ask("POST", f"/api/v1/incidents/{incident}/close")
        last = await playing.stopped()

    assert last.shown - begun < AT_ONCE_MS
    await streaming.sessions(PORCH).open(0)
    [look] = await streaming.looks(incident, 1)
    assert look["reason"] == "incident_closed"


async def test_two_look_through_one_camera_and_no_third(streaming: Streaming) -> None:
    incident, sessions = await streaming.incident(), streaming.sessions(PORCH)
    address = streaming.address(incident, PORCH) + "/whep"

    async with (
        streaming.playing(incident, PORCH) as first,
        streaming.watching(incident, PORCH) as third,
    ):
        async with streaming.playing(incident, PORCH) as second:
            await sessions.open(2)
            refused = await third.whep(address, streaming.token)
            both = await asyncio.gather(first.frames(), second.frames())
        # One of them hangs up: the other one sees on, and there is a place again.
        await sessions.open(1)
        await first.frames()
        answer = await third.whep(address, streaming.token)
        await third.stop()

    assert all(frame.camera == PORCH.number for frames in both for frame in frames)
    assert (refused["status"], refused["headers"]["retry-after"]) == (503, "5")
    assert refused["problem"]["type"].endswith(":camera-busy")
    assert answer["status"] == 201
    await sessions.open(0)


async def test_who_hangs_up_before_the_answer_leaves_no_session(streaming: Streaming) -> None:
    incident, sessions = await streaming.incident(), streaming.sessions(GARAGE)
    address = streaming.address(incident, GARAGE) + "/whep"

    await sessions.hold()
    try:
        async with streaming.watching(incident, GARAGE) as playing:
            asking = asyncio.create_task(playing.whep(address, streaming.token))
            await sessions.answering()
            await playing.close()
            with pytest.raises(Exception, match="AbortError"):
                await asking
    finally:
        await sessions.release()

    look = (await streaming.looks(incident, 1))[0]
    await sessions.open(0)
    await streaming.viewed(GARAGE, wanted=False)
    assert look["reason"] == "stopped"


async def test_a_cut_of_the_link_ends_what_runs_and_what_begins(streaming: Streaming) -> None:
    """The broker dies while one camera is played, and another one is asked."""
    incident, switch = await streaming.incident(), await streaming.switch(PORCH)
    held = streaming.sessions(GARAGE)

    await held.hold()
    try:
        async with (
            streaming.watching(incident, PORCH) as running,
            streaming.watching(incident, GARAGE) as waiting,
        ):
            await streaming.play(running, incident, PORCH)
            asking = asyncio.create_task(
                waiting.whep(streaming.address(incident, GARAGE) + "/whep", streaming.token)
            )
            await held.answering()
            begun = now_ms()
            os.kill(streaming.stack.hub.broker, signal.SIGKILL)
            last = await running.stopped()
            answer = await asking
    finally:
        await held.release()

    assert last.shown - begun < AT_ONCE_MS
    assert answer["problem"]["type"].endswith(":camera-silent")
    for kind in (PORCH, GARAGE):
        await streaming.sessions(kind).open(0)
    looks = await streaming.looks(incident, 2)
    assert looks[0]["reason"] == "no_longer_available"
    await until(streaming.operator.ready, "the hub did not come back to its broker", 60)
    await streaming.live(PORCH)
    # What the owner was told meanwhile came through too.
    assert (await streaming.resident.looks(switch))[0]["outcome"] == "ok"
