"""A look's overhead through a real Home Assistant, beside the same camera asked there directly."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from benchmarks.snapshot import BOUND_MS, open_incident
from benchmarks.table import Goal, Report, Row
from demo.picture import draw
from demo.resident import Wish
from demo.simulated import utcnow
from demo.stack import Stack
from demo.waiting import Failed, until
from hub.protocol.geo import Point

WARM, LOOKS = 20, 200
WISH = Wish()
_SIZE = (1280, 720)


def run() -> Report:
    """Look and ask by turns."""
    looks, direct, size = uvloop.run(_run())
    lost = LOOKS - len(direct)
    look, own = statistics.median(looks) * 1e3, statistics.median(direct) * 1e3
    return Report(
        [
            Row(
                what=f"look's overhead, {size / 1e3:.0f} KB, real Home Assistant, median",
                ours=f"{look:.1f} ms, less {own:.1f} = {look - own:.1f} ms",
                reference=f"{own:.1f} ms directly in Home Assistant",
                ratio=look / own,
                goal=Goal(look - own, BOUND_MS, f"≤ {BOUND_MS:g} ms"),
            )
        ],
        [
            "The camera is a file that Home Assistant's local_file integration reads. In"
            f" {lost} of {LOOKS} rounds Home Assistant gave no picture directly: left out."
        ],
    )


async def _run() -> tuple[list[float], list[float], int]:
    with tempfile.TemporaryDirectory(prefix="rtcc-bench-") as name:
        async with await Stack.open(Path(name)) as stack:
            await stack.hub.start()
            operator = await stack.operator()
            await until(operator.ready, "the hub is not ready", 30)
            stack.picture.parent.mkdir(parents=True)
            stack.picture.write_bytes(draw("Bench", utcnow(), _SIZE))
            await stack.home_assistant.start()
            entity = await stack.resident.add_camera(WISH.name, stack.picture)
            code = await stack.hub.new_code()
            await stack.resident.enrol(stack.hub.url, code, entity, WISH)
            place = Point(WISH.lat, WISH.lon)
            found = await operator.live((place.lat, place.lon), bool, "the camera is not live", 30)
            incident = await open_incident(operator, place)
            states: list[dict[str, Any]] = await stack.home_assistant.client.states()
            picture = next(
                state["attributes"]["entity_picture"]
                for state in states
                if state["entity_id"] == entity
            )
            looks: list[float] = []
            direct: list[float] = []
            size = 0
            for turn in range(WARM + LOOKS):
                begun = time.perf_counter()
                look = await operator.look(incident, found[0]["camera"])
                took = time.perf_counter() - begun
                if not look.ok:
                    raise Failed(f"the look ended with {look.status}: {look.problem}")
                size = len(look.body)
                own = await _fetched(stack.session, stack.home_assistant.url + picture)
                if turn >= WARM and own is not None:
                    looks.append(took)
                    direct.append(own)
            if len(direct) < LOOKS / 2:
                raise Failed("Home Assistant gave no pictures")
            return looks, direct, size


async def _fetched(session: aiohttp.ClientSession, url: str) -> float | None:
    """Return how long the picture took; None if Home Assistant was too busy to give one."""
    begun = time.perf_counter()
    async with session.get(url) as answer:
        await answer.read()
        return time.perf_counter() - begun if answer.ok else None
