"""A small real city for tests: the hub's own homes and HTTPS, a real Mosquitto, the hub's key."""

import asyncio
import logging
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from secrets import token_bytes, token_hex
from ssl import PROTOCOL_TLS_SERVER, SSLContext, TLSVersion
from typing import Any, Self

import aiomqtt
import msgspec
import orjson
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from custom_components.jackson_rtcc.client import BrokerClient
from custom_components.jackson_rtcc.protocol import grant as grants
from custom_components.jackson_rtcc.protocol import reply as replies
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.claims import Fields
from custom_components.jackson_rtcc.protocol.consent import Consent, read_record
from custom_components.jackson_rtcc.protocol.enrolment import PIN_BYTES, SECRET_BYTES, Code
from custom_components.jackson_rtcc.protocol.geo import Circle, Point
from custom_components.jackson_rtcc.protocol.grant import Grant, Revocation
from custom_components.jackson_rtcc.protocol.keys import to_jwk
from custom_components.jackson_rtcc.protocol.mine import verify_question
from custom_components.jackson_rtcc.protocol.receipt import (
    Acknowledgement,
    Receipt,
    sign_receipt,
    verify_acknowledgement,
)
from custom_components.jackson_rtcc.protocol.reply import Reply
from custom_components.jackson_rtcc.protocol.request import Operator, Request, sign_request
from custom_components.jackson_rtcc.protocol.rules import Incident
from custom_components.jackson_rtcc.protocol.session import SESSION
from custom_components.jackson_rtcc.protocol.tokens import Signer, Token, Verifier
from custom_components.jackson_rtcc.protocol.vocabulary import Role, Scope
from hub.data import DataFolder
from hub.grants import words
from hub.grants.cameras import Cameras
from hub.homes.api import HomeId, HomesApi
from hub.homes.api import Token as TokenText
from hub.homes.authority import (
    HUB,
    HUB_REPLIES,
    Authority,
    HomeCertificate,
    KeyPair,
    client_context,
)
from hub.homes.certificates import HOME_LIFE, Revoked, serial_text
from hub.homes.codes import Codes
from hub.homes.homes import Homes
from hub.homes.owners import Owners
from hub.homes.owners_api import OwnersApi
from hub.http.limits import Limits
from hub.http.routes import Answer, Call, Nothing, Route
from hub.http.server import application
from hub.messaging.child import free_port
from hub.messaging.mosquitto import Files, access_list, configuration
from hub.operators.tokens import Caller
from hub.protocol import grant as hub_grants
from hub.protocol import topics as hub_topics
from hub.protocol.documents import Policy, Waiver
from hub.protocol.errors import Rejected as HubRejected
from hub.protocol.tokens import Signer as HubSigner
from hub.store.tables import consents, metadata
from hub.transparency.log import AccessLog
from tests.integration.city_log import UNLOGGED, CityLog

LOCALHOST = "127.0.0.1"
LIMIT_S = 15

CAPITOL = Point(32.3038, -90.1821)
"""The home of these tests: the Mississippi State Capitol."""

WAIVER = {
    "version": "1",
    "text": {"en": "You lend your camera.", "es": "Usted presta su cámara."},
}
POLICY = {
    "version": "1",
    "kinds": {
        "robbery": {
            "name": {"en": "Robbery", "es": "Robo"},
            "radius_m": 800,
            "duration_s": 7200,
            "scopes": ["snapshot", "stream"],
        },
        "dumping": {
            "name": {"en": "Illegal dumping"},
            "radius_m": 100,
            "duration_s": 5400,
            "scopes": ["snapshot"],
        },
    },
}


class LogQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A home's signed question about its entries in the log."""

    home: HomeId
    token: TokenText


