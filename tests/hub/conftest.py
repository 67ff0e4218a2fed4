"""What the hub's tests share: a data folder, a CA, a real broker, and homes that talk to it."""

import asyncio
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.data import DataFolder
from hub.homes.authority import Authority, HomeCertificate, KeyPair, client_context, open_hub_key
from hub.messaging.child import Broker
from hub.messaging.gmqtt_bus import GmqttBus
from hub.messaging.setup import broker_bus, embedded_broker
from hub.protocol.keys import private_to_pem
from hub.protocol.tokens import Signer
from hub.transparency.log import AccessLog
from tests.hub.waiting import LIMIT
from tests.hub.whole import WholeHub, whole_hub

MESSAGES = ("rtcc/v1/+/presence", "rtcc/v1/+/grants/+", "rtcc/v1/+/alerts")
REPLIES = ("rtcc/v1/+/replies/+",)
CHECKOUT = Path(__file__).parents[2]


def csr_for(key: Ed25519PrivateKey, name: str = "whatever the home writes") -> str:
    """Return a certificate signing request, as a home makes it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, None)
    return request.public_bytes(Encoding.PEM).decode()


def log_of(engine: AsyncEngine) -> AccessLog:
    """Return the log in a store, with any key."""
    return AccessLog(engine, Signer(Ed25519PrivateKey.generate()), lambda: datetime.now(UTC))


@pytest.fixture
def now() -> datetime:
    """The time at which a test begins; the broker's clock is the machine's."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.open(tmp_path / "data")


@pytest.fixture
def authority(folder: DataFolder, now: datetime) -> Authority:
    return Authority.open(folder, "Jackson", now)


@pytest.fixture
def hub_signer(folder: DataFolder) -> Signer:
    return open_hub_key(folder)


