"""A simulated home: no Home Assistant and no camera, but the real protocol, keys and broker."""

import asyncio
import random
import ssl
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import gmqtt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from gmqtt.mqtt.constants import MQTTv311

from demo.picture import ZONE, draw
from demo.simulated_streams import ANSWER, SimulatedStreams
from hub.protocol import request as requests
from hub.protocol import topics
from hub.protocol.city import City
from hub.protocol.consent import accepted, sign_consent
from hub.protocol.enrolment import Code, Enrolled, Enrolment, sign_enrolment
from hub.protocol.errors import Reason, Rejected
from hub.protocol.geo import Point
from hub.protocol.grant import Grant, Revocation, View, sign_grant, sign_revocation
from hub.protocol.keys import from_jwk, private_from_pem, private_to_pem, to_jwk
from hub.protocol.look_entry import check_end, check_look
from hub.protocol.proofs import Logged, Seen
from hub.protocol.receipt import (
    Acknowledgement,
    Receipt,
    sign_acknowledgement,
    verify_receipt,
)
from hub.protocol.reply import Picture, Reply, sign_reply
from hub.protocol.request import Request, Used
from hub.protocol.rules import Permission, Refusal, may_look
from hub.protocol.session import SESSION, Word, sign_word, verify_word
from hub.protocol.stream import Player
from hub.protocol.tokens import Signer, Token, Verifier
from hub.protocol.vocabulary import Gate, Outcome, Scope, Site, Still

WAIVER_NAME = "SIMULATED owner"
GRANT_LIFE = timedelta(hours=1)
KEEPALIVE = 30
_CONNECT_LIMIT = 10.0
_LONGEST_PAUSE = 3.0
_SIZE = (480, 270)


def utcnow() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a simulated home keeps between runs."""

    home: str
    camera: str
    name: str
    lat: float
    lon: float
    signing_key: str
    tls_key: str
    certificate: str
    ca: str

    @property
    def place(self) -> Point:
        """Return where its camera stands."""
        return Point(self.lat, self.lon)

    @property
    def signer(self) -> Signer:
        """Return what signs this home's tokens."""
        return Signer(private_from_pem(self.signing_key))

    def tls(self) -> ssl.SSLContext:
        """Return the context for the broker."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(cadata=self.ca)
        # `ssl` reads keys from files only; a temporary one is private by itself.
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(self.tls_key + self.certificate)
            file.flush()
            context.load_cert_chain(file.name)
        return context


async def enrol(
    post: Callable[[str, object], Any], city: City, code: str, name: str, place: Point
) -> Identity:
    """Enrol a new home with its own keys; `post` sends JSON to a path of the hub's API."""
    signing, tls = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    key, now = to_jwk(signing.public_key()), utcnow()
    request = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "home")])
    )
    signer = Signer(signing)
    consent = accepted(
        city, id_=token_hex(16), principal=signer.kid, name=WAIVER_NAME, language="en", now=now
    )
    statement = sign_enrolment(
        signer,
        Enrolment(
            code=Code.parse(code).proof,
            hub=city.hub,
            csr=request.sign(tls, None).public_bytes(Encoding.PEM).decode(),
            key=key,
            consent=sign_consent(signer, consent),
            jti=token_hex(16),
            issued=now,
        ),
    )
    answer = Enrolled.parse(
        await post("/api/v1/enrolments", {"enrolment": statement, "key": dict(key)})
    )
    return Identity(
        home=answer.home,
        camera=token_hex(8),
        name=name,
        lat=place.lat,
        lon=place.lon,
        signing_key=private_to_pem(signing),
        tls_key=private_to_pem(tls),
        certificate=answer.certificate,
        ca=answer.ca,
    )


