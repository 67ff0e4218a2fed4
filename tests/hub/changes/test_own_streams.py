"""The feed carries what happens to the caller's own streams, and to nobody else's."""

from datetime import timedelta

import pytest

from hub.protocol.session import Act
from hub.protocol.stream import Candidate
from hub.protocol.vocabulary import Role
from tests.hub.changes.listening import Ear, listening
from tests.hub.streams.player import CANDIDATE, WhepPlayer
from tests.hub.streams.streaming import Streaming, streaming
from tests.hub.whole import WholeHub

LATE = {"candidates": [{"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0}]}


@pytest.fixture
async def here(whole: WholeHub) -> Streaming:
    return await streaming(whole)


@pytest.fixture
def player(here: Streaming) -> WhepPlayer:
    return WhepPlayer.of(here)


async def told(ear: Ear, look: str, kind: str) -> dict[str, object]:
    value = dict(await ear.until("stream", look=look, kind=kind))
    del value["look"], value["kind"]
    return value


async def test_all_that_happens_to_an_own_stream(here: Streaming, player: WhepPlayer) -> None:
    async with listening(here.whole) as ear:
        await ear.until("everything")
        address, started = await player.start()
        look = started.headers["RTCC-Look"]
        await told(ear, look, "lease")
        here.home.streams.say(look, Act.CANDIDATES, candidates=(Candidate(CANDIDATE, "0", 0),))
        assert await told(ear, look, "candidates") == LATE
        here.whole.clock.moved += timedelta(seconds=20)
        renewed = await player.send("POST", f"{address}/lease")
        assert await told(ear, look, "lease") == renewed.json
        async with listening(here.whole, since=ear.last) as again:
            assert await told(again, look, "lease") == renewed.json
            assert await told(again, look, "candidates") == LATE
        here.home.streams.end(look, "not_sharing")
        assert await told(ear, look, "ended") == {"reason": "no_longer_available"}
    async with listening(here.whole, since=ear.last) as late:
        # Whoever was away when it ended hears of it all the same.
        assert await told(late, look, "ended") == {"reason": "no_longer_available"}


async def test_others_hear_only_that_there_is_a_look(here: Streaming, player: WhepPlayer) -> None:
    headers = await here.whole.operator(Role.OFFICER)
    async with listening(here.whole, headers) as ear:
        await ear.until("everything")
        address, started = await player.start()
        look = started.headers["RTCC-Look"]
        begun = await ear.until("look", id=look)
        assert (begun["ended"], begun["outcome"]) == (None, None)
        assert (begun["camera"], begun["scope"]) == (here.camera, "stream")
        await player.send("DELETE", address)
        over = await ear.until("look", id=look, outcome="ok")
        assert over["ended"] is not None
    assert "stream" not in {kind for kind, _ in ear.heard}


async def test_an_end_is_forgotten_after_minutes(here: Streaming, player: WhepPlayer) -> None:
    async with listening(here.whole) as ear:
        await ear.until("everything")
        address, started = await player.start()
        await player.send("DELETE", address)
        await told(ear, started.headers["RTCC-Look"], "ended")
    here.whole.clock.moved += timedelta(minutes=3)
    async with listening(here.whole) as again:
        await again.until("beat")
    assert "stream" not in {kind for kind, _ in again.heard}
