"""The moving picture: a viewer can read out of it when it was taken, and by which camera."""

import time

import numpy as np
from av import CodecContext, VideoFrame
from av.video.codeccontext import VideoCodecContext

WIDTH, HEIGHT, RATE = 640, 360, 15
BLOCK = 40
"""Pixels; a block is one bit. Three rows of them: 32 bits of time, 8 of number, 8 that check."""
BAR = 40
COLUMNS = WIDTH // BLOCK
ROWS = 3
_BLACK, _GREY, _WHITE = 16, 100, 235


def milliseconds() -> int:
    """Return the time of day as the picture carries it."""
    return time.time_ns() // 1_000_000 % 2**32


def code(taken: int, number: int) -> int:
    """Return 48 bits: when, which camera, and a sum of both."""
    check = sum((taken >> shift) & 0xFF for shift in (0, 8, 16, 24)) + number & 0xFF
    return taken << 16 | number << 8 | check


def bar(taken: int) -> int:
    """Return where the bar begins, which crosses the picture in six seconds."""
    return taken // 10 % (WIDTH - BAR)


def draw(taken: int, number: int) -> VideoFrame:
    """Return the picture of one moment."""
    luma = np.full((HEIGHT, WIDTH), _GREY, np.uint8)
    bits = code(taken, number)
    for index in range(ROWS * COLUMNS):
        row, column = divmod(index, COLUMNS)
        bit = bits >> (ROWS * COLUMNS - 1 - index) & 1
        luma[row * BLOCK : (row + 1) * BLOCK, column * BLOCK : (column + 1) * BLOCK] = (
            _WHITE if bit else _BLACK
        )
    begins = bar(taken)
    luma[ROWS * BLOCK + BLOCK :, begins : begins + BAR] = _WHITE
    colour = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    return VideoFrame.from_ndarray(np.concatenate((luma, colour)), format="yuv420p")


def still(number: int) -> bytes:
    """Return the picture of now as a JPEG."""
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
    encoder.framerate = RATE
    frame = draw(milliseconds(), number).reformat(format="yuvj420p")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
