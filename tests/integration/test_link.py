"""The link: reconnects by itself, tells loss and return once, and never fights the broker."""

import asyncio
import logging
from datetime import timedelta
from random import Random

import aiomqtt
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc import link as links
from custom_components.jackson_rtcc.backoff import Backoff
from custom_components.jackson_rtcc.fuses import CUTS, PAUSE, Fuses
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.city import Broker
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome
from tests.integration.cameras import FakeCamera
from tests.integration.city import LOCALHOST, City, server_context
from tests.integration.conftest import share_data, subentry
from tests.integration.enrolled import enrol
from tests.integration.waiting import Log, until_state

CAMERA = "c0ffee00c0ffee00"
CONNECTION = "binary_sensor.city_of_jackson_connection"


class Quick(Random):
    """Jitter that always comes out shortest."""

    def uniform(self, a: float, b: float) -> float:
        return min(a + 0.01, b)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let connections come at once."""
    monkeypatch.setattr("custom_components.jackson_rtcc.home.Random", Quick)


async def test_broker_restarts(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    log: Log,
) -> None:
    log.caplog.set_level(logging.INFO)
    id_ = home.data["home"]
    before = await city.until_granted(id_, CAMERA)
    await city.restart_broker()
    await city.until_presence(id_, b"online")
    after = await city.until_granted(id_, CAMERA)
    assert after == before
    assert (await city.look(after)).outcome is Outcome.OK
    assert log.count("The connection to the city is lost") == 1
    assert log.count("The connection to the city is back") == 1


async def test_long_absence_is_told_once(
    hass: HomeAssistant,
    city: City,
    quick: None,
    home: MockConfigEntry,
    log: Log,
) -> None:
    log.caplog.set_level(logging.DEBUG)
    await city.stop_broker()
    await log.until("Still no connection")
    await city.broker.start()
    await city.connect()
    await city.until_presence(home.data["home"], b"online")
    assert log.count("The connection to the city is lost") == 1


async def test_killed_home_goes_offline(city: City, home: MockConfigEntry) -> None:
    """The last will: the socket dies without a goodbye."""
    client = home.runtime_data.link._client
    assert client is not None
    client._client.socket().shutdown(2)
    await city.until_presence(home.data["home"], b"offline")
    await city.until_presence(home.data["home"], b"online")


async def test_forbidden_publish_is_no_loop(
    hass: HomeAssistant,
    old_broker_city: City,
    camera: FakeCamera,
    quick: None,
    log: Log,
) -> None:
    """Mosquitto 2.0 disconnects whoever publishes what it may not."""
    city = old_broker_city
    entry = await enrol(hass, city, [subentry(share_data(hass))])
    await city.disconnect()
    await city.broker.forbid("grants/+")
    await city.connect()
    assert await hass.config_entries.async_setup(entry.entry_id)
    topic = topics.grants(entry.data["home"], CAMERA)
    await log.until(f"whenever {topic} is published")
    await city.until_presence(entry.data["home"], b"online")
    await until_state(hass, CONNECTION, "on")
    connections = entry.runtime_data.link.connections
    assert connections <= CUTS + 3
    # The home is heard again, and the topic is left alone.
    assert entry.runtime_data.shares.grant(next(iter(entry.subentries))) is not None
    entry.runtime_data.shares.publish_all()
    entry.runtime_data.link.publish(topics.presence(entry.data["home"]), "online", retain=True)
    await city.publish(topics.requests(entry.data["home"]), "rubbish")
    await log.until("not believed")
    assert entry.runtime_data.link.connections == connections
    assert log.count("whenever") == 1


async def test_refused_certificate(
    hass: HomeAssistant,
    city: City,
    camera: FakeCamera,
    log: Log,
) -> None:
    entry = await enrol(hass, city, [subentry(share_data(hass))])
    city.revoke_certificate(entry.data["home"])
    await city.restart_broker()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await log.until("does not accept this home")
    assert topics.presence(entry.data["home"]) not in city.messages
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_unload_while_connecting(
    hass: HomeAssistant, city: City, camera: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection that stands after all is ended in order."""
    entry = await enrol(hass, city, [subentry(share_data(hass))])
    entered = asyncio.Event()
    release, left = asyncio.Event(), asyncio.Event()
    enter, leave = aiomqtt.Client.__aenter__, links.leave

    async def slow_enter(self: aiomqtt.Client) -> aiomqtt.Client:
        if self.identifier == entry.data["home"]:
            entered.set()
            await release.wait()
        return await enter(self)

    async def seen_leave(client: aiomqtt.Client) -> None:
        await leave(client)
        left.set()

    monkeypatch.setattr(aiomqtt.Client, "__aenter__", slow_enter)
    monkeypatch.setattr(links, "leave", seen_leave)
    assert await hass.config_entries.async_setup(entry.entry_id)
    async with asyncio.timeout(15):
        await entered.wait()
    assert await hass.config_entries.async_unload(entry.entry_id)
    release.set()
    async with asyncio.timeout(15):
        await left.wait()
    assert topics.presence(entry.data["home"]) not in city.messages


