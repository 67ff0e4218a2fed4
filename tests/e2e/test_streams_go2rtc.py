"""A real go2rtc with real RTSP streams, behind Home Assistant's own integration for it."""

import pytest

from tests.conftest import missing
from tests.e2e.go2rtc_server import Go2rtc
from tests.e2e.streaming import Streaming, share

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def server(go2rtc: Go2rtc | None) -> Go2rtc:
    if go2rtc is None:
        missing("go2rtc (script/setup builds it where Go and a module proxy are to be had)")
    assert go2rtc is not None
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


async def test_go2rtc_s_word_for_h265_alone_is_understood(
    streaming: Streaming, server: Go2rtc
) -> None:
    streaming.cameras.update(await share(streaming.stack, (server.h265,)))
    incident = await streaming.incident()
    address = streaming.address(incident, server.h265) + "/whep"

    async with streaming.watching(incident, server.h265) as playing:
        answer = await playing.whep(address, streaming.token)

    assert answer["status"] == 422
    assert answer["problem"]["type"].endswith(":codec-unsupported")
    await server.consumers(server.h265, 0)
