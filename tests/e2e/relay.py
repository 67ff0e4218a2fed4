"""coturn as a city runs it: with the configuration that the hub writes, on this machine alone."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path

from aioice.ice import get_host_addresses

from demo.stack import Stack
from demo.waiting import free_port, until
from tests.conftest import ROOT

LIMIT = 20.0
# A STUN server that never answers (RFC 5737): whoever waits for it, waits in every test here.
DEAD_STUN = "stun:192.0.2.254:3478"


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Where coturn is, and where it listens: peers on 127.0.0.1 are refused, as in a city."""

    program: Path
    address: str
    port: int

    @classmethod
    def found(cls) -> Relay | None:
        """Return one that can be started, or None without coturn or without a network."""
        private = ROOT / ".tools/bin/turnserver"
        program = private if private.exists() else shutil.which("turnserver")
        addresses = get_host_addresses(use_ipv4=True, use_ipv6=False)
        if program is None or not addresses:
            return None
        return cls(program=Path(program), address=addresses[0], port=free_port())

    @property
    def environment(self) -> dict[str, str]:
        """Return what the hub's environment says of it."""
        return {"RTCC_TURN__URLS": f"turn:{self.address}:{self.port}?transport=udp"}

    async def start(self, stack: Stack) -> None:
        """Start it with the configuration that the hub writes for it."""
        written = await stack.hub.command(
            *("turn-config", "coturn", "--listen", self.address),
            *("--allow-peer", f"{self.address}/32"),
        )
        file = stack.data / "turnserver.conf"
        file.touch(mode=0o600)
        file.write_text(written)
        pid = stack.data / "turnserver.pid"
        child = await stack.processes.start(
            "coturn", [self.program, "-c", file, "--pidfile", pid, "--userdb", stack.data / "turn"]
        )
        await child.ready(until(self._answers, "coturn does not listen", LIMIT))

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(self.address, self.port)
        except OSError:
            return False
        writer.close()
        return True


def environment(relay: Relay | None) -> dict[str, str]:
    """Return what the hub tells players of: a dead STUN server, and the relay if there is one."""
    return {"RTCC_STUN__URLS": DEAD_STUN, **(relay.environment if relay else {})}