@pytest.fixture(params=["newest", "debian-12"])
def mosquitto(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with the Mosquitto that the hub finds, and with Debian 12's 2.0.11 where it is."""
    if request.param == "debian-12":
        older = CHECKOUT / ".tools/bin/mosquitto-2.0"
        if not older.exists():
            pytest.skip("Mosquitto 2.0 is not in .tools/bin")
        monkeypatch.setenv("RTCC_MOSQUITTO", str(older))


@pytest.fixture
async def broker(folder: DataFolder, authority: Authority, now: datetime) -> AsyncIterator[Broker]:
    """A running broker, as `rtcc-hub serve` runs it."""
    child = embedded_broker(
        folder, authority, names=["localhost", "127.0.0.1"], bind="127.0.0.1", port=0, now=now
    )
    await child.start()
    yield child
    await child.stop()


@dataclass
class Recorder:
    """What a bus delivers and tells, to wait for."""

    messages: asyncio.Queue[tuple[str, bytes]] = field(default_factory=asyncio.Queue)
    links: asyncio.Queue[bool] = field(default_factory=asyncio.Queue)

    async def take(self, topic: str, payload: bytes) -> None:
        self.messages.put_nowait((topic, payload))

    async def message(self) -> tuple[str, bytes]:
        return await asyncio.wait_for(self.messages.get(), LIMIT)

    async def link(self) -> bool:
        return await asyncio.wait_for(self.links.get(), LIMIT)


def bus_to(broker: Broker, authority: Authority, now: datetime) -> tuple[GmqttBus, Recorder]:
    """Return a bus as the hub makes it, not started, and what records it."""
    bus = broker_bus(
        authority,
        host=broker.host,
        port=broker.port,
        messages=MESSAGES,
        replies=REPLIES,
        now=now,
    )
    recorder = Recorder()
    bus.on_message = recorder.take
    bus.on_link = recorder.links.put_nowait
    return bus, recorder


@pytest.fixture
async def bus_and_recorder(
    broker: Broker, authority: Authority, now: datetime
) -> AsyncIterator[tuple[GmqttBus, Recorder]]:
    """The hub's bus, connected."""
    bus, recorder = bus_to(broker, authority, now)
    await bus.start()
    assert await recorder.link()
    await until(lambda: bus.connected)
    yield bus, recorder
    await bus.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something that announces itself to nobody is true."""
    async with asyncio.timeout(LIMIT):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class HomeLink:
    """A home as the broker sees it: an id, and the certificate that says so."""

    home: str
    certificate: HomeCertificate
    pair: KeyPair
    authority: Authority
    broker: Broker

    @asynccontextmanager
    async def connect(self, **settings: Any) -> AsyncIterator[aiomqtt.Client]:
        """Connect by MQTT 3.1.1 and mutual TLS, as the integration does."""
        async with connection(self.broker, self.authority, self.pair, **settings) as client:
            yield client


def ssl_context(authority: Authority, pair: KeyPair | None) -> ssl.SSLContext:
    if pair is None:
        return ssl.create_default_context(cafile=str(authority.ca_file))
    return client_context(authority.ca_file, pair)


@asynccontextmanager
async def connection(
    broker: Broker, authority: Authority, pair: KeyPair | None, **settings: Any
) -> AsyncIterator[aiomqtt.Client]:
    """Connect with any certificate, or none, to the broker that the authority vouches for."""
    options: dict[str, Any] = {
        "identifier": secrets.token_hex(4),
        "keepalive": 30,
        "timeout": 5,
        "protocol": aiomqtt.ProtocolVersion.V311,
        "socket_options": [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    }
    async with aiomqtt.Client(
        broker.host,
        broker.port,
        tls_context=ssl_context(authority, pair),
        **options | settings,
    ) as client:
        yield client


# MQTT 3.1.1 section 3.1: version 4, clean session, keepalive 30 s, client id "x".
_CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x1e\x00\x01x"


async def takes(broker: Broker, authority: Authority, pair: KeyPair | None) -> bool:
    """Tell whether the broker takes a connection: it answers, or it hangs up."""
    writer = None
    try:
        async with asyncio.timeout(LIMIT):
            reader, writer = await asyncio.open_connection(
                broker.host, broker.port, ssl=ssl_context(authority, pair)
            )
            writer.write(_CONNECT)
            return await reader.read(4) == b"\x20\x02\x00\x00"
    except ssl.SSLError, ConnectionError:
        return False
    finally:
        if writer is not None:
            writer.close()


async def retain(home: HomeLink, topics: Iterable[str]) -> None:
    """Publish a retained message of a grant's size on each topic, at least once (MQTT 3.1.1).

    A client library would spend most of the time of a test that wants very many of them.
    """
    payload, sent = b"x" * 600, 0
    reader, writer = await asyncio.open_connection(
        home.broker.host, home.broker.port, ssl=ssl_context(home.authority, home.pair)
    )
    try:
        async with asyncio.timeout(4 * LIMIT):
            writer.write(_CONNECT)
            assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
            for sent, topic in enumerate(topics, 1):
                name, number = topic.encode(), sent % 0xFFFF + 1
                rest = len(name).to_bytes(2) + name + number.to_bytes(2) + payload
                # Two bytes say the length of what is longer than 127 and shorter than 16,384.
                length = bytes((len(rest) & 0x7F | 0x80, len(rest) >> 7))
                writer.write(b"\x33" + length + rest)
                if sent % 100 == 0:
                    await writer.drain()
            await reader.readexactly(4 * sent)
    finally:
        writer.close()


def home_link(
    authority: Authority, broker: Broker, where: Path, now: datetime, home: str = ""
) -> HomeLink:
    """Make a home with a certificate signed by the authority."""
    home = home or secrets.token_hex(8)
    key = Ed25519PrivateKey.generate()
    certificate = authority.sign_home(key.public_key(), home, now)
    pair = KeyPair(where / f"{home}.pem", where / f"{home}.key")
    pair.certificate.write_text(certificate.pem)
    pair.key.write_text(private_to_pem(key))
    return HomeLink(home, certificate, pair, authority, broker)


@pytest.fixture
def new_home(
    authority: Authority, broker: Broker, tmp_path: Path, now: datetime
) -> Callable[[], HomeLink]:
    """Make homes that the broker knows."""
    return lambda: home_link(authority, broker, tmp_path, now)


@pytest.fixture
async def whole(
    folder: DataFolder, authority: Authority, broker: Broker
) -> AsyncIterator[WholeHub]:
    """A whole hub, running at the broker."""
    async with whole_hub(folder, authority, broker) as running:
        yield running