class Broker:
    """A Mosquitto process with the hub's own configuration."""

    def __init__(self, program: Path, folder: DataFolder, authority: Authority) -> None:
        now = datetime.now(UTC)
        self.port = free_port(LOCALHOST)
        self.authority = authority
        self._program = program
        self._files = Files(
            acl=folder.write("acl", access_list()),
            ca=authority.ca_file,
            crl=authority.write_crl([], now),
            server=authority.server([LOCALHOST, "localhost"], now),
        )
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        text = configuration(self._files, port=self.port, bind=LOCALHOST, user="root")
        path = self._folder.write("mosquitto.conf", text)
        self._process = subprocess.Popen(  # noqa: ASYNC220 - starts at once
            [self._program, "-c", path], stderr=subprocess.DEVNULL
        )
        async with asyncio.timeout(LIMIT_S):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(LOCALHOST, self.port)
                    writer.close()
                    return
                assert self._process.poll() is None, "Mosquitto ended"
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def reload(self) -> None:
        """Let it read the revocation list again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    async def forbid(self, what: str) -> None:
        """Start again with an ACL under which homes may not publish `what`."""
        self.stop()
        line = f"pattern write {topics.ROOT}/%u/{what}\n"
        assert line in access_list()
        forbidden = access_list().replace(line, "")
        self._folder.write("acl", forbidden)
        await self.start()


@dataclass
class Home:
    """What the city knows of an enrolled home."""

    id: str
    verifier: Verifier
    certificate: str


class Signing(Authority):
    """The city's authority; a test may let another sign for homes, or for another time."""

    stand_in: Authority | None = None
    life: timedelta = HOME_LIFE
    signed: dict[str, str]

    def sign_home(
        self,
        key: Ed25519PublicKey,
        home: str,
        now: datetime,
        life: timedelta = HOME_LIFE,  # noqa: ARG002
    ) -> HomeCertificate:
        if self.stand_in is None:
            certificate = super().sign_home(key, home, now, self.life)
        else:
            certificate = self.stand_in.sign_home(key, home, now, self.life)
        self.signed[home] = certificate.pem
        return certificate


