"""The link: the one MQTT connection that a home opens outward, kept up for as long as it may be."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from random import Random
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from homeassistant.util import dt as dt_util

from .backoff import Backoff
from .client import BrokerClient
from .fuses import Fuses
from .protocol import topics
from .protocol.city import Broker

_LOGGER = logging.getLogger(__name__)
_CLIENT_LOGGER = logging.getLogger(f"{__name__}.client")
# Loss and return are logged here, once each; the library's own lines are for debugging.
_CLIENT_LOGGER.addFilter(lambda _: _LOGGER.isEnabledFor(logging.DEBUG))

KEEPALIVE_S = 30
_TIMEOUT_S = 5.0
_GOODBYE_S = 5.0
_VERDICT_S = 2.0
_SERVER_UNAVAILABLE = 3
_REFUSED_S = (60.0, 120.0)
_RIVAL_S = (300.0, 900.0)
_STEADY_S = 5.0
"""A connection that lasted is no reason to wait longer before the next one."""
_UNLIMITED = 1_000_000
_LEAVING: set[asyncio.Future[None]] = set()
_NODELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)


class Failure(Enum):
    """Why a connection could not be made."""

    UNREACHABLE = "broker_unreachable"
    REFUSED = "broker_refused"


class LinkError(Exception):
    """The broker cannot be reached, or does not take this home."""

    def __init__(self, failure: Failure, detail: str) -> None:
        """Keep the kind apart from the detail."""
        super().__init__(detail)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What the link tells: it came up or went, what arrived, that it changed, or was refused.

    And what it asks: whether another uses this home's keys, so that each ends the other's link.
    """

    up: Callable[[], None]
    down: Callable[[], None]
    request: Callable[[bytes], None]
    receipt: Callable[[bytes], None]
    changed: Callable[[], None]
    refused: Callable[[], None]
    rival: Callable[[], bool]


