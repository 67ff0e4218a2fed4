"""Live video with real media: from a camera in a real Home Assistant to a real browser."""

import pytest

from tests.e2e.moving import GARAGE, H265, NEST, PORCH, RING, Kind
from tests.e2e.streaming import Streaming

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("kind", [PORCH, GARAGE, RING, NEST], ids=lambda kind: kind.name)
async def test_a_camera_is_seen_as_it_is(streaming: Streaming, kind: Kind) -> None:
    """Go2rtc's manners with VP8 and H.264, Ring's `sendrecv` and Nest's order of lines."""
    incident = await streaming.incident()

    async with streaming.playing(incident, kind) as playing:
        before = await playing.stats()
        frames = await playing.frames(15)
        after = await playing.stats()
        await streaming.viewed(kind, wanted=True)

    assert after["decoded"] > before["decoded"] + 10
    assert after["codec"] == f"video/{kind.codec}"
    assert {frame.camera for frame in frames} == {kind.number}
    assert sum(frame.whole for frame in frames) >= 14
    assert [frame.taken for frame in frames] == sorted({frame.taken for frame in frames})
    assert max(frame.delay for frame in frames) < 1
    await streaming.sessions(kind).open(0)
    await streaming.viewed(kind, wanted=False)
    [look] = await streaming.looks(incident, 1)
    assert (look["outcome"], look["reason"]) == ("ok", "stopped")
    assert look["seconds"] >= 1


async def test_the_first_picture_waits_for_no_server_that_is_dead(
    streaming: Streaming, stun: str
) -> None:
    """The hub's STUN server never answers, and neither does that of the household."""
    incident = await streaming.incident()
    how = await streaming.how(incident, PORCH)

    async with streaming.watching(incident, PORCH) as playing:
        await streaming.play(playing, incident, PORCH)
        gathering, first = await playing.gathering(), await playing.first()
        await playing.stop()

    assert {url for one in how["ice_servers"] for url in one["urls"]} >= {stun}
    assert gathering == "gathering", "no server was dead: this proves nothing"
    assert first.after < 5_000


async def test_a_camera_with_h265_alone_is_said_to_be_so(streaming: Streaming) -> None:
    incident = await streaming.incident()

    async with streaming.watching(incident, H265) as playing:
        answer = await playing.whep(streaming.address(incident, H265) + "/whep", streaming.token)
    still = await streaming.operator.look(incident, streaming.cameras[H265.name])

    assert answer["status"] == 422
    assert answer["problem"]["type"].endswith(":codec-unsupported")
    assert still.ok, "a still is to be had all the same"
    assert (await streaming.looks(incident, 2))[0]["reason"] == "codec_unsupported"
