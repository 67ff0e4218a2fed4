"""Enrolment: a home's key becomes known to the city once, by a code that authenticates both."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from .claims import Fields, malformed
from .consent import SignedConsent, verify_consent
from .errors import Reason, Rejected
from .keys import Jwk, from_jwk, to_jwk
from .tokens import LONGEST, Signer, Verifier, check_parties, check_times, envelope

ENROLMENT = "rtcc-enrolment+jwt"
RENEWAL = "rtcc-renewal+jwt"
STATEMENT_LIFE = timedelta(minutes=10)

SECRET_BYTES = 9
PIN_BYTES = 9
_CODE = re.compile(r"[A-Z2-7]{29}")


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time enrolment code: a secret for the hub, and a pin by which the home knows the hub.

    Written as 29 base32 characters in groups of five, as on a product key: 72 bits that only the
    resident has, then 72 bits of the SHA-256 of the hub's CA certificate.
    """

    secret: bytes
    pin: bytes

    def __str__(self) -> str:
        """Write the code for a person."""
        text = base64.b32encode(self.secret + self.pin).decode("ascii").rstrip("=")
        return "-".join(text[i : i + 5] for i in range(0, len(text), 5))

    @classmethod
    def parse(cls, text: str) -> Code:
        """Read a code as a person typed it: any case, any grouping and dash, 0 and 1 for O and I.

        Raises:
            Rejected: `malformed` if it cannot be a code.

        """
        compact = re.sub(r"[\W_]", "", text).upper().replace("0", "O").replace("1", "I")
        if not _CODE.fullmatch(compact):
            raise malformed("an enrolment code has 29 letters and digits")
        data = base64.b32decode(compact + "===")
        return cls(data[:SECRET_BYTES], data[SECRET_BYTES:])

    @property
    def proof(self) -> str:
        """Return the secret as the home presents it, in hex."""
        return self.secret.hex()

    def fits(self, ca_der: bytes) -> bool:
        """Tell whether this CA certificate is the one that the code was made for."""
        return ca_pin(ca_der) == self.pin


def proof_digest(proof: str) -> str:
    """Return what the hub keeps of a code in place of its secret: the SHA-256 of the proof, hex."""
    return hashlib.sha256(proof.encode()).hexdigest()


def ca_pin(ca_der: bytes) -> bytes:
    """Return the pin of a CA certificate given in DER form."""
    return hashlib.sha256(ca_der).digest()[:PIN_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an owner signs to enrol: the code, the keys, and the consent to the rules."""

    code: str
    hub: str
    csr: str
    key: Jwk
    consent: SignedConsent
    jti: str
    issued: datetime


def sign_enrolment(signer: Signer, enrolment: Enrolment) -> str:
    """Return the enrolment as a token signed by the home's new key; its issuer is that key."""
    return signer.sign(
        ENROLMENT,
        envelope(
            signer.kid,
            enrolment.hub,
            enrolment.jti,
            enrolment.issued,
            enrolment.issued + STATEMENT_LIFE,
        )
        | {
            "code": enrolment.code,
            "csr": enrolment.csr,
            "jwk": enrolment.key,
            "consent": enrolment.consent.token,
        },
    )


def verify_enrolment(token: str, key: Jwk, hub: str, now: datetime) -> Enrolment:
    """Read an enrolment and prove that whoever sends it holds the private half of `key`.

    Raises:
        Rejected: with the reason that applies first.

    """
    verifier = Verifier(from_jwk(key))
    claims = verifier.verify(token, ENROLMENT)
    check_parties(claims, verifier.kid, hub)
    issued, _ = check_times(claims, now, STATEMENT_LIFE)
    if to_jwk(from_jwk(claims.raw("jwk"))) != to_jwk(verifier.key):
        raise Rejected(Reason.UNKNOWN_KEY, "it names another key than the one that signed it")
    return Enrolment(
        code=claims.text("code"),
        hub=hub,
        csr=claims.pem("csr"),
        key=to_jwk(verifier.key),
        consent=verify_consent(claims.text("consent", LONGEST), verifier, verifier.kid, hub, now),
        jti=claims.text("jti", 64),
        issued=issued,
    )


def sign_renewal(signer: Signer, home: str, hub: str, csr: str, jti: str, now: datetime) -> str:
    """Return a home's ask for a new certificate, signed by its enrolled key."""
    return signer.sign(RENEWAL, envelope(home, hub, jti, now, now + STATEMENT_LIFE) | {"csr": csr})


def verify_renewal(token: str, verifier: Verifier, home: str, hub: str, now: datetime) -> str:
    """Read a home's ask for a new certificate and return its CSR in PEM.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, RENEWAL)
    check_parties(claims, home, hub)
    check_times(claims, now, STATEMENT_LIFE)
    return claims.pem("csr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What the hub answers: the home's id and its certificate for the broker, both PEM."""

    home: str
    certificate: str
    ca: str

    @classmethod
    def parse(cls, value: object) -> Enrolled:
        """Read the answer to an enrolment or a renewal.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(value)
        return cls(
            home=fields.identifier("home"),
            certificate=fields.pem("certificate"),
            ca=fields.pem("ca"),
        )
