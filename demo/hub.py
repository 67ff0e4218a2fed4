"""A real hub in a data folder of its own, with the broker that it starts by itself."""

import asyncio
import json
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.processes import ROOT, Child, Processes
from demo.waiting import Failed, free_port, until
from hub.operators.tokens import TokenScope

START_LIMIT = 60.0
DEFAULT_PORTS = 8443, 8883
COMMAND = (str(Path(sys.executable).with_name("rtcc-hub")),)


@dataclass(kw_only=True)
class Hub:
    """One hub: its folder, its ports, and its process."""

    data: Path
    https_port: int
    mqtt_port: int
    _processes: Processes
    child: Child | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def prepare(
        cls,
        processes: Processes,
        data: Path,
        environment: Mapping[str, str] | None = None,
        *,
        wanted_ports: tuple[int, int] = DEFAULT_PORTS,
    ) -> Hub:
        """Choose the ports: those of an earlier run, the usual ones, or free ones.

        Raises:
            Failed: if an earlier run's port is taken, because homes enrolled with it.

        """
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        https, mqtt = _ports(data / "demo-ports.json", wanted_ports)
        return cls(
            data=data,
            https_port=https,
            mqtt_port=mqtt,
            _processes=processes,
            environment={
                **(environment or {}),
                "RTCC_HTTP__PORT": str(https),
                "RTCC_BROKER__PORT": str(mqtt),
            },
        )

    @property
    def facts(self) -> dict[str, Any]:
        """Return what the hub tells of itself once it is ready; empty before."""
        try:
            facts = json.loads((self.data / "hub.json").read_text())
        except FileNotFoundError:
            return {}
        return dict(facts)

    @property
    def url(self) -> str:
        """Return its address on this machine."""
        return f"https://localhost:{self.https_port}"

    @property
    def ca(self) -> Path:
        """Return the file of its CA certificate."""
        return Path(self.facts["ca"])

    @property
    def broker(self) -> int:
        """Return the process id of its broker."""
        return next(
            int(pid.name)
            for pid in Path("/proc").iterdir()
            if pid.name.isdigit() and _is_broker_of(self._running.pid, pid)
        )

    def tls(self) -> ssl.SSLContext:
        """Return a context that believes this hub's CA and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ca)
        return context

    async def start(self) -> Child:
        """Start it and return when it is ready.

        Raises:
            Failed: if it does not come up.

        """
        (self.data / "hub.json").unlink(missing_ok=True)
        self.child = child = await self._processes.start(
            "hub", [*COMMAND, "--data", self.data, "serve"], self.environment
        )

        async def told() -> bool:
            return self.facts.get("pid") == child.pid

        await child.ready(until(told, "it wrote no hub.json", START_LIMIT))
        return child

    async def command(self, *arguments: str) -> str:
        """Run another of its commands on the same data folder and return what it prints.

        Raises:
            Failed: with its error.

        """
        status, output, error = await run_hub(
            "--data", str(self.data), *arguments, environment=self.environment
        )
        if status:
            raise Failed(f"rtcc-hub {arguments[0]} ended with status {status}: {error.strip()}")
        return output

    async def new_code(self) -> str:
        """Make an enrolment code."""
        return _fact(await self.command("code"), "Code")

    async def new_token(self) -> str:
        """Make an API token that may do all that the demonstration does."""
        scopes = [f"--scope={scope}" for scope in TokenScope]
        return _fact(await self.command("token", "demo", *scopes), "Token")

    @property
    def _running(self) -> Child:
        if self.child is None:
            raise Failed("the hub was not started")
        return self.child


async def run_hub(
    *arguments: str, environment: Mapping[str, str] | None = None, limit: float = 90
) -> tuple[int, str, str]:
    """Run `rtcc-hub` to its end: its exit status, its output and its errors."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(limit):
            output, error = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Failed(f"rtcc-hub {' '.join(arguments)} did not end in {limit:g} s") from None
    return process.returncode or 0, output.decode(), error.decode()


def _ports(file: Path, wanted: tuple[int, int]) -> tuple[int, int]:
    if not file.exists():
        file.write_text(json.dumps([free_port(port) for port in wanted]))
    https, mqtt = json.loads(file.read_text())
    for port in (https, mqtt):
        if free_port(port) != port:
            raise Failed(
                f"port {port} is taken, and homes enrolled with it in an earlier run: end what "
                "uses it, or begin again with --fresh or another --data"
            )
    return https, mqtt


def _fact(output: str, name: str) -> str:
    for line in output.splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value.strip()
    raise Failed(f"rtcc-hub printed no {name}: {output!r}")


def _is_broker_of(hub: int, folder: Path) -> bool:
    try:
        status = (folder / "stat").read_text()
        command = (folder / "cmdline").read_bytes()
    except OSError:
        return False
    parent = int(status.rpartition(")")[2].split()[1])
    return parent == hub and b"mosquitto" in command
