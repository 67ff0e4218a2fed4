"""What a running hub tells the commands beside it, and how they tell it to read again."""

import os
import signal
from typing import Self

import msgspec

from hub.data import DataFolder

_FILE = "hub.json"


class BrokerAddress(msgspec.Struct, frozen=True):
    """Where the broker listens, as homes on this machine reach it."""

    host: str
    port: int


class Running(msgspec.Struct, frozen=True):
    """A hub that serves: the facts in `hub.json`."""

    pid: int
    url: str
    broker: BrokerAddress
    ca: str
    fingerprint: str

    def announce(self, folder: DataFolder) -> None:
        """Write the facts, all or nothing: a reader knows by them that the hub is ready."""
        folder.write(_FILE, msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")

    @classmethod
    def find(cls, folder: DataFolder) -> Self | None:
        """Return the hub that serves this folder now, if there is one and it is ready."""
        pid, text = folder.server(), folder.read(_FILE)
        if pid is None or text is None:
            return None
        try:
            found = msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError:
            return None
        # A hub that was killed left its facts behind, and its number may be another's now.
        return found if found.pid == pid else None

    def read_again(self) -> bool:
        """Make the hub read homes and tokens again; False if it may not be told."""
        try:
            os.kill(self.pid, signal.SIGHUP)
        except OSError:
            return False
        return True


def withdraw(folder: DataFolder) -> None:
    """Remove the facts: the hub does not serve (yet, or any more)."""
    (folder.path / _FILE).unlink(missing_ok=True)
