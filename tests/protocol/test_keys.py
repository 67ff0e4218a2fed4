"""Keys and thumbprints beside the answers of RFC 8037 appendix A."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.errors import Reason, Rejected
from hub.protocol.keys import (
    b64url,
    fingerprint,
    from_jwk,
    private_from_pem,
    private_to_pem,
    public_bytes,
    thumbprint,
    to_jwk,
)
from tests.protocol.samples import refusal

SEEDS = st.binary(min_size=32, max_size=32)
X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
JWK = {"kty": "OKP", "crv": "Ed25519", "x": X}


def test_the_known_thumbprint() -> None:
    assert thumbprint(from_jwk(JWK)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_fingerprint_to_read_aloud() -> None:
    assert fingerprint(thumbprint(from_jwk(JWK))) == "90fa cafe a9b1 5566 9854"


@given(SEEDS)
def test_keys_come_back_as_they_were(seed: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key()
    assert public_bytes(from_jwk(to_jwk(public))) == public_bytes(public)
    assert private_from_pem(private_to_pem(key)).private_bytes_raw() == seed
    assert len(thumbprint(public)) == 43


@pytest.mark.parametrize(
    "value",
    [
        None,
        X,
        [],
        {},
        JWK | {"kty": "EC"},
        JWK | {"kty": "okp"},
        JWK | {"crv": "X25519"},
        JWK | {"crv": "Ed448"},
        JWK | {"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
        JWK | {"x": None},
        JWK | {"x": ""},
        JWK | {"x": X[:-1]},
        JWK | {"x": X + "A"},
        JWK | {"x": X + "="},
        JWK | {"x": X[:-1] + "p"},
        JWK | {"x": X.replace("_", "/")},
        JWK | {"x": " " + X},
        JWK | {"x": "é" * 43},
        JWK | {"x": "\ud800" * 43},
    ],
    ids=repr,
)
def test_what_is_no_public_ed25519_key(value: object) -> None:
    with pytest.raises(Rejected) as refused:
        from_jwk(value)
    assert refused.value.reason is Reason.MALFORMED


@given(SEEDS, st.integers(0, 42), st.characters())
def test_any_character_of_a_key_counts(seed: bytes, at: int, character: str) -> None:
    jwk = to_jwk(Ed25519PrivateKey.from_private_bytes(seed).public_key())
    bent = jwk["x"][:at] + character + jwk["x"][at + 1 :]
    if refusal(lambda: from_jwk(jwk | {"x": bent})) is not Reason.MALFORMED:
        assert to_jwk(from_jwk(jwk | {"x": bent}))["x"] == bent


def test_other_members_of_a_public_key_are_ignored() -> None:
    assert to_jwk(from_jwk(JWK | {"kid": "a", "use": "sig"})) == JWK


@given(st.binary(max_size=60))
def test_base64url(data: bytes) -> None:
    text = b64url(data)
    assert "=" not in text
    assert base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) == data


def pem(key: serialization.Encoding | object, secret: bytes | None = None) -> str:
    encryption = (
        serialization.BestAvailableEncryption(secret) if secret else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PEM",
        "\ud800",
        "é",
        private_to_pem(Ed25519PrivateKey.from_private_bytes(bytes(32)))[:-40],
        pem(Ed25519PrivateKey.from_private_bytes(bytes(32)), b"secret"),
        pem(ec.generate_private_key(ec.SECP256R1())),
    ],
    ids=["empty", "word", "surrogate", "letter", "cut", "encrypted", "another kind"],
)
def test_what_is_no_private_key(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        private_from_pem(text)
    assert refused.value.reason is Reason.MALFORMED
