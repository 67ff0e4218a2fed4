"""Live video through coturn, because the player wants it or the owner does."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conftest import missing
from tests.e2e.moving import PORCH, RELAYED, SLOW
from tests.e2e.relay import Relay
from tests.e2e.streaming import Streaming, share
from tests.e2e.watching import addresses

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def _relay(relay: Relay | None) -> None:
    if relay is None:
        missing("coturn (turnserver)")


@pytest_asyncio.fixture(loop_scope="session")
async def relayed(streaming: Streaming) -> AsyncIterator[Streaming]:
    """Two more cameras: one's owner wants that nobody learns where the home is, one is slow."""
    streaming.cameras.update(await share(streaming.stack, (RELAYED, SLOW)))
    yield streaming


async def test_a_player_that_uses_relays_only_sees_pictures(streaming: Streaming) -> None:
    incident = await streaming.incident()

    async with streaming.playing(incident, PORCH, policy="relay") as playing:
        frames = await playing.frames()
        stats = await playing.stats()

    assert stats["local"] == "relay"
    assert all(frame.camera == PORCH.number for frame in frames)
    await streaming.sessions(PORCH).open(0)


async def test_candidates_after_the_answer_are_enough(relayed: Streaming) -> None:
    """Without them nothing comes: the relay lets nobody through of whom it was not told."""
    incident = await relayed.incident()
    address = relayed.address(incident, SLOW) + "/whep"

    async with relayed.watching(incident, SLOW, policy="relay") as playing:
        answer = await playing.whep(address, relayed.token, trickle=True)
        frames = await playing.frames()
        sdp = await playing.sdp()
        await playing.stop()

    assert answer["status"] == 201
    assert addresses(sdp) == []
    assert all(frame.camera == SLOW.number for frame in frames[1:])
    await relayed.sessions(SLOW).open(0)


async def test_relay_only_tells_nobody_where_the_home_is(relayed: Streaming) -> None:
    incident = await relayed.incident()
    how = await relayed.how(incident, RELAYED)

    async with relayed.playing(incident, RELAYED) as playing:
        frames = await playing.frames()
        stats, answer = await playing.stats(), await playing.sdp()

    assert how["ice_transport_policy"] == "relay"
    assert (stats["local"], stats["remote"]) == ("relay", "relay")
    assert {kind for kind, _ in addresses(answer)} == {"relay"}
    assert all(frame.camera == RELAYED.number for frame in frames)
    assert frames[-1].whole
    await relayed.sessions(RELAYED).open(0)
