"""Mosquitto as the hub's child: it comes up, comes back, and never stays behind."""

import asyncio
import os
import signal
import socket
import sys
from datetime import datetime
from pathlib import Path

import pytest

from hub.data import DataFolder
from hub.errors import StartError
from hub.homes.authority import Authority
from hub.messaging.child import Broker, find_mosquitto, free_port
from hub.messaging.setup import embedded_broker
from tests.hub.conftest import CHECKOUT, until
from tests.hub.waiting import LIMIT


def new_broker(folder: DataFolder, authority: Authority, now: datetime, port: int = 0) -> Broker:
    return embedded_broker(
        folder, authority, names=["127.0.0.1"], bind="127.0.0.1", port=port, now=now
    )


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.usefixtures("mosquitto")
async def test_it_starts_again_when_it_dies(broker: Broker) -> None:
    first = broker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: broker.pid != first)
    async with asyncio.timeout(LIMIT):
        while True:
            try:
                _, writer = await asyncio.open_connection(broker.host, broker.port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                break


async def test_it_ends_with_the_hub_that_stops_it(
    folder: DataFolder, authority: Authority, now: datetime
) -> None:
    broker = new_broker(folder, authority, now)
    await broker.start()
    pid = broker.pid
    assert pid is not None
    await broker.stop()
    assert not alive(pid)
    assert not (folder.path / "broker/pid").exists()


async def test_stopping_what_was_never_started_does_nothing(
    folder: DataFolder, authority: Authority, now: datetime
) -> None:
    broker = new_broker(folder, authority, now)
    assert broker.pid is None
    broker.reload()
    await broker.stop()


_A_HUB = """
import asyncio, pathlib, sys
from datetime import UTC, datetime
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.messaging.setup import embedded_broker

async def main():
    now = datetime.now(UTC)
    folder = DataFolder.open(pathlib.Path(sys.argv[1]))
    authority = Authority.open(folder, "Jackson", now)
    names = ["127.0.0.1"]
    broker = embedded_broker(folder, authority, names=names, bind=names[0], port=0, now=now)
    await broker.start()
    print(broker.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.usefixtures("mosquitto")
async def test_it_dies_with_a_hub_that_is_killed(folder: DataFolder) -> None:
    hub = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _A_HUB,
        str(folder.path),
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
    )
    assert hub.stdout is not None
    pid = int(await asyncio.wait_for(hub.stdout.readline(), LIMIT))
    assert alive(pid)
    hub.kill()
    await hub.wait()
    await until(lambda: not alive(pid))


async def test_one_left_behind_is_ended_first(
    folder: DataFolder, authority: Authority, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port("127.0.0.1")
    broker = new_broker(folder, authority, now, port)
    left = await asyncio.create_subprocess_exec(
        str(find_mosquitto()), "-c", str(folder.path / "broker/mosquitto.conf")
    )
    await until(lambda: b"mosquitto.conf" in Path(f"/proc/{left.pid}/cmdline").read_bytes())
    (folder.path / "broker/pid").write_text(f"{left.pid}\n")
    ended = asyncio.create_task(left.wait())
    await broker.start()
    await asyncio.wait_for(ended, LIMIT)
    await broker.stop()
    assert "an earlier hub left behind" in caplog.text


@pytest.mark.parametrize("pid", ["", "x", "999999999", str(os.getpid())])
async def test_a_process_that_is_not_our_broker_is_left_alone(
    folder: DataFolder, authority: Authority, now: datetime, pid: str
) -> None:
    broker = new_broker(folder, authority, now)
    (folder.path / "broker/pid").write_text(pid)
    await broker.start()
    await broker.stop()


async def test_a_port_in_use_is_one_line(
    folder: DataFolder, authority: Authority, now: datetime
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        broker = new_broker(folder, authority, now, port)
        with pytest.raises(StartError, match=rf"127.0.0.1 port {port}: Address already in use"):
            await broker.start()


@pytest.mark.usefixtures("mosquitto")
async def test_what_mosquitto_dislikes_is_told_in_its_words(
    folder: DataFolder, authority: Authority, now: datetime
) -> None:
    broker = new_broker(folder, authority, now)
    folder.write("broker/mosquitto.conf", "listener 1\nnonsense true\n")
    with pytest.raises(StartError, match=r"did not start: .*nonsense") as caught:
        await broker.start()
    assert "\n" not in str(caught.value)


def test_mosquitto_is_found_by_name_and_by_place(tmp_path: Path) -> None:
    program = tmp_path / "mosquitto"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_mosquitto({"RTCC_MOSQUITTO": str(program)}) == program
    assert find_mosquitto({"PATH": str(tmp_path)}) == program
    with pytest.raises(StartError, match="RTCC_MOSQUITTO names /nowhere"):
        find_mosquitto({"RTCC_MOSQUITTO": "/nowhere"})


def test_without_mosquitto_the_hub_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StartError, match="apt install mosquitto"):
        find_mosquitto({})


def stand_in(tmp_path: Path, body: str) -> Broker:
    """A program in Mosquitto's place that misbehaves."""
    port = free_port("127.0.0.1")
    program = tmp_path / "stand-in"
    program.write_text(f"#!{sys.executable}\nimport signal, socket, sys\n{body}\n")
    program.chmod(0o755)
    (tmp_path / "conf").write_text(str(port))
    return Broker(program, tmp_path / "conf", tmp_path / "pid", "127.0.0.1", port)


async def test_a_broker_that_never_listens_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.messaging.child.START_LIMIT", 0.5)
    broker = stand_in(tmp_path, "signal.pause()")
    with pytest.raises(StartError, match="did not start: it does not answer"):
        await broker.start()
    assert broker.pid is not None
    assert not alive(broker.pid)


async def test_a_broker_that_will_not_end_is_made_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.messaging.child.STOP_LIMIT", 0.2)
    broker = stand_in(
        tmp_path,
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "port = int(open(sys.argv[2]).read())\n"
        "listening = socket.create_server(('127.0.0.1', port))\n"
        "while True: signal.pause()",
    )
    await broker.start()
    assert broker.pid is not None
    await broker.stop()
    assert not alive(broker.pid)
