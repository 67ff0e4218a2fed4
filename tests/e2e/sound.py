"""What go2rtc runs as ffmpeg, `python -m tests.e2e.sound …`: a stream's sound as Opus.

Home Assistant lets go2rtc make Opus of every camera's sound by ffmpeg, which its own image has.
This is as much of ffmpeg as that takes, on the same libraries; with no input it makes silence.
"""

import sys
import time
from collections.abc import Iterator

import av
import numpy as np

_RATE, _SAMPLES = 48_000, 960
_OVER_TCP = {"rtsp_transport": "tcp"}


def silence() -> Iterator[av.AudioFrame]:
    """Give frames without end, each when it is due."""
    begun, count = time.monotonic(), 0
    while True:
        time.sleep(max(0.0, begun + count * _SAMPLES / _RATE - time.monotonic()))
        empty = np.zeros((1, 2 * _SAMPLES), np.int16)
        frame = av.AudioFrame.from_ndarray(empty, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = _RATE, count * _SAMPLES
        yield frame
        count += 1


def main() -> None:
    """Tell the version, or push sound to the last argument until nobody takes it."""
    if "-version" in sys.argv:
        sys.stdout.write("ffmpeg version 7.1\nlibavformat    61.  7.100 / 61.  7.100\n")
        return
    frames = silence()
    if "-i" in sys.argv:
        try:
            source = av.open(sys.argv[sys.argv.index("-i") + 1], options=_OVER_TCP)
        except av.FFmpegError as err:
            sys.exit(f"Error opening input: {err}")
        frames = source.decode(audio=0)
    with av.open(sys.argv[-1], "w", format="rtsp", options=_OVER_TCP) as output:
        stream = output.add_stream("libopus", rate=_RATE, layout="stereo")
        for frame in frames:
            output.mux(stream.encode(frame))


if __name__ == "__main__":
    main()
