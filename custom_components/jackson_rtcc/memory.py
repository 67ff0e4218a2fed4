"""What a home must remember across a restart: its switches, its sequence, what it has shared."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)
_VERSION = 1
_LATER_S = 5.0


class StoredCamera(TypedDict):
    """One camera's switches as they are stored."""

    camera: str
    on: bool
    until: str | None


class Stored(TypedDict):
    """The memory as it is stored."""

    seq: int
    on: bool
    cameras: dict[str, StoredCamera]
    retired: dict[str, str]


@dataclass(slots=True)
class CameraMemory:
    """The switches of one camera."""

    camera: str
    on: bool = True
    until: datetime | None = None


@dataclass(slots=True)
class Memory:
    """Switches by subentry id; `retired` are removed cameras and until when to say so."""

    store: Store[Stored]
    seq: int = 0
    on: bool = True
    cameras: dict[str, CameraMemory] = field(default_factory=dict)
    retired: dict[str, datetime] = field(default_factory=dict)

    def next_seq(self, now: datetime) -> int:
        """Return the next sequence number: it grows even if the clock goes back."""
        self.seq = max(self.seq + 1, int(now.timestamp() * 1000))
        self.save_later()
        return self.seq

    def raise_seq(self, seq: int) -> None:
        """Go on above a number that the hub has seen."""
        self.seq = max(self.seq, seq)
        self.save_later()

    def save_later(self) -> None:
        """Save soon; what would be lost by then can be made anew."""
        self.store.async_delay_save(self._stored, _LATER_S)

    async def save(self) -> None:
        """Save now: for what the owner decided."""
        await self.store.async_save(self._stored())

    def _stored(self) -> Stored:
        return {
            "seq": self.seq,
            "on": self.on,
            "cameras": {
                subentry_id: {
                    "camera": camera.camera,
                    "on": camera.on,
                    "until": camera.until.isoformat() if camera.until else None,
                }
                for subentry_id, camera in self.cameras.items()
            },
            "retired": {camera: until.isoformat() for camera, until in self.retired.items()},
        }


def new(hass: HomeAssistant, home: str) -> Memory:
    """Return the memory of a home that has just enrolled, to be saved."""
    return Memory(Store(hass, _VERSION, f"{DOMAIN}.{home}.state", private=True, atomic_writes=True))


async def load(hass: HomeAssistant, home: str) -> Memory:
    """Return what the home remembers; if that is lost, the owner may have taken all back."""
    memory = new(hass, home)
    if (stored := await memory.store.async_load()) is None:
        _LOGGER.warning("What was switched off is not known any more: nothing is shared")
        memory.on = False
        return memory
    memory.seq = stored["seq"]
    memory.on = stored["on"]
    memory.cameras = {
        subentry_id: CameraMemory(
            camera["camera"],
            camera["on"],
            dt_util.parse_datetime(camera["until"]) if camera["until"] else None,
        )
        for subentry_id, camera in stored["cameras"].items()
    }
    memory.retired = {
        camera: datetime.fromisoformat(until) for camera, until in stored["retired"].items()
    }
    return memory


async def forget(memory: Memory) -> None:
    """Delete what the home remembers."""
    await memory.store.async_remove()