@dataclass
class City:
    """The city: the hub's own homes and HTTPS, a broker, and all that homes have said there."""

    authority: Signing
    broker: Broker
    signer: Signer
    folder: DataFolder
    engine: AsyncEngine
    log: AccessLog
    registry: Homes
    live: Cameras
    book: CityLog
    document: dict[str, Any]
    name: str = "City of Jackson"
    answers: dict[str, web.Response] = field(default_factory=dict)
    """Given in place of the hub's own, by path; `*` stands for every path."""
    asked: list[str] = field(default_factory=list)
    """Paths, as they were asked for."""
    refused: list[HubRejected] = field(default_factory=list)
    messages: dict[str, bytes] = field(default_factory=dict)
    history: list[tuple[str, bytes]] = field(default_factory=list)
    ahead: timedelta = timedelta()
    """How far the city's clock is ahead."""
    date: str | None = None
    """Shown in place of the clock's time."""
    url: str = ""
    port: str = ""
    renewed: asyncio.Event = field(default_factory=asyncio.Event)
    patient: bool = True
    """Whether it asks again from where a home is, as the hub does."""
    _asks: dict[str, tuple[Request, Signer]] = field(default_factory=dict)
    _homes: dict[str, Home] = field(default_factory=dict)
    _busy: int = 0
    _client: aiomqtt.Client | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _runner: web.AppRunner | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    async def start(cls, program: Path, path: Path) -> Self:
        # Home Assistant's test tools let it tell every statement.
        logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
        folder = DataFolder.open(path)
        authority = Signing.open(folder, "Jackson", datetime.now(UTC))
        authority.signed = {}
        signer = Signer(Ed25519PrivateKey.generate())
        folder.file("hub.db").write_bytes(_empty_database())
        engine = create_async_engine(f"sqlite+aiosqlite:///{folder.file('hub.db')}")
        waiver, policy = Waiver.parse(WAIVER), Policy.parse(POLICY)
        broker = Broker(program, folder, authority)
        log = AccessLog(engine, HubSigner(signer.key), lambda: city.now)
        city = cls(
            authority=authority,
            broker=broker,
            signer=signer,
            folder=folder,
            engine=engine,
            log=log,
            registry=Homes(engine, authority, signer.kid, waiver, policy, log),
            live=Cameras(waiver.digest, policy.digest),
            book=CityLog(log),
            document={
                "name": cls.name,
                "key": to_jwk(signer.key.public_key()),
                "waiver": WAIVER,
                "policy": POLICY,
                "broker": {"host": LOCALHOST, "port": broker.port},
            },
        )
        await city.book.write_others(3)
        city.registry.on_removed = city.live.forget_home
        city.registry.on_crl = city.broker.reload
        await city.broker.start()
        await city._serve()
        await city.connect()
        return city

    async def stop(self) -> None:
        _forgive_late_guests()
        await self.disconnect()
        self.broker.stop()
        # A handler that is cut off leaves its database connection open.
        self.answers = {"*": problem(503, "internal")}
        await self.until(lambda: self._busy == 0 or None)
        if self._runner is not None:
            # A home that hung up in the middle of a handshake breaks the server's goodbye.
            with suppress(OSError):
                await self._runner.cleanup()
        await self.engine.dispose()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def homes(self) -> Mapping[str, Home]:
        """Return every home that was ever enrolled."""
        for id_, certificate in self.authority.signed.items():
            if verifier := self.registry.verifier(id_):
                self._homes[id_] = Home(id_, Verifier(verifier.key), certificate)
        return self._homes

    # HTTPS

    async def code(self) -> str:
        """Return a new enrolment code."""
        return str(await Codes(self.engine, self.log, self.authority.der).create("", self.now))

    def foreign_code(self) -> str:
        """Return a code that another city made."""
        return str(Code(token_bytes(SECRET_BYTES), token_bytes(PIN_BYTES)))

    def change_rules(
        self, *, waiver: dict[str, Any] | None = None, policy: dict[str, Any] | None = None
    ) -> None:
        """Put other rules in force, as a restart of the hub does."""
        self.document["waiver"] = waiver or self.document["waiver"]
        self.document["policy"] = policy or self.document["policy"]
        in_force = Waiver.parse(self.document["waiver"]), Policy.parse(self.document["policy"])
        self.registry._waiver, self.registry._policy = in_force
        self.live._rules = (in_force[0].digest, in_force[1].digest)
        for home in list(self.live._online):
            self.live.set_online(home, online=False)
            self.live.set_online(home, online=True)

    async def consents(self, home: str) -> list[Consent]:
        """Return the consent records that the hub keeps of a home, oldest first."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(
                select(consents.c.token, consents.c.at)
                .where(consents.c.home == home)
                .order_by(consents.c.at)
            )
            return [_consent(row.token, row.at) for row in rows]

    async def _serve(self) -> None:
        api = HomesApi(self.registry, self.authority.pem.encode(), self.document, lambda: self.now)
        owners = OwnersApi(
            Owners(self.engine, self.log, self.registry, self.signer.kid, lambda: self.now)
        )
        limits = Limits.of(1_000_000, 1_000_000, lambda: self.now)
        mine = Route(
            method="POST",
            path="/api/v1/log/mine",
            handler=self._mine,
            summary="",
            scope=None,
            body=LogQuestion,
        )
        app = application(
            [*api.routes(), *owners.routes(), mine],
            _nobody,
            lambda: self.now,
            lambda _slug: None,
            limits,
        )
        app.middlewares.insert(0, self._watch())
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await self._listen_on(self.authority.server([LOCALHOST, "localhost"], self.now))

    async def _mine(self, call: Call[Nothing, LogQuestion]) -> Answer:
        """Tell a home of the log, as it is to be told here."""
        home, hub, now = call.body.home, self.signer.kid, self.now
        question = verify_question(call.body.token, self.homes[home].verifier, home, hub, now)
        return Answer((await self.book.mine(home, question)).claims())

    def _watch(self) -> Middleware:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = self.answers.get(request.path) or self.answers.get("*")
            if answer is None:
                self._busy += 1
                try:
                    response = await handler(request)
                finally:
                    self._busy -= 1
            else:
                # Each can be sent once.
                response = web.Response(
                    body=answer.body, status=answer.status, headers=answer.headers
                )
            if self.date is None:
                response.headers["Date"] = format_datetime(self.now, usegmt=True)
            else:
                response.headers["Date"] = self.date
            _ = self.homes
            self.asked.append(request.path)
            if request.path.endswith("/certificates") and answer is None:
                self.renewed.set()
            async with self._news:
                self._news.notify_all()
            return response

        return watch

    async def until_asked(self, path: str, times: int = 1) -> None:
        """Return when a path was asked for so many times."""
        await self.until(lambda: self.asked.count(f"/api/v1/{path}") >= times or None)

    async def serve_again(self, pair: KeyPair) -> None:
        """Serve on another port with another certificate."""
        await self._listen_on(pair)

    async def _listen_on(self, pair: KeyPair) -> None:
        assert self._runner is not None
        site = web.TCPSite(self._runner, LOCALHOST, 0, ssl_context=server_context(pair))
        await site.start()
        self.port = str(self._runner.addresses[-1][1])
        self.url = f"https://{LOCALHOST}:{self.port}"

    def stranger(self) -> Authority:
        """Return the authority of somebody else."""
        return Authority.open(DataFolder.open(self.folder.path / "stranger"), "X", self.now)

    # The broker

    def revoke_certificate(self, home: str) -> None:
        """Put the home's certificate on the revocation list and start the broker again."""
        certificate = x509.load_pem_x509_certificate(self.homes[home].certificate.encode())
        now = self.now
        self.authority.write_crl([Revoked(serial_text(certificate), now)], now)

    async def connect(self) -> None:
        """Connect the hub's two clients, and listen."""
        for name, subscriptions in (
            (HUB, [f"{topics.ROOT}/+/presence", f"{topics.ROOT}/+/grants/+"]),
            (HUB_REPLIES, [f"{topics.ROOT}/+/replies/+"]),
        ):
            pair = self.authority.client(name, self.now)
            client = BrokerClient(
                LOCALHOST,
                self.broker.port,
                identifier=name,
                keepalive=30,
                tls_context=client_context(self.authority.ca_file, pair),
            )
            if name == HUB:
                self._client = client
            ready = asyncio.Event()
            self._tasks.append(asyncio.create_task(self._listen(client, subscriptions, ready)))
            async with asyncio.timeout(LIMIT_S):
                await ready.wait()

    async def disconnect(self) -> None:
        """Disconnect the hub's two clients."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._client = None

    async def restart_broker(self) -> None:
        """Kill the broker and start it again; it remembers nothing."""
        await self.stop_broker()
        await self.broker.start()
        await self.connect()

    async def stop_broker(self) -> None:
        """Kill the broker."""
        await self.disconnect()
        self.broker.stop()
        self.messages.clear()

    async def _listen(
        self, client: aiomqtt.Client, subscriptions: list[str], ready: asyncio.Event
    ) -> None:
        async with client:
            for topic in subscriptions:
                await client.subscribe(topic, qos=1)
            ready.set()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                topic = str(message.topic)
                if await self._asked_again(topic, message.payload):
                    continue
                self.messages[topic] = message.payload
                self.history.append((topic, message.payload))
                await self._take(hub_topics.parse(topic), message.payload)
                async with self._news:
                    self._news.notify_all()

    async def _asked_again(self, topic: str, payload: bytes) -> bool:
        """Note how far the home is, and ask again if it wants a proof from there."""
        address = hub_topics.parse(topic)
        if address.kind != "replies" or address.item is None:
            return False
        token = Token.parse(payload.partition(b"\n")[0])
        if token.header["typ"] == SESSION:
            return False
        claims = orjson.loads(token.payload)
        self.book.known[address.home] = claims["log_size"]
        asked = self._asks.get(address.item)
        if claims.get("reason") != "log_behind" or not self.patient or asked is None:
            return False
        request, signer = asked
        proof = request.log.proof
        logged = self.book.prove(proof.entry, proof.index, claims["log_size"])
        await self._send(replace(request, log=logged), signer)
        return True

    async def _take(self, address: hub_topics.Address, payload: bytes) -> None:
        """Keep presence and grants as the hub does."""
        verifier = self.registry.verifier(address.home)
        if address.kind == "presence":
            self.live.set_online(address.home, online=payload == hub_topics.ONLINE)
        if address.kind != "grants" or verifier is None:
            return
        assert address.item is not None
        try:
            word = hub_grants.verify(
                payload, verifier, address.home, address.item, self.signer.kid, self.now
            )
            held = self.live.held(address.item)
            if held is not None and held.digest == words.digest(payload):
                return
            self.live.check(address.item, word)
        except HubRejected as err:
            self.refused.append(err)
            return
        self.live.reserve(address.item, word, words.digest(payload))
        # Shielded, because a save that is cut off leaves its database connection open.
        await asyncio.shield(self._save(words.Word(address.item, word, payload)))
        # Unless the home was removed, or said something newer, while it was saved.
        held = self.live.held(address.item)
        if held is not None and held.seq == word.seq:
            self.live.admit(address.item)

    async def _save(self, word: words.Word) -> None:
        self._busy += 1
        try:
            await words.save(self.engine, [word])
        finally:
            self._busy -= 1
            async with self._news:
                self._news.notify_all()

    async def until[T](self, found: Callable[[], T | None]) -> T:
        """Return what `found` returns as soon as it does."""
        async with asyncio.timeout(LIMIT_S), self._news:
            while True:
                if (value := found()) is not None:
                    return value
                await self._news.wait()

    async def until_presence(self, home: str, word: bytes) -> None:
        """Return when the home's presence is `word`."""
        await self.until(lambda: self.messages.get(topics.presence(home)) == word or None)

    def word(self, home: str, camera: str) -> Grant | Revocation | None:
        """Return what the home says of a camera now, verified."""
        token = self.messages.get(topics.grants(home, camera))
        return token and self.verify(home, camera, token)

    def verify(self, home: str, camera: str, token: bytes) -> Grant | Revocation:
        """Verify a grant or revocation as the hub does."""
        return grants.verify(
            token, self.homes[home].verifier, home, camera, self.signer.kid, self.now
        )

    async def until_granted(self, home: str, camera: str, after: int = 0) -> Grant:
        """Return the grant of a camera once there is one with a seq above `after`, and online."""

        def found() -> Grant | None:
            word = self.word(home, camera)
            online = self.messages.get(topics.presence(home)) == topics.ONLINE
            return word if isinstance(word, Grant) and word.seq > after and online else None

        return await self.until(found)

    async def until_revoked(self, home: str, camera: str) -> Revocation:
        """Return the revocation of a camera once there is one."""

        def found() -> Revocation | None:
            word = self.word(home, camera)
            return word if isinstance(word, Revocation) else None

        return await self.until(found)

    async def publish(self, topic: str, payload: bytes | str) -> None:
        """Publish as the hub."""
        assert self._client is not None
        await self._client.publish(topic, payload, qos=1)

    def request(self, grant: Grant, /, **changes: Any) -> Request:
        """Return a request for a snapshot under a grant, at the home's door, for a robbery."""
        now = self.now
        incident = Incident(
            id="i1",
            kind="robbery",
            reference="CAD-1",
            opened=now - timedelta(minutes=5),
            circle=Circle(CAPITOL, 500),
        )
        values: dict[str, Any] = {
            "id": token_hex(16),
            "hub": self.signer.kid,
            "home": grant.home,
            "camera": grant.camera,
            "grant": grant.jti,
            "action": Scope.SNAPSHOT,
            "incident": incident,
            "operator": Operator(pseudonym="o1", role=Role.OFFICER),
            "policy": grant.policy,
            "issued": now,
            "log": UNLOGGED,
        }
        return Request(**(values | changes))

    async def ask(self, request: Request, signer: Signer | None = None) -> None:
        """Send a request; one without a proof is entered in the log before."""
        if request.log is UNLOGGED:
            request = await self.enter(request)
        self._asks[request.id] = request, signer or self.signer
        await self._send(request, signer or self.signer)

    async def enter(self, request: Request) -> Request:
        """Enter a request in the log."""
        since = self.book.known.get(request.home, 0)
        return replace(request, log=self.book.prove(*await self.book.write_look(request), since))

    async def _send(self, request: Request, signer: Signer) -> None:
        await self.publish(topics.requests(request.home), sign_request(signer, request))

    async def receipt(self, request: Request, /, **changes: Any) -> Receipt:
        """Close a look in the log and return the receipt for it."""
        outcome, seconds = changes.get("outcome", "ok"), changes.get("seconds", 0)
        ended = await self.book.write_end(request, outcome, seconds)
        values: dict[str, Any] = {
            "id": token_hex(16),
            "hub": self.signer.kid,
            "home": request.home,
            "camera": request.camera,
            "look": request.id,
            "outcome": outcome,
            "seconds": seconds,
            "issued": self.now,
            "log": self.book.prove(*ended, self.book.known.get(request.home, 0)),
        }
        return Receipt(**(values | changes))

    async def send_receipt(self, receipt: Receipt, signer: Signer | None = None) -> None:
        """Send a receipt."""
        self.messages.pop(topics.replies(receipt.home, receipt.id), None)
        token = sign_receipt(signer or self.signer, receipt)
        await self.publish(topics.receipts(receipt.home), token)

    async def acknowledged(self, receipt: Receipt) -> Acknowledgement:
        """Return the verified acknowledgement of a receipt."""
        topic = topics.replies(receipt.home, receipt.id)
        token = await self.until(lambda: self.messages.get(topic))
        verifier = self.homes[receipt.home].verifier
        return verify_acknowledgement(token, verifier, receipt.home, self.signer.kid, self.now)

    async def reply(self, request: Request) -> Reply:
        """Return the verified reply to a request."""
        topic = topics.replies(request.home, request.id)
        payload = await self.until(lambda: self.messages.get(topic))
        return replies.verify(
            payload,
            self.homes[request.home].verifier,
            request.home,
            self.signer.kid,
            request.id,
            self.now,
        )

    async def look(self, grant: Grant, /, **changes: Any) -> Reply:
        """Ask for a picture and return the verified reply."""
        request = self.request(grant, **changes)
        await self.ask(request)
        return await self.reply(request)


