"""Tokens as an attacker makes them: right in everything but one thing."""

import base64
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.protocol.tokens import Signer


def foreign_signer(kid: str | None = None) -> Signer:
    """Return a signer with a key that nobody knows, under its own name or under another's."""
    signer = Signer(Ed25519PrivateKey.generate())
    if kid is not None:
        object.__setattr__(signer, "kid", kid)
    return signer


def with_header(token: str, secret: bytes = b"", **changes: str) -> str:
    """Return the token under another header: unsigned, or with an HMAC of `secret`."""
    header, payload, _ = token.split(".")
    signed = f"{_write(read_part(header) | changes)}.{payload}"
    if not secret:
        return f"{signed}."
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(signed.encode())
    return f"{signed}.{_encode(mac.finalize())}"


def read_part(part: str) -> dict[str, object]:
    """Return what a part of a token says, believed or not."""
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(value, dict)
    return value


def claims(token: str | bytes) -> dict[str, object]:
    """Return a token's claims, believed or not."""
    text = token.decode() if isinstance(token, bytes) else token
    return read_part(text.split(".")[1])


def _write(value: Mapping[str, object]) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