@dataclass(eq=False)
class SimulatedHome:
    """One simulated home with one camera that is always shared, until told otherwise."""

    identity: Identity
    city: City
    site: Site = Site.HOME
    sharing: bool = True
    streaming: bool = False
    bearing: int | None = None
    fov: int | None = None
    grant: Grant | None = None
    counts: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    online: asyncio.Event = field(default_factory=asyncio.Event)
    keep_sent: bool = False
    seen: Seen = field(default_factory=Seen)
    receipts: list[Receipt] = field(default_factory=list)
    _seq: int = 0
    _client: gmqtt.Client | None = None

    def __post_init__(self) -> None:
        """Read the keys once."""
        self.signer = self.identity.signer
        # Every camera another street, and its name in the picture, so that nobody takes it for one.
        self._title = f"SIMULATED {self.identity.name.rpartition(' ')[2]}"
        self._look = int(self.identity.camera, 16) % 997
        self._verifier = Verifier(from_jwk(self.city.key))
        self._used = Used(utcnow())
        self.streams = SimulatedStreams(self.identity.home, self.city.hub, self._say, utcnow)

    async def run(self, turns: asyncio.Semaphore | None = None) -> None:
        """Stay connected until cancelled; `turns` limits how many homes connect at once."""
        turns = turns or asyncio.Semaphore(1)
        tls = self.identity.tls()
        pause = 0.2
        while True:
            lost = asyncio.Event()
            client = self._new_client(lost)
            try:
                async with turns, asyncio.timeout(_CONNECT_LIMIT):
                    await self._connect(client, tls)
                pause = 0.2
                await self._serve(lost)
            except OSError, TimeoutError, gmqtt.MQTTConnectError:
                self.counts["no_connection"] += 1
            finally:
                self._client = None
                self.online.clear()
                self.streams.drop_all()
                with suppress(OSError, TimeoutError):
                    async with asyncio.timeout(2):
                        await client.disconnect()
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter
            pause = min(2 * pause, _LONGEST_PAUSE)

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = True) -> None:
        """Send a message with this home's own credentials."""
        if self._client is None:
            raise ConnectionError(f"{self.identity.name} is not connected")
        data = payload.encode() if isinstance(payload, str) else payload
        if self.keep_sent:
            self.sent.append((topic, data))
        self._client.publish(topic, data, qos=1, retain=retain)

    def make_grant(self, **changes: Any) -> Grant:
        """Return a grant that is due now, with `changes` to it."""
        now = utcnow()
        wanted: dict[str, Any] = {
            "home": self.identity.home,
            "hub": self.city.hub,
            "camera": self.identity.camera,
            "jti": token_hex(16),
            "seq": self.next_seq(now),
            "issued": now,
            "starts": now,
            "ends": now + GRANT_LIFE,
            "scopes": frozenset({Scope.SNAPSHOT, *([Scope.STREAM] if self.streaming else [])}),
            "player": Player() if self.streaming else None,
            "gate": Gate.INCIDENT,
            "view": View(
                place=self.identity.place, accuracy_m=0, bearing=self.bearing, fov=self.fov
            ),
            "name": self.identity.name,
            "site": self.site,
            "still": Still.LIVE,
            "waiver": self.city.waiver.digest,
            "policy": self.city.policy.digest,
        }
        return Grant(**(wanted | changes))

    def next_seq(self, now: datetime) -> int:
        """Return a sequence number above every earlier one."""
        self._seq = max(self._seq + 1, int(now.timestamp() * 1_000))
        return self._seq

    @property
    def grant_topic(self) -> str:
        """Return the topic of its camera's grants."""
        return topics.grants(self.identity.home, self.identity.camera)

    def share(self) -> None:
        """Grant, as of now."""
        self.sharing, self.grant = True, self.make_grant()
        self.publish(self.grant_topic, sign_grant(self.signer, self.grant))

    def revoke(self) -> None:
        """Take the grant back."""
        self.sharing, self.grant = False, None
        self.streams.end_all("not_sharing")
        now = utcnow()
        revocation = Revocation(
            home=self.identity.home,
            hub=self.city.hub,
            camera=self.identity.camera,
            jti=token_hex(16),
            seq=self.next_seq(now),
            issued=now,
        )
        self.publish(self.grant_topic, sign_revocation(self.signer, revocation))

    async def _serve(self, lost: asyncio.Event) -> None:
        self.publish(topics.presence(self.identity.home), topics.ONLINE)
        if not self.sharing:
            self.revoke()
        self.online.set()
        while not lost.is_set():
            if self.sharing:
                self.share()
            # Half of its life, and not all homes in the same second.
            renewal = GRANT_LIFE.total_seconds() * random.uniform(0.45, 0.5)  # noqa: S311
            with suppress(TimeoutError):
                async with asyncio.timeout(renewal):
                    await lost.wait()

    def _new_client(self, lost: asyncio.Event) -> gmqtt.Client:
        presence = topics.presence(self.identity.home)
        client = gmqtt.Client(
            self.identity.home,
            clean_session=True,
            will_message=gmqtt.Message(presence, topics.OFFLINE, qos=1, retain=True),
        )
        client.set_config({"reconnect_retries": -2})  # `run` does that
        client.on_disconnect = lambda *_: lost.set()
        client.on_message = self._on_message
        return client

    async def _connect(self, client: gmqtt.Client, tls: ssl.SSLContext) -> None:
        subscribed = asyncio.Event()
        client.on_subscribe = lambda *_: subscribed.set()
        broker = self.city.broker
        await client.connect(
            broker.host, broker.port, ssl=tls, keepalive=KEEPALIVE, version=MQTTv311
        )
        client.subscribe(
            [
                gmqtt.Subscription(topic(self.identity.home), qos=1)
                for topic in (topics.requests, topics.receipts)
            ]
        )
        await subscribed.wait()
        self._client = client

    def _on_message(self, _client: object, topic: str, payload: bytes, *_: object) -> int:
        take = self._take_request
        try:
            if topic.endswith("/receipts"):
                take = self._take_receipt
            elif Token.parse(payload).header.get("typ") == SESSION:
                take = self._take_word
            take(payload, utcnow())
        except Rejected as err:
            self.counts[err.reason] += 1
        return 0

    def _take_request(self, payload: bytes, now: datetime) -> None:
        request = requests.verify(payload, self._verifier, self.identity.home, self.city.hub, now)
        try:
            self._advance(request.log)
            # Not before: a request whose proof began elsewhere comes again with another.
            self._used.claim(request, now)
            check_look(request.log.proof.entry, request)
        except Rejected as err:
            if err.reason is Reason.REPLAYED:
                raise
            reply = self._reply(request, now, err.reason)
        else:
            reply = self._reply(request, now, self._refusal(request, now))
        self.counts[reply.reason or reply.outcome] += 1
        if (answer := self.payload(request, reply)) is not None:
            self.publish(topics.replies(self.identity.home, request.id), answer, retain=False)

    def _take_word(self, payload: bytes, now: datetime) -> None:
        home, hub = self.identity.home, self.city.hub
        self.streams.take(verify_word(payload, self._verifier, hub, home, now))

    def _say(self, word: Word) -> None:
        # A home that is cut off tells nobody.
        with suppress(ConnectionError):
            self.publish(
                topics.replies(self.identity.home, word.session),
                sign_word(self.signer, word),
                retain=False,
            )

    def _take_receipt(self, payload: bytes, now: datetime) -> None:
        home, hub = self.identity.home, self.city.hub
        receipt = verify_receipt(payload, self._verifier, home, hub, now)
        reason = None
        try:
            self._advance(receipt.log)
            check_end(
                receipt.log.proof.entry,
                home=home,
                look=receipt.look,
                outcome=receipt.outcome,
                seconds_=receipt.seconds,
            )
        except Rejected as err:
            reason = err.reason
        else:
            self.receipts.append(receipt)
        self.counts[reason or "receipt"] += 1
        word = Acknowledgement(receipt=receipt.id, log_size=self.seen.size, reason=reason)
        if (answer := self.acknowledgement(word, now)) is not None:
            self.publish(topics.replies(home, receipt.id), answer, retain=False)

    def acknowledgement(self, word: Acknowledgement, now: datetime) -> bytes | None:
        """Return what is sent for a receipt; None is silence."""
        home, hub = self.identity.home, self.city.hub
        return sign_acknowledgement(self.signer, word, home, hub, token_hex(16), now)

    def _advance(self, log: Logged) -> None:
        """Prove that the log continues what was seen of it, and remember it."""
        self.seen = log.verify(self._verifier.key, self.city.hub, self.seen)

    def payload(self, _request: Request, reply: Reply) -> bytes | None:
        """Return what is sent for a reply; None is silence."""
        return sign_reply(self.signer, reply)

    def _reply(self, request: Request, now: datetime, refusal: str | None) -> Reply:
        picture = answer = None
        if refusal is None and request.action is Scope.STREAM:
            answer = ANSWER
            self.streams.begin(request)
        elif refusal is None:
            picture = Picture(
                data=draw(self._title, now.astimezone(ZONE), _SIZE, self._look),
                content_type="image/jpeg",
                received=now,
                still=Still.LIVE,
            )
        return Reply(
            home=self.identity.home,
            hub=self.city.hub,
            camera=request.camera,
            request=request.id,
            jti=token_hex(16),
            issued=now,
            outcome=Outcome.OK if refusal is None else Outcome.REFUSED,
            log_size=self.seen.size,
            reason=refusal,
            picture=picture,
            answer=answer,
        )

    def _refusal(self, request: Request, now: datetime) -> Refusal | None:
        grant = self.grant
        if grant is None or request.camera != grant.camera or request.grant != grant.jti:
            return Refusal.NOT_GRANTED
        permission = Permission(
            scopes=grant.scopes,
            gate=grant.gate,
            starts=grant.starts,
            ends=grant.ends,
            place=self.identity.place,
            policy=grant.policy,
        )
        return may_look(self.city.policy, permission, request.incident, request.action, now)
