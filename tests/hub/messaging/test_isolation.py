"""What the broker lets a home do, by the configuration that the hub writes: its own topics only."""

import asyncio
import os
import socket
import ssl
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.data import DataFolder
from hub.homes.authority import Authority, KeyPair, client_context
from hub.homes.certificates import Revoked
from hub.messaging.child import Broker
from hub.messaging.gmqtt_bus import GmqttBus
from hub.protocol.keys import private_to_pem
from tests.hub.conftest import HomeLink, Recorder, bus_to, home_link, retain, takes
from tests.hub.waiting import LIMIT

type NewHome = Callable[[], HomeLink]
type BusAndRecorder = tuple[GmqttBus, Recorder]

pytestmark = pytest.mark.usefixtures("mosquitto")


async def received(client: aiomqtt.Client) -> aiomqtt.Message:
    async with asyncio.timeout(LIMIT):
        return await anext(aiter(client.messages))


async def try_to_publish(home: HomeLink, topic: str) -> None:
    """Publish what may be refused: Mosquitto 2.0 hangs up, 2.1 acknowledges and drops it."""
    try:
        async with home.connect() as client:
            await client.publish(topic, b"forged", qos=1, retain=True)
    except aiomqtt.MqttError:
        pass


FORBIDDEN = (
    "rtcc/v1/{victim}/presence",
    "rtcc/v1/{victim}/grants/c1",
    "rtcc/v1/{victim}/alerts",
    "rtcc/v1/{victim}/replies/r1",
    "rtcc/v1/{victim}/requests",
    "rtcc/v1/{self}/requests",
    "rtcc/v1/{self}/receipts",
    "rtcc/v1/{self}/presence/more",
    "rtcc/v1/{self}/grants/c1/more",
    "rtcc/v1/hub/requests",
    "anything",
)


