"""A real go2rtc: the cameras' streams by RTSP, and what Home Assistant plays them with."""

import asyncio
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from demo.stack import Stack
from demo.waiting import free_port, until
from tests.conftest import ROOT
from tests.e2e.moving import Kind

LIMIT = 20.0
_HOST = "127.0.0.1"
_CONFIGURATION = """\
api:
  listen: {host}:{api}
rtsp:
  listen: {host}:{rtsp}
webrtc:
  listen: :{webrtc}
  ice_servers: []
ffmpeg:
  bin: {ffmpeg}
streams:
  h264: exec:{python} -m tests.e2e.pattern_source 7 libx264
  h265: exec:{python} -m tests.e2e.pattern_source 8 libx265
  h265_with_sound:
    - exec:{python} -m tests.e2e.pattern_source 9 libx265
    - exec:{python} -m tests.e2e.sound {{output}}
"""


@dataclass(frozen=True, kw_only=True)
class Go2rtc:
    """Where its program is, and its ports."""

    program: Path
    api: int = field(default_factory=free_port)
    rtsp: int = field(default_factory=free_port)
    webrtc: int = field(default_factory=free_port)

    @classmethod
    def found(cls) -> Go2rtc | None:
        """Return one that can be started, or None if there is no go2rtc."""
        private = ROOT / ".tools/bin/go2rtc"
        program = private if private.exists() else shutil.which("go2rtc")
        return None if program is None else cls(program=Path(program))

    @property
    def h264(self) -> Kind:
        """Return the camera that every browser can play."""
        return self._kind("Behind go2rtc", 7, "H264", "h264")

    @property
    def h265(self) -> tuple[Kind, Kind]:
        """Return the cameras that browsers cannot play: without sound, and with it."""
        return (
            self._kind("H265 behind go2rtc", 8, "H265", "h265"),
            self._kind("H265 with sound", 9, "H265", "h265_with_sound"),
        )

    @property
    def cameras(self) -> tuple[Kind, ...]:
        """Return all."""
        return (self.h264, *self.h265)

    @property
    def configuration(self) -> str:
        """Return the lines of Home Assistant's configuration.yaml that name it."""
        return f"go2rtc:\n  url: http://{_HOST}:{self.api}\n"

    async def start(self, stack: Stack) -> None:
        """Start it."""
        ffmpeg = stack.data / "ffmpeg"
        ffmpeg.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.e2e.sound "$@"\n')
        ffmpeg.chmod(0o700)
        file = stack.data / "go2rtc.yaml"
        file.write_text(
            _CONFIGURATION.format(
                host=_HOST,
                python=sys.executable,
                ffmpeg=ffmpeg,
                api=self.api,
                rtsp=self.rtsp,
                webrtc=self.webrtc,
            )
        )
        child = await stack.processes.start("go2rtc", [self.program, "-config", file])
        await child.ready(until(self._answers, "go2rtc does not listen", LIMIT))

    async def consumers(self, kind: Kind, count: int) -> None:
        """Wait until so many look through a camera, go2rtc's own sessions counted."""
        name = f"moving_camera_{kind.entity.removeprefix('camera.')}"

        async def as_many() -> bool:
            url = f"http://{_HOST}:{self.api}/api/streams"
            async with aiohttp.ClientSession() as session, session.get(url) as answer:
                streams = await answer.json()
            return len(streams[name]["consumers"] or ()) == count

        await until(as_many, f"go2rtc has not {count} viewers of {kind.name}", LIMIT)

    def _kind(self, name: str, number: int, codec: str, stream: str) -> Kind:
        source = f"rtsp://{_HOST}:{self.rtsp}/{stream}"
        return Kind(name=name, number=number, codec=codec, shape="source", source=source)

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(_HOST, self.api)
        except OSError:
            return False
        writer.close()
        return True
