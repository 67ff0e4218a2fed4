"""Signed tokens: JWS compact form (RFC 7515) with Ed25519 (RFC 8037), strictly one shape.

PyJWT signs and verifies. What stands here is what a general library must leave open: one
algorithm, one header, one way to write each byte, and the claims that every token has.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidSignatureError, PyJWTError

from .claims import Fields, seconds
from .errors import Reason, Rejected
from .keys import thumbprint

ALGORITHM = "EdDSA"
LONGEST = 16_384
"""Characters; a request with its log proof is the longest token, and far below."""
LEEWAY = timedelta(seconds=60)
"""How far `iat` and `nbf` may lie ahead of the reader's clock. `exp` has none."""

_JWS = PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the `kid` under which others know it."""

    key: Ed25519PrivateKey
    kid: str = field(init=False)

    def __post_init__(self) -> None:
        """Compute the thumbprint once."""
        object.__setattr__(self, "kid", thumbprint(self.key.public_key()))

    def sign(self, typ: str, claims: Mapping[str, object]) -> str:
        """Return the compact token of type `typ` over `claims`."""
        return _JWS.encode(
            orjson.dumps(claims),
            self.key,
            algorithm=ALGORITHM,
            headers={"typ": typ, "kid": self.kid},
        )


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that is believed, and its `kid`."""

    key: Ed25519PublicKey
    kid: str = field(init=False)

    def __post_init__(self) -> None:
        """Compute the thumbprint once."""
        object.__setattr__(self, "kid", thumbprint(self.key))

    def verify(self, token: str | bytes, typ: str) -> Fields:
        """Return the claims of a token of type `typ` signed by this key; no claim is checked yet.

        Raises:
            Rejected: with the first of oversized, malformed, wrong_algorithm, wrong_type,
                unknown_key, bad_signature that applies.

        """
        raw = _ascii(token)
        check_header(raw, typ, self.kid)
        try:
            payload = _JWS.decode_complete(raw, self.key, algorithms=[ALGORITHM])["payload"]
        except InvalidSignatureError as err:
            raise Rejected(Reason.BAD_SIGNATURE, "the signature does not fit") from err
        except PyJWTError as err:
            raise Rejected(Reason.MALFORMED, "not a JWS in compact form") from err
        return Fields(_json(payload))


def check_header(raw: bytes, typ: str, kid: str) -> None:
    """Refuse a token whose form or header is anything but ours."""
    header = read_header(raw)
    if header.get("alg") != ALGORITHM:
        raise Rejected(Reason.WRONG_ALGORITHM, "the algorithm is not EdDSA")
    if header.get("typ") != typ:
        raise Rejected(Reason.WRONG_TYPE, f"not a token of type {typ}")
    if header.get("kid") != kid:
        raise Rejected(Reason.UNKNOWN_KEY, "signed with another key than the one known")
    if len(header) != 3:  # noqa: PLR2004 - alg, typ, kid and nothing else
        raise Rejected(Reason.MALFORMED, "the header holds more than alg, typ and kid")


def read_header(token: str | bytes) -> dict[str, object]:
    """Return the unverified header of a token, only to find out what it claims to be."""
    raw = _ascii(token)
    segments = raw.split(b".")
    if len(segments) != 3:  # noqa: PLR2004 - header, payload, signature
        raise Rejected(Reason.MALFORMED, "not three parts")
    header, _, _ = (_canonical(segment) for segment in segments)
    value = _json(header)
    if not isinstance(value, dict):
        raise Rejected(Reason.MALFORMED, "the header is not a JSON object")
    return value


def check_times(claims: Fields, now: datetime, longest: timedelta) -> tuple[datetime, datetime]:
    """Check `iat` and `exp` against `now` and return them.

    Raises:
        Rejected: `clock` if issued ahead of now by more than the leeway, `too_long` if it would
            live longer than `longest`, `expired` without leeway.

    """
    issued, expires = claims.time("iat"), claims.time("exp")
    if issued > now + LEEWAY:
        raise Rejected(Reason.CLOCK, "issued in the future: one of the two clocks is wrong")
    if expires <= now:
        raise Rejected(Reason.EXPIRED, "it has ended")
    if expires - issued > longest:
        raise Rejected(Reason.TOO_LONG, f"it would live longer than {longest}")
    return issued, expires


def check_parties(claims: Fields, issuer: str, audience: str) -> None:
    """Check `iss` and `aud`, each exactly one name."""
    if claims.text("iss") != issuer:
        raise Rejected(Reason.WRONG_ISSUER, "issued by another")
    if claims.text("aud") != audience:
        raise Rejected(Reason.WRONG_AUDIENCE, "meant for another")


def envelope(
    issuer: str, audience: str, jti: str, issued: datetime, expires: datetime
) -> dict[str, object]:
    """Return the claims that every token has."""
    return {
        "iss": issuer,
        "aud": audience,
        "jti": jti,
        "iat": seconds(issued),
        "exp": seconds(expires),
    }


def _ascii(token: str | bytes) -> bytes:
    if len(token) > LONGEST:
        raise Rejected(Reason.OVERSIZED, f"longer than {LONGEST} characters")
    if isinstance(token, bytes):
        return token
    try:
        return token.encode("ascii")
    except UnicodeEncodeError as err:
        raise Rejected(Reason.MALFORMED, "not ASCII") from err


def _canonical(segment: bytes) -> bytes:
    # Base64 lets several texts stand for the same bytes. A token has one text, or the digest
    # by which a known token is recognised would not identify it.
    try:
        value = base64.b64decode(segment + b"=" * (-len(segment) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as err:
        raise Rejected(Reason.MALFORMED, "not base64url") from err
    if base64.urlsafe_b64encode(value).rstrip(b"=") != segment:
        raise Rejected(Reason.MALFORMED, "not base64url in its one canonical form")
    return value


def _json(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as err:
        raise Rejected(Reason.MALFORMED, "not JSON") from err