class Link:
    """Connects, hands over requests, publishes, announces; reconnects until stopped."""

    def __init__(
        self,
        home: str,
        broker: Broker,
        context: Callable[[], Awaitable[ssl.SSLContext]],
        callbacks: Callbacks,
        random: Random,
    ) -> None:
        """Take where to connect, how, and whom to tell."""
        self._home = home
        self._broker = broker
        self._context = context
        self._callbacks = callbacks
        self._backoff = Backoff(random)
        self._fuses = Fuses()
        self._client: aiomqtt.Client | None = None
        self._group: asyncio.TaskGroup | None = None
        self._unproven: dict[object, str] = {}
        self._suspect: str | None = None
        self._careful = False
        self._proven = False
        self._turn = asyncio.Lock()
        self._lost = False
        self._refused = False
        self.connections = 0
        self._last_contact: datetime | None = None

    @property
    def connected(self) -> bool:
        """Tell whether the city can hear this home now."""
        return self._group is not None

    @property
    def last_contact(self) -> datetime | None:
        """Return when the connection last stood."""
        return dt_util.utcnow() if self.connected else self._last_contact

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        while True:
            context = await self._context()
            pause = self._backoff.next
            try:
                await self._connection(context)
            except LinkError as err:
                failure = await probe(self._broker, context) or err
                self._report(failure)
                if failure.failure is Failure.REFUSED:
                    self._callbacks.refused()
                    pause = partial(self._backoff.random.uniform, *_REFUSED_S)
            except aiomqtt.MqttError as err:
                self._report(err)
                self._find_culprit()
                if self._callbacks.rival():
                    pause = partial(self._backoff.random.uniform, *_RIVAL_S)
            await asyncio.sleep(pause())

    def publish(
        self, topic: str, payload: str | bytes, *, retain: bool = False, urgent: bool = False
    ) -> None:
        """Publish at once if connected; what must last is published again when the link is up.

        `urgent` is what an owner takes back: no fuse may hold it up.
        """
        if self._client is None:
            return
        if not urgent and self._fuses.blown(topic, dt_util.utcnow()):
            return
        self._hand_over(self._deliver(self._client, topic, payload, retain=retain))

    def announce(self) -> None:
        """Say that what this home has published is what it grants now."""
        self.publish(topics.presence(self._home), topics.ONLINE, retain=True, urgent=True)

    async def stop(self, task: asyncio.Task[None]) -> None:
        """Say goodbye, and end the task that runs this link."""
        if self._client is not None:
            topic = topics.presence(self._home)
            delivery = self._deliver(self._client, topic, topics.OFFLINE, retain=True)
            if goodbye := self._hand_over(delivery):
                await asyncio.wait({goodbye}, timeout=_GOODBYE_S)
        task.cancel()
        await asyncio.wait({task})

    async def _connection(self, context: ssl.SSLContext) -> None:
        self._suspect = None
        self._proven = False
        self._turn = asyncio.Lock()
        client = make_client(self._home, self._broker, context)
        await enter(client, self._broker)
        began = asyncio.get_running_loop().time()
        try:
            receipts = topics.receipts(self._home)
            await client.subscribe([(topics.requests(self._home), 1), (receipts, 1)])
            async with asyncio.TaskGroup() as group:
                self._client, self._group = client, group
                self._up()
                async for message in client.messages:
                    if message.topic.value == receipts:
                        self._callbacks.receipt(message.payload)
                    else:
                        self._callbacks.request(message.payload)
        except* aiomqtt.MqttError as errors:
            raise aiomqtt.MqttError(str(_first(errors))) from None
        finally:
            if asyncio.get_running_loop().time() - began >= _STEADY_S:
                self._backoff.reset()
            self._last_contact = self.last_contact
            self._client, self._group = None, None
            # The oldest: in careful mode only that one was on the wire.
            self._suspect = next(iter(self._unproven.values()), None)
            self._unproven.clear()
            self._callbacks.down()
            self._callbacks.changed()
            await leave(client)

    def _up(self) -> None:
        self.connections += 1
        # Grants of the connection before lie at the broker: they must not come to life by us.
        self.publish(topics.presence(self._home), topics.OFFLINE, retain=True, urgent=True)
        self._callbacks.up()
        self._callbacks.changed()

    def _settled(self) -> None:
        if self._lost:
            _LOGGER.info("The connection to the city is back")
        self._lost = self._refused = False

    def _report(self, error: BaseException) -> None:
        refused = isinstance(error, LinkError) and error.failure is Failure.REFUSED
        if refused and not self._refused:
            _LOGGER.error("The city's broker does not accept this home: %s", error)
        elif not self._lost:
            _LOGGER.info("The connection to the city is lost: %s", error)
        else:
            _LOGGER.debug("Still no connection to the city: %s", error)
        self._lost, self._refused = True, refused

    def _find_culprit(self) -> None:
        # Without anything proven before it, it is the broker that fails, not the topic.
        guilty = self._careful and self._proven
        if guilty and self._suspect and self._fuses.cut(self._suspect, dt_util.utcnow()):
            _LOGGER.error(
                "The city's broker ends the connection whenever %s is published; "
                "it is not published for the next minutes",
                self._suspect,
            )
        self._careful = self._suspect is not None

    def _hand_over(self, delivery: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        if self._group is not None:
            try:
                return self._group.create_task(delivery, eager_start=True)
            except RuntimeError:
                _LOGGER.debug("The connection is being given up at this moment")
        delivery.close()
        return None

    async def _deliver(
        self, client: aiomqtt.Client, topic: str, payload: str | bytes, *, retain: bool
    ) -> None:
        if not retain:
            await client.publish(topic, payload, qos=1, timeout=KEEPALIVE_S)
            return
        token = object()
        self._unproven[token] = topic
        async with self._turn if self._careful else nullcontext():
            await client.publish(topic, payload, qos=1, retain=True, timeout=KEEPALIVE_S)
            # Mosquitto 2.0 acknowledges what it forbids before it disconnects: only an answer
            # to something later proves that the publish was allowed.
            await client.unsubscribe(topics.presence(self._home), timeout=KEEPALIVE_S)
        # Not in a `finally`: what was cut off stays, for `_connection` to find.
        del self._unproven[token]
        self._proven = True
        self._fuses.passed(topic)
        if not self._unproven:
            self._settled()


def make_client(home: str, broker: Broker, context: ssl.SSLContext) -> aiomqtt.Client:
    """Return an MQTT client for this home, not yet connected."""
    client = BrokerClient(
        broker.host,
        broker.port,
        identifier=home,
        keepalive=KEEPALIVE_S,
        logger=_CLIENT_LOGGER,
        max_queued_incoming_messages=100,
        socket_options=_NODELAY,
        timeout=_TIMEOUT_S,
        tls_context=context,
        will=aiomqtt.Will(topics.presence(home), topics.OFFLINE, qos=1, retain=True),
    )
    client.pending_calls_threshold = _UNLIMITED
    return client


async def enter(client: aiomqtt.Client, broker: Broker) -> None:
    """Connect.

    Raises:
        LinkError: if that fails; a cancelled connection is ended as soon as it stands.

    """
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.wait({entering})
    except asyncio.CancelledError:
        # The library connects in a thread that cannot be stopped.
        entering.add_done_callback(lambda _: _abandon(entering, client))
        raise
    try:
        entering.result()
    except MqttConnectError as err:
        unavailable = err.rc == _SERVER_UNAVAILABLE
        failure = Failure.UNREACHABLE if unavailable else Failure.REFUSED
        raise LinkError(failure, str(err)) from err
    except (aiomqtt.MqttError, OSError) as err:
        raise LinkError(Failure.UNREACHABLE, f"{broker.host}:{broker.port}: {err}") from err


async def probe(broker: Broker, context: ssl.SSLContext) -> LinkError | None:
    """Return why the broker does not take us, as far as TLS tells; None if TLS is in order.

    In TLS 1.3 the server judges our certificate after our side of the handshake is done, and the
    MQTT library does not tell that verdict apart from silence.
    """
    where = f"{broker.host}:{broker.port}"
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(
                broker.host, broker.port, ssl=context, server_hostname=broker.host
            )
    except ssl.SSLCertVerificationError as err:
        return LinkError(Failure.UNREACHABLE, f"{where}: {err.verify_message}")
    except (OSError, TimeoutError) as err:
        return LinkError(Failure.UNREACHABLE, f"{where}: {str(err) or type(err).__name__}")
    try:
        async with asyncio.timeout(_VERDICT_S):
            await reader.read(1)
    except TimeoutError:
        return None
    except OSError as err:
        # Only an alert is a verdict on us; anything else may be a broker that is going down.
        reason = str(getattr(err, "reason", None) or err)
        failure = Failure.REFUSED if "ALERT" in reason else Failure.UNREACHABLE
        return LinkError(failure, f"{where}: {reason}")
    finally:
        writer.transport.abort()
    return LinkError(Failure.UNREACHABLE, f"{where}: closed without a word")


def _abandon(entering: asyncio.Future[Any], client: aiomqtt.Client) -> None:
    if not entering.cancelled() and entering.exception() is None:
        leaving = asyncio.ensure_future(leave(client))
        _LEAVING.add(leaving)
        leaving.add_done_callback(_LEAVING.discard)


async def leave(client: aiomqtt.Client) -> None:
    """Disconnect, if it is connected."""
    try:
        await client.__aexit__(None, None, None)
    except aiomqtt.MqttError as err:
        _LOGGER.debug("Could not disconnect in order: %s", err)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
