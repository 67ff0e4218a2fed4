"""Ed25519 keys as JSON Web Keys (RFC 8037), and their thumbprints (RFC 7638)."""

import base64
import hashlib
from typing import TypedDict

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .errors import Reason, Rejected


class Jwk(TypedDict):
    """A public Ed25519 key: `kty` is `OKP`, `crv` is `Ed25519`, `x` the 32 bytes in base64url."""

    kty: str
    crv: str
    x: str


def b64url(data: bytes) -> str:
    """Encode as unpadded base64url (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """Return the 32 raw bytes of a public key."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def to_jwk(key: Ed25519PublicKey) -> Jwk:
    """Write a public key as a JSON Web Key."""
    return {"kty": "OKP", "crv": "Ed25519", "x": b64url(public_bytes(key))}


def from_jwk(value: object) -> Ed25519PublicKey:
    """Read a public key from a JSON Web Key.

    Raises:
        Rejected: `malformed` if it is not a public Ed25519 key.

    """
    match value:
        case {"kty": "OKP", "crv": "Ed25519", "x": str(x), **rest} if "d" not in rest:
            try:
                raw = base64.b64decode(x + "=" * (-len(x) % 4), altchars=b"-_", validate=True)
                key = Ed25519PublicKey.from_public_bytes(raw)
            except (ValueError, UnsupportedAlgorithm) as err:
                raise Rejected(Reason.MALFORMED, "not an Ed25519 public key") from err
            if to_jwk(key)["x"] == x:
                return key
    raise Rejected(Reason.MALFORMED, "not an Ed25519 public key")


def thumbprint(key: Ed25519PublicKey) -> str:
    """Return the RFC 7638 SHA-256 thumbprint, 43 characters: the `kid` of this key."""
    x = b64url(public_bytes(key))
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return b64url(hashlib.sha256(canonical.encode("ascii")).digest())


def fingerprint(kid: str) -> str:
    """Write the first 80 bits of a thumbprint so that two people can compare it aloud."""
    digest = base64.urlsafe_b64decode(kid + "=" * (-len(kid) % 4))
    text = digest[:10].hex()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def private_to_pem(key: Ed25519PrivateKey) -> str:
    """Write a private key as unencrypted PKCS 8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def private_from_pem(pem: str) -> Ed25519PrivateKey:
    """Read a private key written by `private_to_pem`.

    Raises:
        Rejected: `malformed` if it is not an unencrypted Ed25519 key.

    """
    try:
        key = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        raise Rejected(Reason.MALFORMED, "not a private key in PEM form") from err
    if not isinstance(key, Ed25519PrivateKey):
        raise Rejected(Reason.MALFORMED, "not an Ed25519 private key")
    return key
