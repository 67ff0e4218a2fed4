"""A small real city for tests: HTTPS that speaks the contract, a real Mosquitto, the hub's key."""

import asyncio
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes, token_hex
from ssl import PROTOCOL_TLS_SERVER, SSLContext, TLSVersion
from typing import Any, Self

import aiomqtt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from custom_components.jackson_rtcc.protocol import grant as grants
from custom_components.jackson_rtcc.protocol import reply as replies
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.documents import document_hash
from custom_components.jackson_rtcc.protocol.enrolment import (
    PIN_BYTES,
    SECRET_BYTES,
    Code,
    ca_pin,
    verify_enrolment,
    verify_renewal,
)
from custom_components.jackson_rtcc.protocol.errors import Rejected
from custom_components.jackson_rtcc.protocol.geo import Circle, Point
from custom_components.jackson_rtcc.protocol.grant import Grant, Revocation
from custom_components.jackson_rtcc.protocol.keys import from_jwk, to_jwk
from custom_components.jackson_rtcc.protocol.reply import Reply
from custom_components.jackson_rtcc.protocol.request import Operator, Request, sign_request
from custom_components.jackson_rtcc.protocol.rules import Incident
from custom_components.jackson_rtcc.protocol.tokens import Signer, Verifier
from custom_components.jackson_rtcc.protocol.vocabulary import Role, Scope
from hub.data import DataFolder
from hub.homes.authority import HUB, HUB_REPLIES, Authority, KeyPair, client_context
from hub.homes.certificates import HOME_LIFE, Revoked, key_of_csr, serial_text
from hub.messaging.child import free_port
from hub.messaging.mosquitto import Files, access_list, configuration

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
    accepted_by: str


