"""Live video with real media: from a camera in a real Home Assistant to a real browser."""

import pytest

from tests.e2e.moving import GARAGE, NEST, PORCH, RING, Kind
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

    assert after["decoded"] >= before["decoded"] + 15
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
