"""One valid message of every kind between one home and one hub, and a forger's tools."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.protocol import consent, enrolment, grant, mine, receipt, reply, request, session, status
from hub.protocol.consent import Consent, Document, State
from hub.protocol.enrolment import Code, Enrolment
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.errors import Reason, Rejected
from hub.protocol.geo import Circle, Point
from hub.protocol.grant import Grant, Revocation, View
from hub.protocol.keys import b64url, to_jwk
from hub.protocol.look_entry import look_about
from hub.protocol.merkle import Tree
from hub.protocol.mine import Question
from hub.protocol.proofs import Seen, bind
from hub.protocol.receipt import Acknowledgement, Receipt
from hub.protocol.reply import Picture, Reply
from hub.protocol.request import Operator, Request
from hub.protocol.rules import Incident
from hub.protocol.session import Act, Word, sign_word, verify_word
from hub.protocol.stream import LEASE, Candidate, IceServer, Offer, Player
from hub.protocol.tokens import Signer, Verifier
from hub.protocol.vocabulary import Gate, Outcome, Role, Scope, Site, Still

NOW = datetime(2026, 7, 1, 18, tzinfo=UTC)
HOME = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
HUB = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
STRANGER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(64, 96))))
HOME_ID = "0123456789abcdef"
CAMERA = "c0ffee00c0ffee00"
REQUEST_ID = "r-1cXk7Jp0Qe5VbZ2uYt8w"
WAIVER = {"version": "2026-1", "text": {"en": "I lend my cameras.", "es": "Presto mis cámaras."}}
POLICY = {
    "version": "2026-1",
    "kinds": {
        "shooting": {
            "name": {"en": "Shooting", "es": "Tiroteo"},
            "radius_m": 800,
            "duration_s": 7200,
            "scopes": ["snapshot", "stream"],
        },
        "missing_child": {
            "name": {"en": "Missing child", "es": "Menor desaparecido"},
            "radius_m": 3000,
            "duration_s": 21600,
            "scopes": ["snapshot"],
        },
    },
}
WAIVER_HASH = "aJ0c3u1Yq3D2mXW4u2o2d3k2q8E0m1n5v7b9c1x3z5Q"
POLICY_HASH = "pK9d4v2Zr4E3nYX5v3p3e4l3r9F1n2o6w8c0d2y4a6R"
CODE = Code(secret=bytes(range(9)), pin=bytes(range(9, 18)))
CSR = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([]))
    .sign(Ed25519PrivateKey.from_private_bytes(bytes(range(96, 128))), None)
    .public_bytes(serialization.Encoding.PEM)
    .decode("ascii")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\n\n\xff\xd9"

GRANT = Grant(
    home=HOME_ID,
    hub=HUB.kid,
    camera=CAMERA,
    jti="g-8fQm3Zx0Lw9RkT4sVn2a",
    seq=1_782_928_800_000,
    issued=NOW,
    starts=NOW,
    ends=NOW + timedelta(hours=1),
    scopes=frozenset({Scope.SNAPSHOT, Scope.STREAM}),
    gate=Gate.INCIDENT,
    view=View(place=Point(32.298757, -90.184807), accuracy_m=50, bearing=270, fov=110),
    name="Front door",
    site=Site.HOME,
    still=Still.LIVE,
    waiver=WAIVER_HASH,
    policy=POLICY_HASH,
    still_every_s=2,
    player=Player(data_channel="dataSendChannel", audio=True),
)
REVOCATION = Revocation(
    home=HOME_ID,
    hub=HUB.kid,
    camera=CAMERA,
    jti="v-3hTn6Ya1Mx0SlU5tWo4b",
    seq=1_782_928_860_000,
    issued=NOW,
)
INCIDENT = Incident(
    id="i-5jVp8Cb3Oz2UnW7vYq6d",
    kind="shooting",
    reference="2026-0701-0042",
    opened=NOW - timedelta(minutes=5),
    circle=Circle(Point(32.2998, -90.1846), 500.0),
)
LOOK = Entry(
    kind=EntryKind.LOOK,
    time=NOW,
    actor="heron-12",
    role=Role.OFFICER,
    outcome="allowed",
    home=HOME_ID,
    about=look_about(
        look=REQUEST_ID,
        camera=CAMERA,
        grant=GRANT.jti,
        scope=Scope.SNAPSHOT,
        incident=INCIDENT,
        policy=POLICY_HASH,
    )
    | {"reason": None},
    salt="AAECAwQFBgcICQoLDA0ODw",
)
LOOK_ENDED = Entry(
    kind=EntryKind.LOOK_ENDED,
    time=NOW + timedelta(milliseconds=420),
    actor="heron-12",
    role=Role.OFFICER,
    outcome="ok",
    home=HOME_ID,
    about={"look": REQUEST_ID, "camera": CAMERA, "seconds": 0, "reason": None},
    salt="EBESExQVFhcYGRobHB0eHw",
)


def filler(number: int) -> Entry:
    """Return an entry that is nobody's business here."""
    return Entry(
        kind=EntryKind.EXPORT,
        time=NOW + timedelta(milliseconds=10 * number),
        actor="hub",
        outcome="done",
        about={"number": number},
        salt=b64url(bytes([number]) * 16),
    )


