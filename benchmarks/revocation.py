"""From the owner's revocation to "not live" at the hub, beside a bare publish and subscribe."""

import asyncio
import contextlib
import socket
import statistics
from time import monotonic_ns

import uvloop

from benchmarks.bare import bare
from benchmarks.city import City, WatchedHub, city
from benchmarks.rounds import percentile
from benchmarks.table import Goal, Report, Row
from benchmarks.watched_hub import GONE, LIVE, SOCKET
from demo.processes import Child

WARM, ROUNDS = 50, 1_000
CHECK_EVERY = 100
TIMES = 3.0


class Watch:
    """What the hub tells about itself."""

    def __init__(self, path: str) -> None:
        """Listen at a path."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(path)
        self._socket.setblocking(False)

    async def next(self, word: bytes) -> int:
        """Return when the hub next says `word`, in nanoseconds of the machine's clock."""
        async with asyncio.timeout(20):
            while True:
                told, at = (await asyncio.get_running_loop().sock_recv(self._socket, 100)).split()
                if told == word:
                    return int(at)

    def forget(self) -> None:
        """Drop what was told until now."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(100)


class TellingHub(WatchedHub):
    """A watched hub whose watch is set up before it starts."""

    watch: Watch

    async def start(self) -> Child:
        """Listen first, then start."""
        self.watch = Watch(self.environment[SOCKET])
        return await super().start()


def run() -> Report:
    """Measure both by turns."""
    return uvloop.run(_run())


async def _run() -> Report:
    ours: list[float] = []
    reference: list[float] = []
    async with city(TellingHub) as running, bare(running) as pair:
        assert isinstance(running.hub, TellingHub)  # noqa: S101 - as asked for
        watch, home = running.hub.watch, running.home
        home.keep_sent = True
        for turn in range(WARM + ROUNDS):
            watch.forget()
            begun = monotonic_ns()
            home.revoke()
            took = (await watch.next(GONE) - begun) / 1e9
            payload = home.sent[-1][1]
            home.sent.clear()
            if turn % CHECK_EVERY == 0:
                await _check(running, live=False)
            home.share()
            await watch.next(LIVE)
            if turn % CHECK_EVERY == 0:
                await _check(running, live=True)
            there = await pair.publish(payload)
            if turn >= WARM:
                ours.append(took)
                reference.append(there)
    rows = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        mine, theirs = percentile(ours, share), percentile(reference, share)
        goal = Goal(mine / theirs, TIMES, f"≤ {TIMES:g} times") if name == "p99" else None
        rows.append(
            Row(
                what=f"owner's revocation to not live at the hub, {name}",
                ours=f"{mine * 1e3:.2f} ms",
                reference=f"{theirs * 1e3:.2f} ms bare publish/subscribe",
                ratio=mine / theirs,
                goal=goal,
            )
        )
    return Report(
        rows,
        [
            "The hub's process tells the moment from which its API answers differently; no polling"
            f" disturbs it. {statistics.mean(ours) * 1e3:.2f} ms on average, signing included."
        ],
    )


async def _check(running: City, *, live: bool) -> None:
    place = running.home.identity.place
    found = await running.client.grants(place.lat, place.lon, 100)
    if bool(found) is not live:
        raise RuntimeError("the API does not answer what the hub told")