async def test_a_home_writes_only_what_is_its_own(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    _, recorder = bus_and_recorder
    thief, victim = new_home(), new_home()
    async with victim.connect() as listening:
        await listening.subscribe(f"rtcc/v1/{victim.home}/#", qos=1)
        for topic in FORBIDDEN:
            await try_to_publish(thief, topic.format(victim=victim.home, self=thief.home))
        async with thief.connect() as client:
            await client.publish(f"rtcc/v1/{thief.home}/alerts", b"the end", qos=1)
        assert await recorder.message() == (f"rtcc/v1/{thief.home}/alerts", b"the end")
        assert recorder.messages.empty()
        assert len(listening.messages) == 0


async def test_a_home_reads_only_what_is_its_own(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    bus, recorder = bus_and_recorder
    thief, victim = new_home(), new_home()
    async with victim.connect() as client:
        await client.publish(f"rtcc/v1/{victim.home}/grants/c1", b"a grant", qos=1, retain=True)
    assert (await recorder.message())[1] == b"a grant"
    async with thief.connect() as client:
        for topic in ("#", "rtcc/v1/+/requests", f"rtcc/v1/{victim.home}/#", "$SYS/#"):
            await client.subscribe(topic, qos=1)
        bus.publish(f"rtcc/v1/{victim.home}/requests", b"for the victim")
        bus.publish(f"rtcc/v1/{thief.home}/requests", b"for the thief")
        bus.publish(f"rtcc/v1/{thief.home}/receipts", b"the end")
        # Once for each of its subscriptions that fit, says Mosquitto 2.1; once, says 2.0.
        heard = [(await received(client)).payload]
        while heard[-1] != b"the end":
            heard.append((await received(client)).payload)
        assert set(heard) == {b"for the thief", b"the end"}


async def hang_up(home: HomeLink, will: aiomqtt.Will) -> None:
    """Connect with a will, and end the connection without saying goodbye."""
    client = aiomqtt.Client(
        home.broker.host,
        home.broker.port,
        tls_context=client_context(home.authority.ca_file, home.pair),
        keepalive=30,
        will=will,
    )
    await client.__aenter__()
    connected = client._client.socket()
    assert isinstance(connected, ssl.SSLSocket)
    connected.shutdown(socket.SHUT_RDWR)
    with suppress(aiomqtt.MqttError):
        await client._disconnected
    await client.__aexit__(None, None, None)


async def test_a_home_cannot_speak_for_another_by_its_will(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    _, recorder = bus_and_recorder
    thief, victim = new_home(), new_home()
    topic = f"rtcc/v1/{victim.home}/presence"
    # Mosquitto takes the connection with the forged will, and drops the will when it is due.
    with suppress(aiomqtt.MqttError):
        await hang_up(thief, aiomqtt.Will(topic, b"offline", qos=1, retain=True))
    own = f"rtcc/v1/{victim.home}/alerts"
    for home in (thief, victim):
        async with home.connect() as client:
            await client.publish(f"rtcc/v1/{home.home}/alerts", b"the end", qos=1)
    heard = [await recorder.message(), await recorder.message()]
    assert heard[-1] == (own, b"the end")
    assert (topic, b"offline") not in heard
    assert recorder.messages.empty()


async def test_an_honest_will_is_published(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    _, recorder = bus_and_recorder
    home = new_home()
    topic = f"rtcc/v1/{home.home}/presence"
    await hang_up(home, aiomqtt.Will(topic, b"offline", qos=1, retain=True))
    assert await recorder.message() == (topic, b"offline")


async def test_a_home_cannot_take_anothers_place_by_its_client_id(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    bus, _ = bus_and_recorder
    thief, victim = new_home(), new_home()
    topic = f"rtcc/v1/{victim.home}/requests"
    async with victim.connect(identifier=victim.home, clean_session=False) as client:
        await client.subscribe(topic, qos=1)
        async with thief.connect(identifier=victim.home, clean_session=False) as taker:
            await taker.subscribe(f"rtcc/v1/{thief.home}/requests", qos=1)
            bus.publish(topic, b"for the victim")
            assert (await received(client)).payload == b"for the victim"
            assert len(taker.messages) == 0


def pair_of(where: Path, certificate: str, key: Ed25519PrivateKey) -> KeyPair:
    pair = KeyPair(where / "other.pem", where / "other.key")
    pair.certificate.write_text(certificate)
    pair.key.write_text(private_to_pem(key))
    return pair


async def test_a_revoked_certificate_cannot_connect(
    authority: Authority, broker: Broker, now: datetime, new_home: NewHome
) -> None:
    home, other = new_home(), new_home()
    assert await takes(broker, authority, home.pair)
    authority.write_crl([Revoked(home.certificate.serial, now)], now)
    broker.reload()
    async with asyncio.timeout(LIMIT):
        while await takes(broker, authority, home.pair):
            pass
    assert await takes(broker, authority, other.pair)


async def test_a_certificate_of_another_ca_cannot_connect(
    authority: Authority, broker: Broker, now: datetime, tmp_path: Path
) -> None:
    foreign = Authority.open(DataFolder.open(tmp_path / "foreign"), "Jackson", now)
    home = home_link(foreign, broker, tmp_path, now)
    assert not await takes(broker, authority, home.pair)


async def test_an_ended_certificate_cannot_connect(
    authority: Authority, broker: Broker, now: datetime, tmp_path: Path
) -> None:
    key = Ed25519PrivateKey.generate()
    ended = authority.sign_home(key.public_key(), "a" * 16, now, timedelta(hours=-1))
    assert not await takes(broker, authority, pair_of(tmp_path, ended.pem, key))


async def test_a_server_certificate_cannot_connect(
    authority: Authority, broker: Broker, now: datetime
) -> None:
    pair = authority.server(["localhost", "127.0.0.1"], now)
    assert not await takes(broker, authority, pair)


async def test_nobody_connects_without_a_certificate(authority: Authority, broker: Broker) -> None:
    assert not await takes(broker, authority, None)


async def test_fifty_thousand_retained_grants_reach_a_new_subscriber(
    authority: Authority, broker: Broker, now: datetime, new_home: NewHome
) -> None:
    count, home = 50_000, new_home()
    await retain(home, (f"rtcc/v1/{home.home}/grants/c{number}" for number in range(count)))
    found: set[str] = set()
    complete = asyncio.Event()

    async def take(topic: str, payload: bytes) -> None:
        found.add(topic)
        if len(found) == count:
            complete.set()

    bus, _ = bus_to(broker, authority, now)
    bus.on_message = take
    await bus.start()
    try:
        await asyncio.wait_for(complete.wait(), 60)
    finally:
        await bus.stop()
    assert len(found) == count


async def test_a_picture_does_not_wait_for_nagle(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    bus, recorder = bus_and_recorder
    home, picture = new_home(), b"x" * 100_000
    took = []
    async with home.connect() as client:
        await client.subscribe(f"rtcc/v1/{home.home}/requests", qos=1)

        async def answer() -> None:
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                topic = f"rtcc/v1/{home.home}/replies/{message.payload.decode()}"
                await client.publish(topic, picture, qos=1)

        answering = asyncio.create_task(answer())
        for number in range(30):
            began = time.perf_counter()
            bus.publish(f"rtcc/v1/{home.home}/requests", b"%d" % number)
            assert (await recorder.message())[1] == picture
            took.append(time.perf_counter() - began)
        answering.cancel()
    assert statistics.median(took) < 0.020


async def test_a_message_over_the_limit_goes_nowhere(
    bus_and_recorder: BusAndRecorder, new_home: NewHome
) -> None:
    _, recorder = bus_and_recorder
    home = new_home()
    try:
        async with home.connect() as client:
            await client.publish(f"rtcc/v1/{home.home}/alerts", b"x" * 1_100_000, qos=1)
    except aiomqtt.MqttError:
        pass
    async with home.connect() as client:
        await client.publish(f"rtcc/v1/{home.home}/alerts", b"small", qos=1)
    assert (await recorder.message())[1] == b"small"


async def test_a_client_that_may_be_silent_for_long_is_refused(new_home: NewHome) -> None:
    """Otherwise a home that is cut off would stay "online" longer than 60 s."""
    if "RTCC_MOSQUITTO" in os.environ:
        pytest.skip("Mosquitto 2.0 limits the keepalive of MQTT 5 clients only")
    with pytest.raises(aiomqtt.MqttError):
        async with new_home().connect(keepalive=300):
            pass
