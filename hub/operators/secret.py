"""Secrets that are shown once, and the digests that are kept of them."""

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """Return a secret of 256 random bits that fits into an address or a cookie."""
    return secrets.token_urlsafe(_BYTES)


def digest(secret: str | bytes) -> str:
    """Return what is kept: a secret of 256 random bits cannot be searched in a plain hash."""
    data = secret.encode(errors="surrogateescape") if isinstance(secret, str) else secret
    return hashlib.sha256(data).hexdigest()


def new_id() -> str:
    """Return a random id, which says nothing and opens nothing."""
    return secrets.token_hex(8)
