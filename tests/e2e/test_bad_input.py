"""What a person gets wrong at the hub: one clear line, exit status not 0, nothing half-written."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.hub import Hub, run_hub
from demo.hub_client import HubClient
from demo.processes import Processes
from demo.stack import Stack
from demo.waiting import until

LIMIT = 30.0
FREE = {"RTCC_HTTP__PORT": "0", "RTCC_BROKER__PORT": "0"}


async def _refused(data: Path, *before: str, environment: dict[str, str] | None = None) -> str:
    """Run `rtcc-hub serve`, which must end by itself, and return its one line."""
    status, _, error = await run_hub(
        *before, "--data", str(data), "serve", environment=FREE | (environment or {})
    )
    lines = [line for line in error.splitlines() if line.startswith("rtcc-hub: ")]
    assert status == 1
    assert len(lines) == 1, error
    assert "Traceback" not in error
    return lines[0]


@contextmanager
def _taken_port() -> Iterator[int]:
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("variable", ["RTCC_HTTP__PORT", "RTCC_BROKER__PORT"])
async def test_a_port_in_use(tmp_path: Path, mosquitto: Path, variable: str) -> None:
    with _taken_port() as port:
        line = await _refused(tmp_path / "data", environment={variable: str(port)})

    assert str(port) in line
    assert "Address already in use" in line
    assert not (tmp_path / "data/hub.json").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("city = {", "not TOML"),
        ("\x00\xff", "not TOML"),
        ("[http]\nport = 'many'\n", "http.port"),
        ("[http]\nprot = 1\n", "prot"),
        ("[nonsense]\n", "nonsense"),
    ],
)
async def test_a_broken_configuration(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(text, encoding="latin-1")

    line = await _refused(tmp_path / "data", "--config", str(file))

    assert words in line
    assert str(file) in line
    assert not (tmp_path / "data").exists()


async def test_no_configuration_where_one_is_named(tmp_path: Path) -> None:
    line = await _refused(tmp_path / "data", "--config", str(tmp_path / "missing.toml"))

    assert "missing.toml" in line


async def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    line = await _refused(tmp_path / "data")

    assert str(tmp_path / "data") in line


async def test_a_second_hub_on_the_same_data(stack: Stack) -> None:
    line = await _refused(stack.hub.data)

    assert "another hub" in line
    assert stack.hub.child is not None
    assert stack.hub.facts["pid"] == stack.hub.child.pid


async def test_damaged_keys_are_not_replaced(tmp_path: Path, mosquitto: Path) -> None:
    data = tmp_path / "data"
    assert (await run_hub("--data", str(data), "code"))[0] == 0
    for name in ("keys/ca.key", "keys/hub.key"):
        kept = (data / name).read_bytes()
        (data / name).write_bytes(b"")
        line = await _refused(data)
        assert name in line
        assert (data / name).read_bytes() == b""
        (data / name).write_bytes(kept)


async def test_a_database_that_is_none(tmp_path: Path, mosquitto: Path) -> None:
    data = tmp_path / "data"
    assert (await run_hub("--data", str(data), "code"))[0] == 0
    [database] = _files(data, "*.sqlite") or _files(data, "*.db")
    database.write_bytes(b"this is not a database" * 1_000)

    line = await _refused(data)

    assert "database" in line


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of one megabyte, which only root may."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("a full disk cannot be made: only root may mount a small file system")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _files(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4_096)
        except OSError:
            return filler


async def test_a_full_disk_at_the_start(small_disk: Path, mosquitto: Path) -> None:
    _fill(small_disk)

    line = await _refused(small_disk / "data")

    assert "No space left on device" in line
    assert _files(small_disk / "data", "keys/*") == []


async def test_a_disk_that_fills_up_while_the_hub_serves(
    small_disk: Path, tmp_path: Path, mosquitto: Path, stack: Stack
) -> None:
    async with Processes(tmp_path / "logs") as processes:
        hub = Hub.prepare(processes, small_disk / "data", wanted_ports=(0, 0))
        await hub.start()
        token = await hub.new_token()
        operator = HubClient(stack.session, hub.url, hub.tls(), token)
        await until(operator.ready, "the hub is not ready", LIMIT)
        assert await operator.open_incident(32.3, -90.18, 400, "robbery")
        filler = _fill(small_disk)

        async def refuses() -> bool:
            incident = {"kind": "robbery", "reference": "x" * 64, "lat": 32.3, "lon": -90.18}
            status, _, _ = await operator.raw(
                "POST", "/api/v1/incidents", incident | {"radius_m": 400}
            )
            assert status in {201, 503}
            return status != 201

        await until(refuses, "incidents are taken although nothing can be stored", LIMIT)
        filler.unlink()

        async def takes() -> bool:
            return not await refuses()

        await until(takes, "the hub does not recover when there is space again", LIMIT)
        assert hub.child is not None
        assert await hub.child.stop() == 0
        assert "Traceback" not in hub.child.log.read_text()
