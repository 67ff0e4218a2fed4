"""A bare publisher and subscriber: the hub's MQTT library, TLS and broker, and nothing else."""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gmqtt
from gmqtt.mqtt.constants import MQTTv311

from benchmarks.city import City
from demo.waiting import free_port, until
from hub.homes.authority import HUB
from hub.messaging.child import find_mosquitto
from hub.protocol import topics


class Bare:
    """One home's connection that publishes, and one as the hub that receives."""

    def __init__(self, publisher: gmqtt.Client, subscriber: gmqtt.Client, topic: str) -> None:
        """Take two connected clients."""
        self._publisher = publisher
        self._topic = topic
        self._arrived: asyncio.Future[int] | None = None
        subscriber.on_message = self._on_message

    async def publish(self, payload: bytes) -> float:
        """Publish as a home does, and return the seconds until it was received."""
        self._arrived = asyncio.get_running_loop().create_future()
        begun = time.monotonic_ns()
        self._publisher.publish(self._topic, payload, qos=1, retain=True)
        return (await self._arrived - begun) / 1e9

    async def _on_message(self, *_: object) -> int:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(time.monotonic_ns())
        return 0


@asynccontextmanager
async def bare(city: City) -> AsyncIterator[Bare]:
    """Start a second broker on the hub's own configuration, where no hub listens."""
    data, port = city.hub.data, free_port()
    written = (data / "broker/mosquitto.conf").read_text()
    file = city.folder / "bare.conf"
    file.write_text(re.sub(r"(?m)^listener \d+", f"listener {port}", written))
    broker = await city.processes.start("bare-broker", [find_mosquitto(), "-c", file])

    async def listening() -> bool:
        try:
            _, writer = await asyncio.open_connection("localhost", port)
        except OSError:
            return False
        writer.close()
        return True

    await broker.ready(until(listening, "the bare broker does not listen", 10))
    tls = ssl.create_default_context(cafile=city.hub.ca)
    tls.load_cert_chain(data / f"keys/{HUB}.pem", data / f"keys/{HUB}.client.key")
    identity = city.home.identity
    topic = topics.grants(identity.home, identity.camera)
    subscriber = await _connected(HUB, port, tls)
    publisher = await _connected(identity.home, port, identity.tls())
    subscribed = asyncio.Event()
    subscriber.on_subscribe = lambda *_: subscribed.set()
    subscriber.subscribe("rtcc/v1/+/grants/+", qos=1)
    await subscribed.wait()
    yield Bare(publisher, subscriber, topic)
    await publisher.disconnect()
    await subscriber.disconnect()


async def _connected(name: str, port: int, tls: ssl.SSLContext) -> gmqtt.Client:
    client = gmqtt.Client(name, clean_session=True, optimistic_acknowledgement=False)
    await client.connect("localhost", port, ssl=tls, keepalive=30, version=MQTTv311)
    return client