HISTORY = (filler(0), filler(1), filler(2), LOOK, filler(4), LOOK_ENDED, filler(6))
BOOK = bind(Tree(entry.hash for entry in HISTORY), HUB.key, HUB.kid)
SEEN = Seen(2, BOOK.tree.root(2))
"""What the home has verified of the log before."""
LOGGED = BOOK.logged(LOOK, HISTORY.index(LOOK), SEEN.size)
LOGGED_END = BOOK.logged(LOOK_ENDED, HISTORY.index(LOOK_ENDED), SEEN.size)
REQUEST = Request(
    id=REQUEST_ID,
    hub=HUB.kid,
    home=HOME_ID,
    camera=CAMERA,
    grant=GRANT.jti,
    action=Scope.SNAPSHOT,
    incident=INCIDENT,
    operator=Operator(pseudonym="heron-12", role=Role.OFFICER),
    policy=POLICY_HASH,
    issued=NOW,
    log=LOGGED,
)
SDP = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
STREAM_REQUEST = replace(
    REQUEST,
    action=Scope.STREAM,
    offer=Offer(
        SDP,
        (
            IceServer(("stun:turn.example:3478",)),
            IceServer(("turn:turn.example:3478?transport=udp",), "1782929000:home", "c2VjcmV0"),
        ),
        trickle=True,
    ),
)
PICTURE_REPLY = Reply(
    home=HOME_ID,
    hub=HUB.kid,
    camera=CAMERA,
    request=REQUEST_ID,
    jti="a-7lXr0Ed5Qb4WpY9xAs8f",
    issued=NOW,
    outcome=Outcome.OK,
    log_size=len(HISTORY),
    picture=Picture(data=JPEG, content_type="image/jpeg", received=NOW, still=Still.LAST),
)
ANSWER_REPLY = replace(PICTURE_REPLY, picture=None, answer=SDP)
RENEWAL = Word(
    id="w-2aSd5Fg8Hj1Kl4Zx7Cv0B",
    sender=HUB.kid,
    receiver=HOME_ID,
    session=REQUEST_ID,
    act=Act.RENEW,
    issued=NOW,
    until=NOW + LEASE,
)
CLOSE = replace(RENEWAL, act=Act.CLOSE, until=None, reason="stopped")
CANDIDATES = replace(
    RENEWAL,
    act=Act.CANDIDATES,
    until=None,
    candidates=(
        Candidate("candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host", "0", 0),
        Candidate("", "0"),
    ),
)
ENDED = replace(
    RENEWAL,
    sender=HOME_ID,
    receiver=HUB.kid,
    act=Act.ENDED,
    until=None,
    reason="not_sharing",
    seconds=12,
)
REFUSAL = Reply(
    home=HOME_ID,
    hub=HUB.kid,
    camera=CAMERA,
    request=REQUEST_ID,
    jti="a-9nZt2Gf7Sd6YrA1zCu0h",
    issued=NOW,
    outcome=Outcome.REFUSED,
    log_size=len(HISTORY),
    reason="outside_circle",
)
RECEIPT = Receipt(
    id="p-1qWe4Rt7Yu0Io3Pa6Sd9F",
    hub=HUB.kid,
    home=HOME_ID,
    camera=CAMERA,
    look=REQUEST_ID,
    outcome="ok",
    seconds=0,
    issued=NOW,
    log=LOGGED_END,
)
ACKNOWLEDGEMENT = Acknowledgement(receipt=RECEIPT.id, log_size=len(HISTORY))
QUESTION = Question(since=SEEN.size, start=3)
CONSENT = Consent(
    id="c-7hTz3Bn6Mq1WsE9uYp5kL2x",
    principal=HOME_ID,
    hub=HUB.kid,
    city="Jackson",
    state=State.GIVEN,
    name="Ada López",
    language="es",
    waiver=Document(version="1", digest=WAIVER_HASH),
    policy=Document(version="2", digest=POLICY_HASH),
    at=NOW,
)
CONSENT_AT_ENROLMENT = replace(CONSENT, principal=HOME.kid)
ENROLMENT = Enrolment(
    code=CODE.proof,
    hub=HUB.kid,
    csr=CSR,
    key=to_jwk(HOME.key.public_key()),
    consent=consent.sign_consent(HOME, CONSENT_AT_ENROLMENT),
    jti="e-2kWq9Dc4Pa3VoX8wZr7e",
    issued=NOW,
)
ACKNOWLEDGEMENT_JTI = "k-5gHj8Kl1Zx4Cv7Bn0Mq3W"
QUESTION_JTI = "q-9eRt2Yu5Io8Pa1Sd4Fg7H"
STATUS_JTI = "s-6vPd8Kx2Lt0BnQ4yGz9jR5m"
RENEWAL_JTI = "n-4mYs1Fe6Rc5XqZ0yBt9g"

