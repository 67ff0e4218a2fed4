"""The bus over MQTT 3.1.1 with gmqtt: one connection for messages, one for replies.

gmqtt encodes, decodes and acknowledges after the handler. Its own reconnecting is not used: it
knows one fixed delay, and gives up for good after a refusal that may be a broker starting up.
Every connection here is a fresh client, made by one task that owns it.
"""

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gmqtt
from gmqtt.mqtt.constants import MQTTv311

from hub.messaging.bus import Disconnected

_LOGGER = logging.getLogger(__name__)
# What it would say is said here, once for a loss and once for a return.
logging.getLogger("gmqtt").setLevel(logging.CRITICAL + 1)

KEEPALIVE = 10
SILENCE = 25.0
"""Seconds without a word from the broker, not even to a ping, after which it counts as lost."""
CONNECT_LIMIT = 10.0
HANDLERS_LIMIT = 2.0
SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 30.0
_NEVER = -2  # `reconnect_retries`: 0 would still try once, -1 for ever
_REFUSED = 0x80

type MessageHandler = Callable[[str, bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection: whom the broker knows it as, its TLS side, and what it listens to.

    The broker keeps a session with `keep_session`: what was not acknowledged comes again.
    """

    name: str
    tls: ssl.SSLContext
    topics: Sequence[str]
    keep_session: bool


class GmqttBus:
    """The `Bus` over one broker; the first connection is the one that `on_link` tells of."""

    def __init__(self, host: str, port: int, connections: Sequence[Connection]) -> None:
        """Take the broker's address and the connections to keep."""
        self.on_message: MessageHandler = _unhandled
        self.on_link: Callable[[bool], None] = _unwatched
        self._links = [
            _Link(host, port, connection, self._handle, self._changed) for connection in connections
        ]
        self._hears = False

    @property
    def connected(self) -> bool:
        """Tell whether every connection is up."""
        return all(link.up for link in self._links)

    async def start(self) -> None:
        """Begin to connect and keep connected; returns at once."""
        for link in self._links:
            link.start()

    async def stop(self) -> None:
        """Let the running handlers finish, disconnect, and stay so."""
        await asyncio.gather(*(link.stop() for link in self._links))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message (QoS 1).

        Raises:
            Disconnected: if a connection is down; nothing was sent.

        """
        if not self.connected:
            raise Disconnected("not connected to the broker")
        self._links[0].publish(topic, payload, retain=retain)

    async def _handle(self, topic: str, payload: bytes) -> None:
        try:
            await self.on_message(topic, payload)
        except Exception:
            # It is acknowledged all the same: a message that cannot be handled would otherwise
            # hold a place in the window until nothing comes through any more.
            _LOGGER.exception("Handling a message of %s bytes on %s failed", len(payload), topic)

    def _changed(self) -> None:
        # The other connections carry only answers to what was published here: nothing that was
        # heard becomes doubtful by their loss, and nothing is repeated when they return.
        if self._links[0].up != self._hears:
            self._hears = self._links[0].up
            self.on_link(self._hears)


@dataclass(eq=False)
class _Link:
    host: str
    port: int
    connection: Connection
    handle: MessageHandler
    changed: Callable[[], None]
    up: bool = False
    _client: gmqtt.Client | None = None
    _task: asyncio.Task[None] | None = None
    # gmqtt keeps no reference to the tasks of handlers, and the event loop only a weak one.
    _handlers: set[asyncio.Task[Any]] = field(default_factory=set)

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._handlers:
            await asyncio.wait(self._handlers, timeout=HANDLERS_LIMIT)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for handler in tuple(self._handlers):
            handler.cancel()
        if self._handlers:
            await asyncio.wait(self._handlers)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        assert self._client is not None  # noqa: S101 - `up` says so
        try:
            self._client.publish(topic, payload, qos=1, retain=retain)
        except OverflowError as err:
            raise Disconnected("the broker acknowledges nothing any more") from err

    async def _keep(self) -> None:
        pause, troubled = SHORTEST_PAUSE, False
        loop = asyncio.get_running_loop()
        while True:
            lost = asyncio.Event()
            client = self._new_client()
            opened = loop.time()
            try:
                await self._open(client, lost)
                self._client = client
                self._set(up=True)
                _LOGGER.info("The broker took the connection %s", self.connection.name)
                troubled = False
                reason = await _until_lost(client, lost)
            except (OSError, gmqtt.MQTTConnectError) as err:
                reason = str(err) or type(err).__name__
            finally:
                self._client = None
                self._set(up=False)
                await _close(client)
            if not troubled:
                _LOGGER.warning(
                    "No connection %s to the broker: %s; trying until there is one",
                    self.connection.name,
                    reason,
                )
                troubled = True
            if loop.time() - opened > LONGEST_PAUSE:
                pause = SHORTEST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            pause = min(2 * pause, LONGEST_PAUSE)

    def _new_client(self) -> gmqtt.Client:
        client = gmqtt.Client(
            self.connection.name,
            clean_session=not self.connection.keep_session,
            optimistic_acknowledgement=False,
        )
        client.set_config({"reconnect_retries": _NEVER})
        client.on_message = self._on_message
        return client

    async def _open(self, client: gmqtt.Client, lost: asyncio.Event) -> None:
        """Connect and subscribe; returns when the broker has acknowledged both."""
        subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_connect(*_: object) -> None:
            client.subscribe([gmqtt.Subscription(topic, qos=1) for topic in self.connection.topics])

        def on_subscribe(
            _client: object, _mid: int, granted: Sequence[int], _props: object
        ) -> None:
            if any(qos >= _REFUSED for qos in granted):
                subscribed.set_exception(ConnectionRefusedError("it refuses the subscriptions"))
            else:
                subscribed.set_result(None)

        def on_disconnect(*_: object) -> None:
            lost.set()
            if not subscribed.done():
                subscribed.set_exception(ConnectionResetError("the broker closed it"))

        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_disconnect = on_disconnect
        # By itself, connect() waits for ever if the broker hangs up before its CONNACK.
        connecting = asyncio.ensure_future(
            client.connect(
                self.host,
                self.port,
                ssl=self.connection.tls,
                keepalive=KEEPALIVE,
                version=MQTTv311,
            )
        )
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                await asyncio.wait({connecting, subscribed}, return_when=asyncio.FIRST_COMPLETED)
                if connecting.done():
                    connecting.result()
                await subscribed
        finally:
            connecting.cancel()
            subscribed.cancel()

    async def _on_message(
        self, _client: object, topic: str, payload: bytes, _qos: int, _properties: object
    ) -> int:
        task = asyncio.current_task()
        if task is not None:
            self._handlers.add(task)
            task.add_done_callback(self._handlers.discard)
        # Only `stop` cancels, and only when the connection is closed: the acknowledgement that
        # gmqtt makes of any return goes nowhere, and the message comes again.
        with suppress(asyncio.CancelledError):
            await self.handle(topic, payload)
        return 0

    def _set(self, *, up: bool) -> None:
        self.up = up
        self.changed()


async def _until_lost(client: gmqtt.Client, lost: asyncio.Event) -> str:
    """Wait for the end of a connection, and return what it was."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(KEEPALIVE / 4):
                await lost.wait()
                return "the broker closed it"
        # gmqtt notices silence only after three times as long, and then waits for a TLS goodbye.
        connection = client._connection  # noqa: SLF001
        if connection is None or time.monotonic() - connection._last_data_in > SILENCE:  # noqa: SLF001
            return "it has gone silent"


async def _close(client: gmqtt.Client) -> None:
    with suppress(OSError):
        async with asyncio.timeout(HANDLERS_LIMIT):
            await client.disconnect()
    if (connection := client._connection) is not None:  # noqa: SLF001 - it has no abort of its own
        connection._transport.abort()  # noqa: SLF001


async def _unhandled(topic: str, payload: bytes) -> None:
    _LOGGER.debug("Nobody handles %s bytes on %s", len(payload), topic)


def _unwatched(up: bool) -> None:
    _LOGGER.debug("Nobody watches the link: %s", "up" if up else "down")
