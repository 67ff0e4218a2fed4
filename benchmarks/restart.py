"""The hub's start from a store with 100,000 live grants, as a real process."""

import ssl
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import uvloop
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.grants import Signed, signed
from benchmarks.table import Goal, Report, Row
from demo.hub import Hub
from demo.processes import Processes
from demo.waiting import until
from hub.grants.words import digest
from hub.protocol.keys import to_jwk
from hub.store.tables import cameras, homes

GRANTS, EACH = 100_000, 4
ROUNDS = 3
BOUND_S = 1.0
_BATCH = 5_000


def run() -> Report:
    """Start by turns with the full store and with an empty one."""
    full, empty = uvloop.run(_run())
    least, bare = min(full), min(empty)
    return Report(
        [
            Row(
                what=f"hub answers after its start, {GRANTS:,} grants stored",
                ours=f"{least:.2f} s",
                reference=f"{bare:.2f} s with an empty store",
                ratio=least / bare,
                goal=Goal(least, BOUND_S, f"≤ {BOUND_S:g} s"),
            )
        ],
        [f"Of {ROUNDS} starts the fastest, from the process' start to its first answer."],
    )


async def _run() -> tuple[list[float], list[float]]:
    with tempfile.TemporaryDirectory(prefix="rtcc-bench-") as name:
        folder = Path(name)
        async with Processes(folder / "logs") as processes:
            full = Hub.prepare(processes, folder / "full")
            empty = Hub.prepare(processes, folder / "empty")
            for hub in (full, empty):
                await _start(hub)
            await _fill(full.data / "hub.db")
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(ROUNDS):
                for hub, found in zip((full, empty), times, strict=True):
                    found.append(await _start(hub))
            return times


async def _start(hub: Hub) -> float:
    """Return the seconds until the hub answers, and end it."""
    begun = time.perf_counter()
    child = await hub.start()
    async with aiohttp.ClientSession() as session:
        await until(lambda: _answers(session, hub), "the hub does not answer", 60, 0.005)
        took = time.perf_counter() - begun
    await child.stop()
    return took


async def _answers(session: aiohttp.ClientSession, hub: Hub) -> bool:
    try:
        async with session.get(f"{hub.url}/healthz", ssl=hub.tls()) as answer:
            return answer.ok
    except aiohttp.ClientError, OSError, ssl.SSLError:
        return False


async def _fill(database: Path) -> None:
    now = datetime.now(UTC)
    grants = list(signed(GRANTS, cameras_each=EACH))
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")
    async with engine.begin() as connection:
        rows = [_home(one, now) for one in grants[::EACH]]
        for start in range(0, len(rows), _BATCH):
            await connection.execute(insert(homes), rows[start : start + _BATCH])
        for start in range(0, GRANTS, _BATCH):
            part = grants[start : start + _BATCH]
            await connection.execute(insert(cameras), [_camera(one, now) for one in part])
    await engine.dispose()


def _home(one: Signed, now: datetime) -> dict[str, object]:
    return {
        "home": one.home,
        "key_x": to_jwk(one.verifier.key)["x"],
        "name": "Bench",
        "waiver": "",
        "policy": "",
        "enrolled": now,
    }


def _camera(one: Signed, now: datetime) -> dict[str, object]:
    return {
        "camera": one.camera,
        "home": one.home,
        "seq": 1,
        "digest": digest(one.token),
        "ends": int((now + timedelta(hours=1)).timestamp()),
        "token": one.token,
    }
