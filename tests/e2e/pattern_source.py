"""The moving picture as go2rtc takes it: `python -m tests.e2e.pattern_source NUMBER CODEC`."""

import sys
import time

from av import CodecContext
from av.video.codeccontext import VideoCodecContext

from tests.e2e.custom_components.moving_camera.pattern import (
    HEIGHT,
    RATE,
    WIDTH,
    draw,
    milliseconds,
)

_OPTIONS = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"},
    "libx265": {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "log-level=error"},
}


def encoder(codec: str) -> VideoCodecContext:
    """Return one whose key frames come every second, each with all that a decoder needs."""
    made = CodecContext.create(codec, "w")
    assert isinstance(made, VideoCodecContext)
    made.width, made.height, made.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    made.framerate, made.gop_size, made.max_b_frames = RATE, RATE, 0
    made.bit_rate = 1_000_000
    made.options = _OPTIONS[codec]
    return made


def main() -> None:
    """Write the bare stream to standard output until nobody reads it."""
    number, codec = int(sys.argv[1]), encoder(sys.argv[2])
    begun, count = time.monotonic(), 0
    while True:
        count += 1
        time.sleep(max(0.0, begun + count / RATE - time.monotonic()))
        for packet in codec.encode(draw(milliseconds(), number)):
            sys.stdout.buffer.write(bytes(packet))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
