"""Live video: the first picture, the last one, and what a stream costs, in a real household."""

import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop
from playwright.async_api import BrowserContext, async_playwright

from benchmarks.rounds import percentile
from benchmarks.table import Report, Row
from demo.home_assistant import Household
from demo.processes import ROOT, Child
from demo.resident import Wish
from demo.stack import Stack
from demo.waiting import Failed
from tests.e2e import moving
from tests.e2e.custom_components.moving_camera.pattern import RATE
from tests.e2e.moving import PORCH
from tests.e2e.relay import dead_stun
from tests.e2e.streaming import Streaming, share
from tests.e2e.watching import FLAGS, Player, player, window

WARM, FIRSTS = 2, 10
SWITCHES = 50
COSTS, COST_S = 3, 15.0
_HUB_PAGE, _HOME_PAGE = "/api/v1/city", "/manifest.json"
_BETWEEN_MS = 1000 / RATE
_TICKS = os.sysconf("SC_CLK_TCK")

type Play = Callable[[], Awaitable[Player]]


@dataclass(frozen=True, kw_only=True)
class Ways:
    """The same camera, by way of the hub and directly at its Home Assistant."""

    streaming: Streaming
    hub: BrowserContext
    home: BrowserContext
    incident: str
    owner: str
    switch: str

    async def by_hub(self) -> Player:
        """Play as an operator does; who only asks how a camera is played has asked before."""
        return await self._whep(trickle=True)

    async def by_whep(self) -> Player:
        """Play as any other player does: it takes no candidates after the answer."""
        return await self._whep(trickle=False)

    async def _whep(self, *, trickle: bool) -> Player:
        streaming = self.streaming
        playing = await streaming.ready(await streaming.how(self.incident, PORCH), self.hub)
        answer = await playing.whep(
            streaming.address(self.incident, PORCH) + "/whep", streaming.token, trickle=trickle
        )
        if answer["status"] != 201:  # noqa: PLR2004
            raise Failed(f"the hub answered {answer}")
        return playing

    async def directly(self) -> Player:
        """Play as the owner's own user interface does."""
        playing = await player(self.home)
        await playing.home_assistant(self.owner, PORCH.entity)
        return playing

    async def end(self, playing: Player) -> None:
        """Stop playing, and wait until the camera is free again."""
        if playing.page in self.home.pages:
            await playing.close()
        else:
            await playing.stop()
        await self.streaming.sessions(PORCH).open(0)


def run() -> Report:
    """Measure all three, one after the other."""
    return uvloop.run(_run())


async def _run() -> Report:
    async with _ways() as ways:
        firsts = await _first_pictures(ways)
        lasts = await _last_pictures(ways)
        costs = await _costs(ways)
    return Report([*_first_rows(*firsts), *_last_rows(lasts), *_cost_rows(costs)], _NOTES)


_NOTES = [
    "The camera is one of the tests' (aiortc, VP8, 640x360 at 15 a second, candidates 20 ms apart"
    " after its answer) in a real Home Assistant; the browser is a real Chromium, and all of it"
    " shares this machine. Encoding is in Home Assistant's process.",
    "First picture: from before the offer is made until it is shown. Answer: until the answer.",
    "Last picture: from just before the owner's call of the switch's service until the last picture"
    " was shown; pictures are 67 ms apart.",
]


async def _first_pictures(ways: Ways) -> list[list[list[float]]]:
    """Return (answer, picture) in milliseconds by the hub, directly, and by any WHEP player."""
    all_found: list[list[list[float]]] = [[], [], []]
    plays: list[Play] = [ways.by_hub, ways.directly, ways.by_whep]
    for turn in range(WARM + FIRSTS):
        order = list(zip(all_found, plays, strict=True))
        for found, play in order if turn % 2 else reversed(order):
            playing = await play()
            await playing.frames(3)
            first, stats = await playing.first(), await playing.stats()
            if turn >= WARM:
                found.append([stats["answered"], first.after])
            await ways.end(playing)
    return all_found


async def _last_pictures(ways: Ways) -> list[float]:
    lasts = []
    for _ in range(SWITCHES):
        playing = await ways.by_hub()
        await playing.frames(5)
        # Whoever waited for a picture is in step with them; an owner is not.
        await playing.page.wait_for_timeout(random.uniform(0, _BETWEEN_MS))  # noqa: S311
        begun = time.time() * 1e3
        await ways.streaming.resident.switch(ways.switch, on=False)
        last = await playing.stopped(still=1)
        lasts.append(last.shown - begun)
        await playing.close()
        await ways.streaming.live(PORCH, wanted=False)
        await ways.streaming.resident.switch(ways.switch, on=True)
        await ways.streaming.live(PORCH)
    return lasts


