"""A Mosquitto that the city runs, from the files that `rtcc-hub broker-config` writes."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from hub.config import Broker as BrokerSettings
from hub.config import Config
from hub.data import DataFolder
from hub.errors import StartError
from hub.homes.authority import Authority
from hub.homes.certificates import Revoked
from hub.messaging.child import Broker, find_mosquitto, free_port
from hub.messaging.external import ExternalBroker
from hub.messaging.service import write_service
from hub.messaging.setup import broker_of
from tests.hub.conftest import bus_to, home_link, takes, until
from tests.hub.waiting import LIMIT


@asynccontextmanager
async def service(
    authority: Authority, folder: Path, now: datetime
) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """Run Mosquitto as a city would: with that configuration and nothing else."""
    port = free_port()
    write_service(folder, authority, host="127.0.0.1", port=port, names=["rtcc.example"], now=now)
    configuration = folder / "mosquitto.conf"
    if os.geteuid() == 0:
        # In place of `chown mosquitto`, which this machine may not know.
        configuration.write_text("user root\n" + configuration.read_text())
    process = await asyncio.create_subprocess_exec(
        str(find_mosquitto()), "-c", str(configuration), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield port, process
    finally:
        process.terminate()
        await process.wait()


def external(authority: Authority, port: int, folder: Path, *command: str) -> ExternalBroker:
    return ExternalBroker(
        host="127.0.0.1",
        port=port,
        crl=authority.crl_file,
        copy=folder / "crl.pem",
        command=command,
    )


@pytest.mark.usefixtures("mosquitto")
async def test_hub_and_homes_meet_at_the_citys_broker(
    authority: Authority, folder: DataFolder, tmp_path: Path, now: datetime
) -> None:
    async with service(authority, tmp_path / "city", now) as (port, process):
        broker = external(authority, port, tmp_path / "city", "kill", "-HUP", str(process.pid))
        stand_in = Broker(Path(), Path(), Path(), "127.0.0.1", port)
        bus, recorder = bus_to(stand_in, authority, now)
        await bus.start()
        assert await recorder.link()
        home = home_link(authority, stand_in, tmp_path, now)
        async with home.connect() as client:
            await client.publish(f"rtcc/v1/{home.home}/alerts", b"hello", qos=1)
        assert (await recorder.message())[1] == b"hello"

        authority.write_crl([Revoked(home.certificate.serial, now)], now)
        await broker.start()
        async with asyncio.timeout(LIMIT):
            while await takes(stand_in, authority, home.pair):
                pass
        await broker.stop()
        await bus.stop()


async def test_the_list_is_handed_over_at_each_change(
    authority: Authority, tmp_path: Path, now: datetime
) -> None:
    authority.write_crl([], now)
    copy, told = tmp_path / "crl.pem", tmp_path / "told"
    broker = external(authority, 1, tmp_path, "sh", "-c", f"echo told >> {told}")
    await broker.start()
    await until(told.exists)
    assert copy.read_bytes() == authority.crl_file.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o644
    authority.write_crl([Revoked("ab", now)], now)
    broker.reload()
    await until(lambda: told.read_text() == "told\n" * 2)
    assert copy.read_bytes() == authority.crl_file.read_bytes()
    await broker.stop()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("sh", "-c", "echo no such unit >&2; exit 3"), "sh: no such unit"),
        (("false",), "false: status 1"),
        (("/nowhere/at/all",), "No such file"),
        (("sleep", "60"), "sleep takes longer"),
    ],
)
async def test_a_broker_that_cannot_be_told_is_logged(
    authority: Authority,
    tmp_path: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    command: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.setattr("hub.messaging.external.RELOAD_LIMIT", 0.5)
    authority.write_crl([], now)
    broker = external(authority, 1, tmp_path, *command)
    await broker.start()
    await until(lambda: says in caplog.text)
    await broker.stop()


async def test_it_is_chosen_by_the_configuration(
    authority: Authority, folder: DataFolder, now: datetime
) -> None:
    settings = BrokerSettings(mode="external", host="mqtt.example", port=8884)
    broker = broker_of(Config(broker=settings), folder, authority, now)
    assert isinstance(broker, ExternalBroker)
    assert (broker.host, broker.port) == ("mqtt.example", 8884)
    await broker.stop()
    own = broker_of(Config(broker=BrokerSettings(port=0)), folder, authority, now)
    assert isinstance(own, Broker)


def test_nothing_is_written_where_no_folder_can_be(
    authority: Authority, tmp_path: Path, now: datetime
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="cannot make"):
        write_service(tmp_path / "file/city", authority, host="h", port=8883, names=[], now=now)