@dataclass
class City:
    """The city: who it is, its homes, and everything that homes have said on the broker."""

    authority: Authority
    broker: Broker
    signer: Signer
    folder: Path
    name: str = "City of Jackson"
    document: dict[str, Any] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    codes: dict[str, str | None] = field(default_factory=dict)
    answers: dict[str, web.Response] = field(default_factory=dict)
    messages: dict[str, bytes] = field(default_factory=dict)
    history: list[tuple[str, bytes]] = field(default_factory=list)
    url: str = ""
    port: str = ""
    home_authority: Authority | None = None
    renewed: asyncio.Event = field(default_factory=asyncio.Event)
    home_life: timedelta = HOME_LIFE
    _client: aiomqtt.Client | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _runner: web.AppRunner | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    async def start(cls, program: Path, path: Path) -> Self:
        folder = DataFolder.open(path)
        authority = Authority.open(folder, "Jackson", datetime.now(UTC))
        city = cls(
            authority=authority,
            broker=Broker(program, folder, authority),
            signer=Signer(Ed25519PrivateKey.generate()),
            folder=path,
        )
        city.document = {
            "name": city.name,
            "key": to_jwk(city.signer.key.public_key()),
            "waiver": WAIVER,
            "policy": POLICY,
            "broker": {"host": LOCALHOST, "port": city.broker.port},
        }
        await city.broker.start()
        await city._serve()
        await city.connect()
        return city

    async def stop(self) -> None:
        await self.disconnect()
        self.broker.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    # HTTPS

    def code(self) -> str:
        """Return a new enrolment code."""
        code = Code(token_bytes(SECRET_BYTES), ca_pin(self.authority.der))
        self.codes[code.proof] = None
        return str(code)

    def foreign_code(self) -> str:
        """Return a code that another city made."""
        return str(Code(token_bytes(SECRET_BYTES), token_bytes(PIN_BYTES)))

    async def _serve(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/api/v1/ca", self._ca),
                web.get("/api/v1/city", self._city),
                web.post("/api/v1/enrolments", self._enrol),
                web.post("/api/v1/certificates", self._renew),
            ]
        )
        pair = self.authority.server([LOCALHOST, "localhost"], datetime.now(UTC))
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await self._listen_on(pair)

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
        return Authority.open(DataFolder.open(self.folder / "stranger"), "X", self.now)

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def _ca(self, request: web.Request) -> web.Response:
        return self.answers.get(request.path) or web.Response(
            text=self.authority.pem, content_type="application/x-pem-file"
        )

    async def _city(self, request: web.Request) -> web.Response:
        return self.answers.get(request.path) or web.json_response(self.document)

    async def _enrol(self, request: web.Request) -> web.Response:
        if answer := self.answers.get(request.path):
            return answer
        body = await request.json()
        try:
            enrolment = verify_enrolment(
                body["enrolment"], body["key"], self.signer.kid, datetime.now(UTC)
            )
        except Rejected as err:
            return problem(400, "refused-statement", reason=err.reason)
        rules = (document_hash(self.document["waiver"]), document_hash(self.document["policy"]))
        if (enrolment.waiver, enrolment.policy) != rules:
            return problem(409, "rules-changed")
        if enrolment.code not in self.codes:
            return problem(404, "code-unknown")
        verifier = Verifier(from_jwk(enrolment.key))
        home = self.codes[enrolment.code] or token_hex(8)
        if home in self.homes and self.homes[home].verifier.kid != verifier.kid:
            return problem(409, "code-used")
        self.codes[enrolment.code] = home
        certificate = (
            (self.home_authority or self.authority)
            .sign_home(key_of_csr(enrolment.csr), home, datetime.now(UTC), self.home_life)
            .pem
        )
        self.homes[home] = Home(home, verifier, certificate, enrolment.name)
        return web.json_response(
            {"home": home, "certificate": certificate, "ca": self.authority.pem}, status=201
        )

    async def _renew(self, request: web.Request) -> web.Response:
        if answer := self.answers.get(request.path):
            return answer
        body = await request.json()
        home = self.homes[body["home"]]
        now = datetime.now(UTC)
        csr = verify_renewal(body["renewal"], home.verifier, home.id, self.signer.kid, now)
        home.certificate = self.authority.sign_home(key_of_csr(csr), home.id, now).pem
        self.renewed.set()
        return web.json_response(
            {"home": home.id, "certificate": home.certificate, "ca": self.authority.pem}
        )

    # The broker

    def revoke_certificate(self, home: str) -> None:
        """Put the home's certificate on the revocation list and start the broker again."""
        certificate = x509.load_pem_x509_certificate(self.homes[home].certificate.encode())
        now = datetime.now(UTC)
        self.authority.write_crl([Revoked(serial_text(certificate), now)], now)

    async def connect(self) -> None:
        """Connect the hub's two clients, and listen."""
        for name, subscriptions in (
            (HUB, [f"{topics.ROOT}/+/presence", f"{topics.ROOT}/+/grants/+"]),
            (HUB_REPLIES, [f"{topics.ROOT}/+/replies/+"]),
        ):
            pair = self.authority.client(name, datetime.now(UTC))
            client = aiomqtt.Client(
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
                self.messages[str(message.topic)] = message.payload
                self.history.append((str(message.topic), message.payload))
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
            token, self.homes[home].verifier, home, camera, self.signer.kid, datetime.now(UTC)
        )

    async def until_granted(self, home: str, camera: str, after: int = 0) -> Grant:
        """Return the grant of a camera once there is one with a seq above `after`."""

        def found() -> Grant | None:
            word = self.word(home, camera)
            return word if isinstance(word, Grant) and word.seq > after else None

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
        now = datetime.now(UTC)
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
        }
        return Request(**(values | changes))

    async def ask(self, request: Request, signer: Signer | None = None) -> None:
        """Send a request."""
        await self.publish(
            topics.requests(request.home), sign_request(signer or self.signer, request)
        )

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
            datetime.now(UTC),
        )

    async def look(self, grant: Grant, /, **changes: Any) -> Reply:
        """Ask for a picture and return the verified reply."""
        request = self.request(grant, **changes)
        await self.ask(request)
        return await self.reply(request)


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