async def test_publish_while_the_connection_is_given_up(city: City, home: MockConfigEntry) -> None:
    link = home.runtime_data.link
    assert link._group is not None
    link._group._abort()
    link.publish(topics.presence(home.data["home"]), "online", retain=True)
    await city.until_presence(home.data["home"], b"online")


async def test_nothing_can_be_written(
    city: City, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong while writing, the connection is given up and made anew."""
    client = home.runtime_data.link._client
    assert client is not None

    def fail() -> None:
        raise ValueError

    monkeypatch.setattr(client._client, "loop_write", fail)
    city.messages.clear()
    link = home.runtime_data.link
    link.publish(topics.presence(home.data["home"]), "online", retain=True)
    await city.until(lambda: link.connections == 2 or None)
    await city.until_presence(home.data["home"], b"online")


async def test_probe(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    found = await identities.load(hass, entry.data["home"])
    assert found is not None
    context = await hass.async_add_executor_job(identities.tls_context, found)
    assert await links.probe(Broker(host=LOCALHOST, port=city.broker.port), context) is None
    nobody = await links.probe(Broker(host=LOCALHOST, port=1), context)
    assert nobody is not None
    assert nobody.failure is links.Failure.UNREACHABLE

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, LOCALHOST, 0)
    port = server.sockets[0].getsockname()[1]
    other = await links.probe(Broker(host=LOCALHOST, port=port), context)
    assert other is not None
    assert other.failure is links.Failure.UNREACHABLE
    server.close()
    await server.wait_closed()

    secure = server_context(city.authority.server([LOCALHOST], city.now))
    server = await asyncio.start_server(hang_up, LOCALHOST, 0, ssl=secure)
    port = server.sockets[0].getsockname()[1]
    silent = await links.probe(Broker(host=LOCALHOST, port=port), context)
    assert silent is not None
    assert silent.failure is links.Failure.UNREACHABLE
    server.close()
    await server.wait_closed()


async def test_broker_says_no(
    hass: HomeAssistant,
    city: City,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broker refuses, in MQTT itself, whoever would stay silent for longer than allowed."""
    monkeypatch.setattr(links, "KEEPALIVE_S", 60)
    found = await identities.load(hass, entry.data["home"])
    assert found is not None
    context = await hass.async_add_executor_job(identities.tls_context, found)
    broker = Broker(host=LOCALHOST, port=city.broker.port)
    with pytest.raises(links.LinkError) as caught:
        await links.enter(links.make_client(entry.data["home"], broker, context), broker)
    assert caught.value.failure is links.Failure.REFUSED


def test_backoff_grows_with_full_jitter() -> None:
    backoff = Backoff(Random(1))  # noqa: S311
    longest = [1, 2, 4, 8, 16, 32, 60, 60]
    for limit in longest:
        assert 0 <= backoff.next() <= limit
    for _ in range(20):
        assert 0 <= backoff.next() <= 60
    backoff.reset()
    assert backoff.next() <= 1


def test_fuse_blows_after_cuts_in_a_row() -> None:
    fuses, now = Fuses(), dt_util.utcnow()
    for _ in range(CUTS - 1):
        assert not fuses.cut("t", now)
    fuses.passed("t")
    for _ in range(CUTS - 1):
        assert not fuses.cut("t", now)
        assert not fuses.blown("t", now)
    assert fuses.cut("t", now)
    assert fuses.blown("t", now)
    assert not fuses.blown("other", now)
    assert not fuses.blown("t", now + PAUSE + timedelta(seconds=1))
