"""Leases and hours of streams, with the clock of the whole world under control."""

from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from demo.waiting import until
from tests.e2e.evening import LIMIT, Evening
from tests.e2e.moving import PORCH
from tests.e2e.streaming import Streaming, share

pytestmark = pytest.mark.timeout(180)
MOST_OF_A_LEASE, LEASE = timedelta(seconds=50), timedelta(seconds=60)


@pytest_asyncio.fixture(loop_scope="session")
async def streaming(evening: Evening, browser: Browser) -> Streaming:
    """A moving camera in a world whose clock can be put forward."""
    await until(evening.operator.ready, "the hub is not ready", LIMIT)
    cameras = await share(evening.stack, (PORCH,))
    return Streaming(
        stack=evening.stack, browser=browser, operator=evening.operator, cameras=cameras
    )


async def test_a_player_that_vanishes_leaves_nothing_behind(
    evening: Evening, streaming: Streaming
) -> None:
    """Its window is closed, or its machine: nobody says DELETE, and the lease ends it all."""
    incident, sessions = await streaming.incident(), streaming.sessions(PORCH)

    async with streaming.watching(incident, PORCH) as playing:
        await streaming.play(playing, incident, PORCH)
        # As long as it renews it plays, beyond the first lease.
        await evening.passes(MOST_OF_A_LEASE)
        renewed = await playing.fetch(
            "POST", f"{await playing.session()}/lease", token=streaming.token
        )
        await evening.passes(MOST_OF_A_LEASE)
        await sessions.open(1)
        await playing.frames(3)
    vanished = evening.world.now
    assert renewed == 200
    assert (await streaming.operator.looks(incident))[0]["seconds"] is None

    await evening.passes(LEASE - MOST_OF_A_LEASE + timedelta(seconds=1))

    await sessions.open(0)
    await streaming.viewed(PORCH, wanted=False)
    [look] = await streaming.looks(incident, 1)
    assert (look["outcome"], look["reason"]) == ("ok", "lease_over")
    assert 105 <= look["seconds"] <= 115
    assert evening.world.now - vanished < LEASE
