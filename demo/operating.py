"""What the demo does while it runs: incidents on request, and links that open the console."""

import asyncio
import os
import random
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.home_assistant import Household
from demo.homes import places
from demo.hub_client import HubClient
from demo.stack import Stack
from demo.story import WISH
from demo.waiting import Failed

HOMES = 600
SETTINGS = {"RTCC_OPERATORS__SIGN_IN_LINKS": "true"}
"""What a city in service leaves off."""
OPERATOR, ROLE = "Demo Operator", "supervisor"
_STREET = Path(__file__).parent / "custom_components/demo_street"
_STDIN = 0
_RADIUS_M = 400.0
_MOST = 1_024
_KEYS = """\
Enter  a new incident somewhere in Jackson      h Enter  one at the real home
l Enter  a fresh link                           Ctrl-C  ends everything"""


def household() -> Household:
    """Return the home whose second camera streams."""
    return Household(components=(_STREET,), configuration="demo_street:\n")


class Operating:
    """The person at the terminal, and the hub that they ask for incidents and links."""

    def __init__(self, stack: Stack, operator: HubClient) -> None:
        """Take what runs, and the client that opens incidents."""
        self._stack = stack
        self._operator = operator
        self._kinds: dict[str, Any] = {}
        self._choose = random.Random()  # noqa: S311 - scenery

    async def run(self, every: float | None) -> None:
        """Do what is asked for, until cancelled."""
        await self.link()
        print(_KEYS, flush=True)
        asked = read_lines()
        while True:
            try:
                async with asyncio.timeout(every):
                    line = await asked.get()
            except TimeoutError:
                line = "i"
            try:
                await self.obey(line)
            except Failed as err:
                print(f"not done: {err}", flush=True)

    async def obey(self, line: str) -> None:
        """Do what one line asks for."""
        match line.strip().lower():
            case "" | "i":
                place = self._choose.choice(places(HOMES))
                await self.incident(place.lat, place.lon)
            case "h":
                await self.incident(WISH.lat, WISH.lon)
            case "l":
                await self.link()
            case _:
                print(_KEYS, flush=True)

    async def incident(self, lat: float, lon: float) -> None:
        """Open an incident by the API, as a dispatch system does."""
        if not self._kinds:
            city = await self._operator.ask("GET", "/api/v1/city")
            self._kinds = {
                kind: rule
                for kind, rule in city["policy"]["kinds"].items()
                if "stream" in rule["scopes"] and rule["radius_m"] >= _RADIUS_M
            }
        kind = self._choose.choice(sorted(self._kinds))
        now = datetime.now(UTC)
        reference = f"CAD-{now:%H%M%S}-{now.microsecond // 1000:03}"
        await self._operator.open_incident(lat, lon, _RADIUS_M, kind, reference)
        print(f"{self._kinds[kind]['name']['en']} {reference} at {lat:.4f}, {lon:.4f}", flush=True)

    async def link(self) -> None:
        """Print a link that signs in once."""
        hub = self._stack.hub
        try:
            said = await hub.command("operators", "link", OPERATOR)
        except Failed:
            await hub.command("operators", "invite", OPERATOR, "--role", ROLE)
            said = await hub.command("operators", "link", OPERATOR)
        address = said.partition("Link: ")[2].split()[0]
        print(f"Open this (good once, for five minutes):\n\n  {address}\n", flush=True)


def read_lines() -> asyncio.Queue[str]:
    """Return a queue that gets each line typed; nothing comes where nobody types."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        # Not through sys.stdin: its lock would be held when the process ends.
        kept = b""
        with suppress(OSError, RuntimeError):
            while got := os.read(_STDIN, _MOST):
                *whole, kept = (kept + got).split(b"\n")
                for line in whole:
                    loop.call_soon_threadsafe(lines.put_nowait, line.decode(errors="replace"))

    if _in_front():
        threading.Thread(target=read, daemon=True).start()
    return lines


def _in_front() -> bool:
    """Tell whether reading is allowed: a terminal stops what reads from it in the background."""
    try:
        return not os.isatty(_STDIN) or os.tcgetpgrp(_STDIN) == os.getpgrp()
    except OSError:
        return False
