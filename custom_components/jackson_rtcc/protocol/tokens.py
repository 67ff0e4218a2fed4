"""Signed tokens: JWS compact form (RFC 7515) with Ed25519 (RFC 8037), strictly one shape.

PyJWT signs and checks signatures. What stands here is what a general library must leave open: one
algorithm, one header, one way to write each byte, and the claims that every token has.
"""

import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from jwt.algorithms import OKPAlgorithm
from jwt.api_jws import PyJWS

from .claims import Fields, malformed, seconds
from .errors import Reason, Rejected
from .keys import thumbprint

ALGORITHM = "EdDSA"
LONGEST = 32_768
"""Characters; a request with an offer and its log proof is the longest token, and below."""
LEEWAY = timedelta(seconds=60)
"""How far `iat` and `nbf` may lie ahead of the reader's clock. `exp` has none."""

_JWS = PyJWS(algorithms=[ALGORITHM])
# Its `decode` would take the token apart a second time, slower than Ed25519 checks it.
_EDDSA = OKPAlgorithm()
_HEADER_MEMBERS = 3  # alg, typ, kid and nothing else


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
class Token:
    """A token taken apart in its one canonical form; nothing in it is believed yet."""

    header: Mapping[str, object]
    payload: bytes
    signed: bytes
    signature: bytes

    @classmethod
    def parse(cls, token: str | bytes) -> Token:
        """Take a compact token apart.

        Raises:
            Rejected: `oversized`, or `malformed` if it is not three parts with a header.

        """
        raw = _ascii(token)
        segments = raw.split(b".")
        if len(segments) != 3:  # noqa: PLR2004 - header, payload, signature
            raise malformed("not three parts")
        header, payload, signature = map(_canonical, segments)
        value = _json(header)
        if not isinstance(value, dict):
            raise malformed("the header is not a JSON object")
        return cls(value, payload, raw[: raw.rindex(b".")], signature)

    def check_header(self, typ: str, kid: str) -> None:
        """Refuse a header that is anything but ours.

        Raises:
            Rejected: with the first of wrong_algorithm, wrong_type, unknown_key, malformed that
                applies.

        """
        header = self.header
        if header.get("alg") != ALGORITHM:
            raise Rejected(Reason.WRONG_ALGORITHM, "the algorithm is not EdDSA")
        if header.get("typ") != typ:
            raise Rejected(Reason.WRONG_TYPE, f"not a token of type {typ}")
        if header.get("kid") != kid:
            raise Rejected(Reason.UNKNOWN_KEY, "signed with another key than the one known")
        if len(header) != _HEADER_MEMBERS:
            raise malformed("the header holds more than alg, typ and kid")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that is believed, and its `kid`."""

    key: Ed25519PublicKey
    kid: str = field(init=False)

    def __post_init__(self) -> None:
        """Compute the thumbprint once."""
        object.__setattr__(self, "kid", thumbprint(self.key))

    def verify(self, token: str | bytes | Token, typ: str) -> Fields:
        """Return the claims of a token of type `typ` signed by this key; no claim is checked yet.

        Raises:
            Rejected: with the first of oversized, malformed, wrong_algorithm, wrong_type,
                unknown_key, bad_signature that applies; malformed for claims that are not JSON.

        """
        if not isinstance(token, Token):
            token = Token.parse(token)
        token.check_header(typ, self.kid)
        if not _EDDSA.verify(token.signed, self.key, token.signature):
            raise Rejected(Reason.BAD_SIGNATURE, "the signature does not fit")
        return Fields(_json(token.payload))


def check_times(claims: Fields, now: datetime, longest: timedelta) -> tuple[datetime, datetime]:
    """Check `iat` and `exp` against `now` and return them.

    Raises:
        Rejected: `clock` if issued ahead of now by more than the leeway, `too_long` if it would
            live longer than `longest`, `expired` without leeway, `malformed` if it ends before it
            was issued.

    """
    issued, expires = claims.time("iat"), claims.time("exp")
    if issued > now + LEEWAY:
        raise Rejected(Reason.CLOCK, "issued in the future: one of the two clocks is wrong")
    if expires <= now:
        raise Rejected(Reason.EXPIRED, "it has ended")
    if expires <= issued:
        raise malformed("exp is not after iat")
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
        raise malformed("not ASCII") from err


def _canonical(segment: bytes) -> bytes:
    # Base64 lets several texts stand for the same bytes. A token has one text, or the digest
    # by which a known token is recognised would not identify it.
    padded = segment + b"=" * (-len(segment) % 4)
    try:
        value = binascii.a2b_base64(padded.replace(b"-", b"+").replace(b"_", b"/"))
    except binascii.Error as err:
        raise malformed("not base64url") from err
    again = binascii.b2a_base64(value, newline=False).replace(b"+", b"-").replace(b"/", b"_")
    if again.rstrip(b"=") != segment:
        raise malformed("not base64url in its one canonical form")
    return value


def _json(data: bytes) -> object:
    try:
        value: object = orjson.loads(data)
        # Of two members with one name orjson keeps the last without a word. What it writes back
        # unchanged has lost nothing; other ways to write the same JSON cost a second look.
        if orjson.dumps(value) != data:
            json.loads(data, object_pairs_hook=_unique)
    except orjson.JSONDecodeError as err:
        raise malformed("not JSON") from err
    except orjson.JSONEncodeError as err:
        raise malformed("nested too deeply") from err
    return value


def _unique(pairs: list[tuple[str, object]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) != len(pairs):
        raise malformed("a JSON object names a member twice")
