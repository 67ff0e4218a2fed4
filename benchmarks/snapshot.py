"""A look's overhead: a snapshot by HTTP through hub, broker and home, the camera taking no time."""

import os
import statistics
import time
from unittest.mock import patch

import uvloop

from benchmarks.city import city
from benchmarks.rounds import percentile
from benchmarks.table import Goal, Report, Row
from demo import simulated
from demo.hub_client import HubClient
from hub.protocol.geo import Point

WARM, LOOKS = 20, 400
PICTURE = b"\xff\xd8" + os.urandom(100_000) + b"\xff\xd9"
BOUND_MS = 10.0


def run() -> Report:
    """Look again and again through a simulated home whose picture is ready."""
    with patch.object(simulated, "draw", lambda *_: PICTURE):
        times, empty = uvloop.run(_run())
    median = statistics.median(times) * 1e3
    return Report(
        [
            Row(
                what="look's overhead, 100 KB snapshot, simulated home, median",
                ours=f"{median:.1f} ms",
                reference=f"{statistics.median(empty) * 1e3:.1f} ms GET /healthz",
                ratio=median / (statistics.median(empty) * 1e3),
                goal=Goal(median, BOUND_MS, f"≤ {BOUND_MS:g} ms"),
            ),
            Row(
                what="look's overhead, 100 KB snapshot, simulated home, p95",
                ours=f"{percentile(times, 0.95) * 1e3:.1f} ms",
                reference=f"{percentile(empty, 0.95) * 1e3:.1f} ms GET /healthz",
            ),
        ],
        ["HTTPS and mutual TLS at the broker are on, and the look's lines are written and synced."],
    )


async def _run() -> tuple[list[float], list[float]]:
    times: list[float] = []
    empty: list[float] = []
    async with city() as running:
        incident = await open_incident(running.client, running.home.identity.place)
        camera = running.home.identity.camera
        for turn in range(WARM + LOOKS):
            begun = time.perf_counter()
            look = await running.client.look(incident, camera)
            took = time.perf_counter() - begun
            if look.body != PICTURE:
                raise RuntimeError(f"the look ended with {look.status}: {look.problem}")
            begun = time.perf_counter()
            await running.client.raw("GET", "/healthz")
            if turn >= WARM:
                times.append(took)
                empty.append(time.perf_counter() - begun)
    return times, empty


async def open_incident(client: HubClient, place: Point) -> str:
    """Open an incident of a kind that allows snapshots, around a place."""
    document = await client.ask("GET", "/api/v1/city")
    kinds = document["policy"]["kinds"]
    kind = next(name for name, rule in kinds.items() if "snapshot" in rule["scopes"])
    radius = min(500, kinds[kind]["radius_m"])
    return await client.open_incident(place.lat, place.lon, radius, kind)
