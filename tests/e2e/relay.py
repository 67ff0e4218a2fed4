"""coturn as a city runs it: with the configuration that the hub writes, on this machine alone."""

import asyncio
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.stack import Stack
from demo.waiting import free_port, until
from tests.conftest import ROOT

LIMIT = 20.0
ADDRESS = "127.0.0.2"
"""One that neither the home nor the browser has: what they send there goes through the relay."""


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Where coturn is, and the port on which it listens."""

    program: Path
    port: int

    @classmethod
    def found(cls) -> Relay | None:
        """Return one that can be started, or None if there is no coturn."""
        private = ROOT / ".tools/bin/turnserver"
        program = private if private.exists() else shutil.which("turnserver")
        return None if program is None else cls(program=Path(program), port=free_port())

    @property
    def environment(self) -> dict[str, str]:
        """Return what the hub's environment says of it."""
        return {"RTCC_TURN__URLS": f"turn:{ADDRESS}:{self.port}?transport=udp"}

    async def start(self, stack: Stack) -> None:
        """Start it with the configuration that the hub writes for it."""
        written = await stack.hub.command(
            *("turn-config", "coturn", "--listen", ADDRESS, "--allow-peer", f"{ADDRESS}/32")
        )
        file = stack.data / "turnserver.conf"
        file.touch(mode=0o600)
        # No city's relay stands on a loopback address.
        file.write_text(f"{written}allow-loopback-peers\n")
        pid = stack.data / "turnserver.pid"
        child = await stack.processes.start(
            "coturn", [self.program, "-c", file, "--pidfile", pid, "--userdb", stack.data / "turn"]
        )
        await child.ready(until(self._answers, "coturn does not listen", LIMIT))

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(ADDRESS, self.port)
        except OSError:
            return False
        writer.close()
        return True


@contextmanager
def dead_stun() -> Iterator[str]:
    """Give the address of a STUN server that takes what it is sent and never answers.

    Every player here is told of it, and so is every camera: whoever waits for it is found out.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((ADDRESS, 0))
        yield f"stun:{ADDRESS}:{silent.getsockname()[1]}"
