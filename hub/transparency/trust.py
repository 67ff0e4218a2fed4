"""Whose log is it? Finds the hub's public key from what a person has of it."""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.protocol.checkpoint import origin_of
from hub.protocol.errors import Rejected
from hub.protocol.keys import fingerprint, from_jwk, private_from_pem, thumbprint

_KEY_LENGTH = 43
_HUB_KEY = Path("keys") / "hub.key"


class Untrusted(Exception):  # noqa: N818 - said of a key
    """There is no key to believe; one clear line."""


def find_key(
    text: str | None, published: Callable[[], Ed25519PublicKey] | None, database: Path | None
) -> tuple[Ed25519PublicKey, str | None]:
    """Return the hub's key, and a warning if it was not given.

    `text` is the key itself (`x` of its JWK), its fingerprint, or the log's origin; the latter two
    need the city document, which `published` asks for.

    Raises:
        Untrusted: if there is no key, or it is another than the one that was given.

    """
    if text is None:
        return _found(published, database)
    wanted = text.replace(" ", "")
    if len(wanted) == _KEY_LENGTH:
        return _read(wanted), None
    if published is None:
        raise Untrusted("a fingerprint alone needs --url, or give the key itself (x in the city's)")
    key = published()
    told = fingerprint(thumbprint(key))
    if wanted not in (origin_for(key), told.replace(" ", "")):
        raise Untrusted(f"the hub shows another key, with the fingerprint {told}")
    return key, None


def read_witness(text: str) -> tuple[str, Ed25519PublicKey]:
    """Read `NAME=KEY`, the key's 32 bytes in base64.

    Raises:
        Untrusted: if it is not in that form.

    """
    # A key may end in an equals sign, a name may hold none.
    name, _, key = text.partition("=")
    if not name or not key:
        raise Untrusted(f"{text} is not NAME=KEY")
    return name, read_public_key(key)


def read_public_key(text: str) -> Ed25519PublicKey:
    """Read the 32 bytes of a public key in base64, or base64url without padding.

    Raises:
        Untrusted: if it is not in that form.

    """
    try:
        plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        return Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, binascii.Error) as err:
        raise Untrusted(f"{text} is not an Ed25519 public key in base64") from err


def _found(
    published: Callable[[], Ed25519PublicKey] | None, database: Path | None
) -> tuple[Ed25519PublicKey, str]:
    if published is not None:
        key = published()
        told = fingerprint(thumbprint(key))
        return key, (
            "the hub itself told its key. Compare the fingerprint with one that you have from "
            f"elsewhere, or give it with --key: {told}"
        )
    path = None if database is None else database.parent / _HUB_KEY
    if path is None or not path.is_file():
        raise Untrusted("say whose log it is: --key, with x of the city document's key")
    try:
        key = private_from_pem(path.read_text(encoding="ascii")).public_key()
    except (OSError, ValueError) as err:
        raise Untrusted(f"{path} cannot be read as the hub's key") from err
    return key, f"the key is the one beside the database, {path}"


def _read(x: str) -> Ed25519PublicKey:
    try:
        return from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x})
    except Rejected as err:
        raise Untrusted(f"{x} is not an Ed25519 public key") from err


def origin_for(key: Ed25519PublicKey) -> str:
    """Return the origin that the log of this key has."""
    return origin_of(thumbprint(key))
