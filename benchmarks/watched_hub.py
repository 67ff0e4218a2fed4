"""`rtcc-hub`, telling the moments at which its answers change to a datagram socket."""

import os
import socket
import sys
import time

from hub.cli import main
from hub.grants.cameras import Cameras
from hub.protocol.grant import Grant, Revocation

SOCKET = "RTCC_BENCH_SOCKET"
GONE, LIVE = b"gone", b"live"


def watch(path: str) -> None:
    """Send a word and the machine's monotonic clock when a camera ceases or begins to be live."""
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.connect(path)
    reserve, admit = Cameras.reserve, Cameras.admit

    def tell(word: bytes) -> None:
        told.send(b"%s %d" % (word, time.monotonic_ns()))

    def watched_reserve(
        self: Cameras, camera: str, word: Grant | Revocation, digest: bytes
    ) -> None:
        reserve(self, camera, word, digest)
        if isinstance(word, Revocation):
            tell(GONE)

    def watched_admit(self: Cameras, camera: str) -> None:
        admit(self, camera)
        if (held := self.held(camera)) is not None and held.grant is not None:
            tell(LIVE)

    setattr(Cameras, "reserve", watched_reserve)  # noqa: B010 - from outside, on purpose
    setattr(Cameras, "admit", watched_admit)  # noqa: B010


if __name__ == "__main__":
    watch(os.environ[SOCKET])
    sys.exit(main())
