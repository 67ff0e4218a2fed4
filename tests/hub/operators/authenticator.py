"""A passkey in software: an authenticator and the browser around it, which tests can make lie."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
PRESENT_AND_VERIFIED = FLAG.UP | FLAG.UV


@dataclass
class Authenticator:
    """One passkey. What it says of itself and of its browser can be set to anything."""

    origin: str
    rp_id: str = "localhost"
    flags: AuthenticatorData.FLAG = PRESENT_AND_VERIFIED
    counter: int = 0
    counts: bool = True
    cross_origin: bool = False
    user: bytes = b""
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Answer what `navigator.credentials.create` would, as JSON."""
        self.user = websafe_decode(options["user"]["id"])
        client = self._client(CollectedClientData.TYPE.CREATE, options, changes)
        key = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential, key)
        data = AuthenticatorData.create(
            sha256(self.rp_id.encode()), self.flags | FLAG.AT, self._count(), bytes(attested)
        )
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            {
                "clientDataJSON": client.b64,
                "attestationObject": websafe_encode(bytes(attestation)),
                "transports": ["internal"],
            }
        )

    def show(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Answer what `navigator.credentials.get` would, as JSON."""
        client = self._client(CollectedClientData.TYPE.GET, options, changes)
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags, self._count(), b"")
        signature = self.key.sign(bytes(data) + client.hash, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": client.b64,
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(changes.get("signature", signature)),
                "userHandle": websafe_encode(self.user),
            }
        )

    def _client(
        self, kind: str, options: dict[str, Any], changes: dict[str, Any]
    ) -> CollectedClientData:
        return CollectedClientData.create(
            changes.get("type", kind),
            changes.get("challenge", options["challenge"]),
            self.origin,
            self.cross_origin,
        )

    def _count(self) -> int:
        self.counter += self.counts
        return self.counter

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.credential)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
