"""The hub's link to a real broker."""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from hub.data import DataFolder
from hub.homes.authority import Authority, client_context
from hub.messaging.bus import Disconnected
from hub.messaging.child import Broker
from hub.messaging.gmqtt_bus import Connection, GmqttBus
from hub.messaging.setup import embedded_broker
from tests.hub.conftest import HomeLink, Recorder, bus_to, home_link, until
from tests.hub.waiting import LIMIT

type NewHome = Callable[[], HomeLink]
type BusAndRecorder = tuple[GmqttBus, Recorder]

pytestmark = pytest.mark.usefixtures("mosquitto")


async def test_messages_come_and_go(bus_and_recorder: BusAndRecorder, new_home: NewHome) -> None:
    bus, recorder = bus_and_recorder
    home = new_home()
    async with home.connect() as client:
        await client.subscribe(f"rtcc/v1/{home.home}/requests", qos=1)
        await client.publish(f"rtcc/v1/{home.home}/presence", b"online", qos=1, retain=True)
        assert await recorder.message() == (f"rtcc/v1/{home.home}/presence", b"online")
        bus.publish(f"rtcc/v1/{home.home}/requests", b"look")
        async with asyncio.timeout(LIMIT):
            message = await anext(aiter(client.messages))
        assert message.payload == b"look"


async def test_an_empty_message_is_delivered(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    _, recorder = bus_and_recorder
    home = new_home()
    async with home.connect() as client:
        await client.publish(f"rtcc/v1/{home.home}/grants/c1", b"", qos=1, retain=True)
    assert await recorder.message() == (f"rtcc/v1/{home.home}/grants/c1", b"")


async def test_a_killed_broker_is_a_lost_link_that_returns(
    bus_and_recorder: BusAndRecorder, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    bus, recorder = bus_and_recorder
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
    assert await recorder.link() is False
    with pytest.raises(Disconnected):
        bus.publish("rtcc/v1/h/requests", b"look")
    assert await recorder.link() is True
    await until(lambda: bus.connected)
    lost = [r for r in caplog.records if r.getMessage().startswith("No connection hub to")]
    assert len(lost) == 1


async def test_a_handler_that_raises_does_not_end_the_bus(
    bus_and_recorder: BusAndRecorder, new_home: NewHome, caplog: pytest.LogCaptureFixture
) -> None:
    bus, recorder = bus_and_recorder

    async def take(topic: str, payload: bytes) -> None:
        await recorder.take(topic, payload)
        if payload == b"poison":
            raise ValueError("cannot digest")

    bus.on_message = take
    home = new_home()
    async with home.connect() as client:
        for payload in (b"poison", b"bread"):
            await client.publish(f"rtcc/v1/{home.home}/alerts", payload, qos=1)
            assert (await recorder.message())[1] == payload
    assert "Handling a message of 6 bytes" in caplog.text


async def test_what_was_not_handled_comes_again(
    broker: Broker, authority: Authority, now: datetime, new_home: NewHome
) -> None:
    bus, recorder = bus_to(broker, authority, now)
    reached = asyncio.Event()

    async def never_finishes(topic: str, payload: bytes) -> None:
        reached.set()
        await asyncio.Event().wait()

    bus.on_message = never_finishes
    await bus.start()
    assert await recorder.link()
    home = new_home()
    async with home.connect() as client:
        await client.publish(f"rtcc/v1/{home.home}/alerts", b"panic", qos=1)
    await asyncio.wait_for(reached.wait(), LIMIT)
    await bus.stop()

    again, recorder = bus_to(broker, authority, now)
    await again.start()
    assert await recorder.message() == (f"rtcc/v1/{home.home}/alerts", b"panic")
    await again.stop()


async def test_retained_messages_come_again_after_each_loss(
    bus_and_recorder: BusAndRecorder, broker: Broker, new_home: NewHome
) -> None:
    """The broker forgets with its death, so the home publishes again, and the hub hears it."""
    _, recorder = bus_and_recorder
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
    assert await recorder.link() is False
    assert await recorder.link() is True
    home = new_home()
    async with home.connect() as client:
        await client.publish(f"rtcc/v1/{home.home}/presence", b"online", qos=1, retain=True)
    assert await recorder.message() == (f"rtcc/v1/{home.home}/presence", b"online")


async def test_a_broker_that_comes_later_is_found(
    folder: DataFolder, authority: Authority, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    broker = embedded_broker(
        folder, authority, names=["127.0.0.1"], bind="127.0.0.1", port=0, now=now
    )
    bus, recorder = bus_to(broker, authority, now)
    await bus.start()
    await until(lambda: "No connection hub-replies to the broker" in caplog.text)
    assert recorder.links.empty()
    await broker.start()
    assert await recorder.link()
    await until(lambda: bus.connected)
    await bus.stop()
    await broker.stop()
    assert caplog.text.count("No connection hub to the broker") == 1


async def test_a_hub_whose_certificate_is_refused_says_so_once(
    broker: Broker,
    authority: Authority,
    now: datetime,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    foreign = Authority.open(DataFolder.open(tmp_path / "foreign"), "Jackson", now)
    pair = home_link(foreign, broker, tmp_path, now, "hub").pair
    tls = client_context(authority.ca_file, pair)
    bus = GmqttBus(
        broker.host,
        broker.port,
        [Connection(name="hub", tls=tls, topics=["rtcc/v1/+/presence"], keep_session=True)],
    )
    await bus.start()
    await until(lambda: "No connection hub to the broker" in caplog.text)
    assert not bus.connected
    await bus.stop()


async def test_a_broker_that_goes_silent_counts_as_lost(
    bus_and_recorder: BusAndRecorder, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the connection open and says nothing: what it would have said is not known."""
    bus, recorder = bus_and_recorder
    assert broker.pid is not None
    with monkeypatch.context() as impatient:
        impatient.setattr("hub.messaging.gmqtt_bus.SILENCE", 1.0)
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            assert await recorder.link() is False
            assert not bus.connected
        finally:
            os.kill(broker.pid, signal.SIGCONT)
    assert await recorder.link() is True
