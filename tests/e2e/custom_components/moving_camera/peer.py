"""The moving picture as aiortc sends it."""

import asyncio
import time

from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE, VideoStreamTrack
from av import VideoFrame

from .pattern import RATE, draw, milliseconds


class MovingPicture(VideoStreamTrack):
    """The pattern, drawn anew for every frame."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._begun = time.monotonic()
        self._count = 0

    async def recv(self) -> VideoFrame:
        """Wait until the next one is due and draw it."""
        # A clock that tests put forward makes no frames for the time between.
        self._count = max(self._count + 1, int((time.monotonic() - self._begun) * RATE))
        await asyncio.sleep(self._begun + self._count / RATE - time.monotonic())
        frame = draw(milliseconds(), self._number)
        frame.pts = self._count * VIDEO_CLOCK_RATE // RATE
        frame.time_base = VIDEO_TIME_BASE
        return frame
