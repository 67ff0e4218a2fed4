"""A stack whose clock tests put forward, and a camera that is shared during two hours of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from demo.hub_client import HubClient
from demo.resident import Wish
from demo.stack import Stack
from demo.waiting import until

HOME = (32.2988, -90.1848)
ZONE = ZoneInfo("America/Chicago")
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LIMIT = 90.0
"""A home whose links were cut off one after the other waits up to a minute before the next."""
STEP = timedelta(seconds=2)
"""So little that nobody takes the other end of a connection for dead."""


@dataclass(kw_only=True)
class World:
    """The time of day in every process but this one: hub, broker, Home Assistant, commands.

    It only goes forward. Timers follow because the monotonic clock jumps too; each process
    notices with the next thing that wakes it, which is why every wait here asks all of them.
    """

    file: Path
    ahead: timedelta = timedelta(0)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def environment(self) -> dict[str, str]:
        return {"FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1"}

    def forward_to(self, moment: datetime) -> None:
        ahead = moment - datetime.now(UTC)
        assert ahead >= self.ahead
        self.ahead = ahead
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{ahead.total_seconds():+.3f}\n")
        beside.replace(self.file)


@dataclass(frozen=True, kw_only=True)
class Evening:
    """A stack in such a world, and one camera shared from `begins` until before `ends`."""

    world: World
    stack: Stack
    operator: HubClient
    begins: datetime
    ends: datetime

    async def live(self) -> list[dict[str, object]]:
        """Return what is live at the hub, and wake Home Assistant."""
        await self.stack.home_assistant.client.state("sun.sun")
        return await self.operator.grants(*HOME, 400)

    async def until_live(self, what: str) -> dict[str, object]:
        return (await until(self.live, what, LIMIT, 0.1))[0]

    async def until_gone(self, what: str) -> None:
        async def gone() -> bool:
            return not await self.live()

        await until(gone, what, LIMIT, 0.1)

    async def passes(self, time: timedelta) -> None:
        """Let time pass so that every process notices, and nothing is cut off by it."""
        ends = self.world.now + time
        while self.world.now < ends:
            self.world.forward_to(min(ends, self.world.now + STEP))
            await self.live()


def in_hours(begins: datetime, ends: datetime) -> Wish:
    """Return the wish to share every day from the time of `begins` to that of `ends`."""
    return Wish(
        hours={
            "days": DAYS,
            "start": f"{begins.astimezone(ZONE):%H:%M:%S}",
            "end": f"{ends.astimezone(ZONE):%H:%M:%S}",
        }
    )
