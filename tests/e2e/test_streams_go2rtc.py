"""A real go2rtc with real RTSP streams, behind Home Assistant's own integration for it."""

import pytest

from tests.e2e.go2rtc_server import Go2rtc
from tests.e2e.streaming import Streaming, share

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def server(go2rtc: Go2rtc | None) -> Go2rtc:
    if go2rtc is None:
        # Not even in continuous integration a failure: Go is no part of this project.
        pytest.skip("there is no go2rtc: script/setup builds it where a Go and a module proxy are")
    return go2rtc


async def test_a_camera_behind_go2rtc_is_played(streaming: Streaming, server: Go2rtc) -> None:
    streaming.cameras.update(await share(streaming.stack, (server.h264,)))
    incident = await streaming.incident()

    async with streaming.playing(incident, server.h264) as playing:
        frames = await playing.frames(15)
        stats = await playing.stats()

    assert stats["codec"] == "video/H264"
    assert {frame.camera for frame in frames} == {server.h264.number}
    assert sum(frame.whole for frame in frames) >= 14
    await server.consumers(server.h264, 0)
    [look] = await streaming.looks(incident, 1)
    assert (look["outcome"], look["reason"]) == ("ok", "stopped")


@pytest.mark.parametrize("sound", [False, True], ids=["without sound", "with sound"])
async def test_h265_alone_is_told_from_other_failures(
    streaming: Streaming, server: Go2rtc, sound: bool
) -> None:
    """Go2rtc says so only of a camera with sound; else it tells of the sound that it sought."""
    kind = server.h265[sound]
    streaming.cameras.update(await share(streaming.stack, (kind,)))
    incident = await streaming.incident()

    async with streaming.watching(incident, kind) as playing:
        answer = await playing.whep(streaming.address(incident, kind) + "/whep", streaming.token)

    assert answer["status"] == 422
    assert answer["problem"]["type"].endswith(":codec-unsupported")
    await server.consumers(kind, 0)
