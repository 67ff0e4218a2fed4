"""What go2rtc runs as ffmpeg: sound from a camera without any, `python -m tests.e2e.silence …`.

Home Assistant lets go2rtc make Opus of every camera's sound by ffmpeg, which its own image has.
Where ffmpeg is missing go2rtc talks of that, and of nothing else that is wrong.
"""

import sys
import time

import av
import numpy as np

_RATE, _SAMPLES = 48_000, 960


def main() -> None:
    """Tell the version, or push silence to the last argument until nobody takes it."""
    if "-version" in sys.argv:
        sys.stdout.write("ffmpeg version 7.1\nlibavformat    61.  7.100 / 61.  7.100\n")
        return
    with av.open(sys.argv[-1], "w", format="rtsp", options={"rtsp_transport": "tcp"}) as output:
        stream = output.add_stream("libopus", rate=_RATE, layout="stereo")
        count = 0
        while True:
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 2 * _SAMPLES), np.int16), format="s16", layout="stereo"
            )
            frame.sample_rate, frame.pts = _RATE, count * _SAMPLES
            output.mux(stream.encode(frame))
            count += 1
            time.sleep(_SAMPLES / _RATE)


if __name__ == "__main__":
    main()
