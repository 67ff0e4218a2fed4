"""The next Home Assistant boots with the integration and offers its config flow."""

import asyncio
import json
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

pytestmark = [pytest.mark.next, pytest.mark.timeout(300)]

START_LIMIT = 180
CONFIGURATION = """
homeassistant:
  name: Smoke
http:
  server_host: 127.0.0.1
  server_port: {port}
config:
frontend:
onboarding:
camera:
recorder:
logbook:
system_health:
"""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A running Home Assistant and the session of its first user."""

    address: str
    folder: Path
    session: aiohttp.ClientSession

    @property
    def log(self) -> str:
        return (self.folder / "output.log").read_text()

    async def ask(self, method: str, path: str, **data: object) -> object:
        body = data or None
        async with self.session.request(method, self.address + path, json=body) as response:
            text = await response.text()
            assert response.ok, (
                f"{method} {path}: {response.status} {text}\n{tail(self.folder / 'output.log')}"
            )
            return json.loads(text)


def tail(log: Path) -> str:
    return log.read_text()[-4000:]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def answering(address: str, process: asyncio.subprocess.Process, log: Path) -> None:
    """Wait until onboarding answers; a process that ended says why."""
    async with asyncio.timeout(START_LIMIT), aiohttp.ClientSession() as session:
        while True:
            assert process.returncode is None, tail(log)
            with suppress(aiohttp.ClientError):
                async with session.get(address + "/api/onboarding") as response:
                    if response.ok:
                        return
            await asyncio.sleep(0.25)


async def first_user(address: str) -> str:
    """Complete the onboarding's first step and return an access token."""
    user = {"name": "Smoke", "username": "smoke", "password": "smoke", "language": "en"}
    client = address + "/"
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.post(
            address + "/api/onboarding/users", json={"client_id": client, **user}
        ) as response:
            code = (await response.json())["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client}
        async with session.post(address + "/auth/token", data=grant) as response:
            return str((await response.json())["access_token"])


@pytest.fixture
async def instance(next_python: Path, root: Path, tmp_path: Path) -> AsyncIterator[Instance]:
    """Run Home Assistant from its own environment, as a resident would have it."""
    source = root / "custom_components/jackson_rtcc"
    if not (source / "manifest.json").exists():
        pytest.skip("the integration has no manifest yet")
    shutil.copytree(
        source,
        tmp_path / "custom_components/jackson_rtcc",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    port = free_port()
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION.format(port=port))
    address = f"http://127.0.0.1:{port}"
    log = tmp_path / "output.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(next_python, "-m", "homeassistant", "-c", tmp_path, "--skip-pip"),
            cwd=tmp_path,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            await answering(address, process, log)
            headers = {"Authorization": f"Bearer {await first_user(address)}"}
            async with aiohttp.ClientSession(headers=headers) as session:
                yield Instance(address=address, folder=tmp_path, session=session)
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 60)
            except TimeoutError:
                process.kill()
                await process.wait()


async def test_config_flow_opens(instance: Instance) -> None:
    config = await instance.ask("GET", "/api/config")
    handlers = await instance.ask("GET", "/api/config/config_entries/flow_handlers")
    flow = await instance.ask("POST", "/api/config/config_entries/flow", handler="jackson_rtcc")

    assert isinstance(config, dict)
    assert config["version"].startswith("2026.11.")
    assert isinstance(handlers, list)
    assert "jackson_rtcc" in handlers
    assert isinstance(flow, dict)
    assert flow["type"] == "form"
    assert flow["handler"] == "jackson_rtcc"
    complaints = [
        line
        for line in instance.log.splitlines()
        if "jackson_rtcc" in line
        and (" ERROR " in line or " CRITICAL " in line or "deprecated" in line.lower())
    ]
    assert complaints == []