type Reader = Callable[[bytes, datetime], object]


@dataclass(frozen=True, slots=True)
class Sample:
    """A kind of token: its `typ`, who signs it, a valid one, and how its receiver reads it."""

    typ: str
    signer: Signer
    token: bytes
    read: Reader

    @property
    def claims(self) -> dict[str, object]:
        """Return the claims of the valid token."""
        value: dict[str, object] = json.loads(unb64(self.token.split(b".")[1]))
        return value

    @property
    def header(self) -> dict[str, object]:
        """Return the header of the valid token."""
        value: dict[str, object] = json.loads(unb64(self.token.split(b".")[0]))
        return value

    def with_claims(self, **changes: object) -> bytes:
        """Sign the valid claims with changes; `...` leaves a claim out."""
        return self.forge(payload=encode(changed(self.claims, changes)))

    def forge(
        self,
        header: Mapping[str, object] | bytes | None = None,
        payload: bytes | None = None,
        signer: Signer | None = None,
    ) -> bytes:
        """Sign with anything changed."""
        if not isinstance(header, bytes):
            header = encode(self.header if header is None else header)
        payload = unb64(self.token.split(b".")[1]) if payload is None else payload
        signed = b64url(header).encode() + b"." + b64url(payload).encode()
        return signed + b"." + b64url((signer or self.signer).key.sign(signed)).encode()


def refusal(read: Callable[[], object]) -> Reason | None:
    """Return why reading was refused, or None if it was not; nothing else may be raised."""
    try:
        read()
    except Rejected as refused:
        return refused.reason
    return None


def unb64(segment: bytes) -> bytes:
    return base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))


def encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def changed(values: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in (dict(values) | changes).items() if value is not ...}


def read_grant(token: bytes, now: datetime) -> object:
    return grant.verify(token, HOME_KEY, HOME_ID, CAMERA, HUB.kid, now)


def read_request(token: bytes, now: datetime) -> object:
    return request.verify(token, HUB_KEY, HOME_ID, HUB.kid, now)


