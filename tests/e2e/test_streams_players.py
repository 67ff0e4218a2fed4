"""Players that others wrote, by the standard alone: nobody told them of this hub."""

import asyncio
import base64
import os
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiortc.codecs import depayload, get_decoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from av import VideoFrame

from tests.conftest import ROOT, missing
from tests.e2e.moving import PORCH
from tests.e2e.streaming import Streaming
from tests.e2e.watching import picture, window

pytestmark = pytest.mark.timeout(120)
FOLDER = ROOT / ".tools/players"
SCRIPT = Path(__file__).parent / "players/watch.mjs"
PICTURES = 5
VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=96)


@pytest.fixture
def players() -> Path:
    """The folder into which script/setup installs players from npm."""
    if not (FOLDER / "stamp").exists():
        missing("Players from npm (.tools/players)")
    return FOLDER


async def test_whip_whep_plays_a_camera(streaming: Streaming, players: Path) -> None:
    """The draft's author's own player: it offers without candidates, and sends no If-Match."""
    incident = await streaming.incident()
    client = "/whep.js"

    async with window(streaming.browser, streaming.page) as context:
        await context.route(
            f"**{client}",
            lambda route: route.fulfill(path=players / "node_modules/whip-whep/whep.js"),
        )
        how = await streaming.how(incident, PORCH)
        playing = await streaming.ready(how, context, iceServers=[])
        await playing.page.evaluate(
            """async ({client, url, token}) => {
              const { WHEPClient } = await import(client);
              window.client = new WHEPClient();
              await window.client.view(player.pc, url, token);
            }""",
            {
                "client": client,
                "url": streaming.address(incident, PORCH) + "/whep",
                "token": streaming.token,
            },
        )
        frames = await playing.frames(15)
        told = await streaming.sessions(PORCH).told()
        await playing.page.evaluate("window.client.stop()")

    assert {frame.camera for frame in frames[1:]} == {PORCH.number}
    assert sum(frame.whole for frame in frames) >= 13
    assert told["candidates"] > 0, "the player's candidates did not reach the camera"
    await streaming.sessions(PORCH).open(0)
    [look] = await streaming.looks(incident, 1)
    assert look["reason"] == "stopped"


async def test_werift_plays_a_camera_without_a_browser(
    streaming: Streaming, players: Path, program: Callable[[str], Path]
) -> None:
    incident, hub = await streaming.incident(), streaming.stack.hub
    node = ROOT / ".venv/bin/node"
    process = await asyncio.create_subprocess_exec(
        *(node if node.exists() else program("node"), SCRIPT, players),
        streaming.address(incident, PORCH) + "/whep",
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(hub.ca), "TOKEN": streaming.token},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    seen: list[tuple[int, bool]] = []
    buffer, decoder = JitterBuffer(capacity=128, is_video=True), get_decoder(VP8)
    try:
        async with asyncio.timeout(30):
            while len(seen) < PICTURES:
                line = await process.stdout.readline()
                assert line, (await process.stderr.read()).decode()
                seen += [picture(frame) for frame in _decoded(line, buffer, decoder)]
            process.stdin.close()
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()

    assert seen == [(PORCH.number, True)] * PICTURES
    await streaming.sessions(PORCH).open(0)
    [look] = await streaming.looks(incident, 1)
    assert look["reason"] == "stopped"


def _decoded(line: bytes, buffer: JitterBuffer, decoder: object) -> Iterator[VideoFrame]:
    packet = RtpPacket.parse(base64.b64decode(line))
    packet._data = depayload(VP8, packet.payload)
    _, frame = buffer.add(packet)
    if frame is not None:
        yield from decoder.decode(frame)