async def _costs(ways: Ways) -> dict[str, list[tuple[float, float]]]:
    """Return shares of one core, of the hub and of Home Assistant, by what happened meanwhile."""
    costs: dict[str, list[tuple[float, float]]] = {"idle": [], "directly": [], "by_hub": []}
    for _ in range(COSTS):
        costs["idle"].append(await _busy(ways, COST_S))
        for name, play in (("directly", ways.directly), ("by_hub", ways.by_hub)):
            playing = await play()
            await playing.frames(5)
            costs[name].append(await _busy(ways, COST_S, playing))
            await ways.end(playing)
    return costs


async def _busy(ways: Ways, length: float, playing: Player | None = None) -> tuple[float, float]:
    stack = ways.streaming.stack
    pids = [_pid(stack.hub.child), _pid(stack.home_assistant.child)]
    before, begun = [_processor(pid) for pid in pids], time.monotonic()
    page = playing.page if playing else ways.hub.pages[0]
    await page.wait_for_timeout(length * 1e3)
    took = time.monotonic() - begun
    hub, home = ((_processor(pid) - was) / took for pid, was in zip(pids, before, strict=True))
    if playing is not None:
        await playing.frames(3)
    return hub, home


def _pid(child: Child | None) -> int:
    if child is None:
        raise Failed("it was not started")
    return child.pid


def _processor(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _first_rows(
    hub: list[list[float]], home: list[list[float]], held: list[list[float]]
) -> list[Row]:
    rows = []
    for index, what in enumerate(("answer", "first picture")):
        theirs = [one[index] for one in home]
        other = statistics.median(theirs)
        for way, found in (("the hub", hub), ("the hub, by any WHEP player", held)):
            ours = [one[index] for one in found]
            mine = statistics.median(ours)
            rows.append(
                Row(
                    what=f"{what} by way of {way}, median of {FIRSTS}",
                    ours=f"{mine:.0f} ms ({min(ours):.0f} to {max(ours):.0f})",
                    reference=f"{other:.0f} ms ({min(theirs):.0f} to {max(theirs):.0f}) directly",
                    ratio=mine / other,
                )
            )
    return rows


def _last_rows(lasts: list[float]) -> list[Row]:
    none = sum(last < 0 for last in lasts)
    p99, most = percentile(lasts, 0.99), max(lasts)
    return [
        Row(
            what=f"owner's switch to last picture, p99 and the slowest of {len(lasts)}",
            ours=f"{max(0, p99):.0f} ms, {max(0, most):.0f} ms",
            reference=f"no further picture in {none} of {len(lasts)}",
        )
    ]


def _cost_rows(costs: dict[str, list[tuple[float, float]]]) -> list[Row]:
    hub, home = (
        {name: statistics.median(one[index] for one in found) for name, found in costs.items()}
        for index in (0, 1)
    )
    return [
        Row(
            what="processor time of the hub during a stream",
            ours=f"{hub['by_hub']:.2%} of a core",
            reference=f"{hub['idle']:.2%} idle",
        ),
        Row(
            what="processor time of the home during a stream",
            ours=f"{home['by_hub']:.1%} of a core",
            reference=f"{home['directly']:.1%} directly, {home['idle']:.1%} idle",
            ratio=home["by_hub"] / home["directly"],
        ),
    ]


@asynccontextmanager
async def _ways() -> AsyncIterator[Ways]:
    with tempfile.TemporaryDirectory(prefix="rtcc-bench-") as name, dead_stun() as stun:
        household = Household(
            components=(moving.COMPONENT,), configuration=moving.configuration(PORCH, stun=stun)
        )
        async with (
            await Stack.open(Path(name), household=household) as stack,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(
                executable_path=ROOT / ".tools/bin/chromium", args=FLAGS
            )
            await stack.hub.start()
            operator = await stack.operator()
            await stack.start_camera()
            await stack.home_assistant.start()
            resident = stack.resident
            still = await resident.add_camera("Demo camera", stack.picture)
            await resident.enrol(stack.hub.url, await stack.hub.new_code(), still, Wish())
            cameras = await share(stack, (PORCH,))
            streaming = Streaming(stack=stack, browser=browser, operator=operator, cameras=cameras)
            async with (
                window(browser, stack.hub.url + _HUB_PAGE) as at_hub,
                window(browser, stack.home_assistant.url + _HOME_PAGE) as at_home,
            ):
                yield Ways(
                    streaming=streaming,
                    hub=at_hub,
                    home=at_home,
                    incident=await streaming.incident(),
                    owner=await stack.home_assistant.client.command(
                        "auth/long_lived_access_token", client_name="benchmark", lifespan=1
                    ),
                    switch=await streaming.switch(PORCH),
                )