def read_reply(payload: bytes, now: datetime) -> object:
    return reply.verify(payload, HOME_KEY, HOME_ID, HUB.kid, REQUEST_ID, now)


def read_word(token: bytes, now: datetime) -> object:
    return verify_word(token, HUB_KEY, HUB.kid, HOME_ID, now)


def read_ended(token: bytes, now: datetime) -> object:
    return verify_word(token, HOME_KEY, HOME_ID, HUB.kid, now, REQUEST_ID)


def read_consent(token: bytes, now: datetime) -> object:
    text = token.decode("latin-1")
    return consent.verify_consent(text, HOME_KEY, HOME_ID, HUB.kid, now).consent


def read_status(token: bytes, now: datetime) -> object:
    return status.verify_status(token.decode("latin-1"), HOME_KEY, HOME_ID, HUB.kid, now)


def read_receipt(token: bytes, now: datetime) -> object:
    return receipt.verify_receipt(token, HUB_KEY, HOME_ID, HUB.kid, now)


def read_acknowledgement(token: bytes, now: datetime) -> object:
    return receipt.verify_acknowledgement(token, HOME_KEY, HOME_ID, HUB.kid, now)


def read_question(token: bytes, now: datetime) -> object:
    return mine.verify_question(token.decode("latin-1"), HOME_KEY, HOME_ID, HUB.kid, now)


def read_enrolment(token: bytes, now: datetime) -> object:
    text = token.decode("latin-1")
    return enrolment.verify_enrolment(text, ENROLMENT.key, HUB.kid, now)


def read_renewal(token: bytes, now: datetime) -> object:
    text = token.decode("latin-1")
    return enrolment.verify_renewal(text, HOME_KEY, HOME_ID, HUB.kid, now)


HOME_KEY = Verifier(HOME.key.public_key())
HUB_KEY = Verifier(HUB.key.public_key())
SAMPLES = {
    "grant": Sample(grant.GRANT, HOME, grant.sign_grant(HOME, GRANT).encode(), read_grant),
    "revocation": Sample(
        grant.REVOCATION, HOME, grant.sign_revocation(HOME, REVOCATION).encode(), read_grant
    ),
    "request": Sample(
        request.REQUEST, HUB, request.sign_request(HUB, REQUEST).encode(), read_request
    ),
    "word": Sample(session.SESSION, HUB, sign_word(HUB, RENEWAL), read_word),
    "ended": Sample(session.SESSION, HOME, sign_word(HOME, ENDED), read_ended),
    "reply": Sample(reply.REPLY, HOME, reply.sign_reply(HOME, REFUSAL), read_reply),
    "receipt": Sample(
        receipt.RECEIPT, HUB, receipt.sign_receipt(HUB, RECEIPT).encode(), read_receipt
    ),
    "acknowledgement": Sample(
        receipt.ACKNOWLEDGEMENT,
        HOME,
        receipt.sign_acknowledgement(
            HOME, ACKNOWLEDGEMENT, HOME_ID, HUB.kid, ACKNOWLEDGEMENT_JTI, NOW
        ),
        read_acknowledgement,
    ),
    "question": Sample(
        mine.QUESTION,
        HOME,
        mine.sign_question(HOME, QUESTION, HOME_ID, HUB.kid, QUESTION_JTI, NOW).encode(),
        read_question,
    ),
    "enrolment": Sample(
        enrolment.ENROLMENT,
        HOME,
        enrolment.sign_enrolment(HOME, ENROLMENT).encode(),
        read_enrolment,
    ),
    "renewal": Sample(
        enrolment.RENEWAL,
        HOME,
        enrolment.sign_renewal(HOME, HOME_ID, HUB.kid, CSR, RENEWAL_JTI, NOW).encode(),
        read_renewal,
    ),
    "consent": Sample(
        consent.CONSENT,
        HOME,
        consent.sign_consent(HOME, CONSENT).token.encode(),
        read_consent,
    ),
    "status": Sample(
        status.STATUS,
        HOME,
        status.sign_status(HOME, HOME_ID, HUB.kid, STATUS_JTI, NOW).encode(),
        read_status,
    ),
}