@cache
def _empty_database() -> bytes:
    """Return a database with the hub's tables; every city begins with a copy."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        content = driver.serialize()
    engine.dispose()
    return content


async def _nobody(*_: object) -> Caller:
    raise LookupError("homes have no API tokens")


def _consent(token: str, at: datetime) -> Consent:
    claims = Fields(orjson.loads(Token.parse(token).payload))
    return read_record(claims.mapping("record"), at)


def server_context(pair: KeyPair) -> SSLContext:
    """Return the TLS side of the city's HTTPS server."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.minimum_version = TLSVersion.TLSv1_3
    context.load_cert_chain(pair.certificate, pair.key)
    return context


def problem(status: int, slug: str, **extra: object) -> web.Response:
    """Return a problem as the hub writes it."""
    return web.json_response(
        {"type": f"urn:jackson-rtcc:problem:{slug}", "title": slug, "status": status} | extra,
        status=status,
        content_type="application/problem+json",
    )


def _forgive_late_guests() -> None:
    """Let no test fail by a home that connects just while the server closes.

    asyncio's server then fails an assertion of its own, which nobody can catch.
    """
    loop = asyncio.get_running_loop()
    usual = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if context["message"].startswith("Error on transport creation"):
            return
        if usual is None:
            loop.default_exception_handler(context)
        else:
            usual(loop, context)

    loop.set_exception_handler(handle)
