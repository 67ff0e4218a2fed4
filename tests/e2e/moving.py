"""The household's moving cameras, and what they tell of their sessions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.home_assistant_client import HomeAssistantClient
from demo.waiting import until

COMPONENT = Path(__file__).parent / "custom_components/moving_camera"
LIMIT = 20.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One camera of the household."""

    name: str
    number: int
    shape: str = "trickling"
    codec: str = "VP8"
    source: str | None = None
    relay_only: bool = False
    between_s: float | None = None
    """How long its candidates are in coming, each."""

    @property
    def entity(self) -> str:
        """Return its entity id."""
        return f"camera.{self.name.lower().replace(' ', '_')}"


PORCH = Kind(name="Moving porch", number=1)
GARAGE = Kind(name="Moving garage", number=2, codec="H264")
RING = Kind(name="Like Ring", number=3, shape="ring", codec="H264")
NEST = Kind(name="Like Nest", number=4, shape="nest", codec="H264")
H265 = Kind(name="Only H265", number=5, shape="h265")
CAMERAS = (PORCH, GARAGE, RING, NEST, H265)
YARD = Kind(name="Moving yard", number=7)
"""Apart from the others, for the console."""
RELAYED = Kind(name="Only relayed", number=6, codec="H264", relay_only=True)
SLOW = Kind(name="Slow candidates", number=10, between_s=0.5)


def configuration(*cameras: Kind, stun: str) -> str:
    """Return the lines of configuration.yaml that make these cameras; `stun` is the household's."""
    wanted = [
        {name: value for name, value in vars(each).items() if value is not None} for each in cameras
    ]
    # JSON is YAML. A household without a server of its own takes Home Assistant's in the internet.
    return f"moving_camera: {json.dumps(wanted)}\nweb_rtc:\n  ice_servers:\n    - url: {stun}\n"


class Sessions:
    """What a moving camera tells of the sessions at it."""

    def __init__(self, client: HomeAssistantClient, kind: Kind) -> None:
        """Take the owner's session and the camera."""
        self._client = client
        self._kind = kind

    async def told(self) -> Mapping[str, Any]:
        """Return its attributes: `offers`, `answering`, `open`, `closes`."""
        found = await self._client.ask("GET", f"/api/states/{self._kind.entity}")
        return dict(found["attributes"])

    async def open(self, count: int) -> None:
        """Wait until so many sessions are open and none is being answered."""

        async def as_many() -> bool:
            told = await self.told()
            return len(told["open"]) == count and not told["answering"]

        await until(as_many, f"{self._kind.name} has not {count} sessions", LIMIT)

    async def answering(self) -> None:
        """Wait until an offer is at the camera."""

        async def waiting() -> bool:
            return bool((await self.told())["answering"])

        await until(waiting, f"no offer came to {self._kind.name}", LIMIT)

    async def hold(self) -> None:
        """Let it answer no offer until `release`."""
        await self._client.call("moving_camera.hold", entity_id=self._kind.entity)

    async def release(self) -> None:
        """Let it answer."""
        await self._client.call("moving_camera.release", entity_id=self._kind.entity)
