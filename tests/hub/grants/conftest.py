"""A home that signs grants, and the live set that takes them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.grants.cameras import Cameras
from hub.protocol.geo import Point
from hub.protocol.grant import Grant, Revocation, View, sign_grant, sign_revocation
from hub.protocol.tokens import Signer, Verifier
from hub.protocol.vocabulary import Gate, Scope, Site, Still

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
CAPITOL = Point(32.3038, -90.1821)


@dataclass
class SigningHome:
    """A home with a key, whose words carry growing sequence numbers."""

    id: str
    hub: str = "hub-id"
    signer: Signer = field(default_factory=lambda: Signer(Ed25519PrivateKey.generate()))
    seq: int = 0

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.signer.key.public_key())

    def grant(self, camera: str = "cam", **changes: object) -> Grant:
        self.seq += 1
        grant = Grant(
            home=self.id,
            hub=self.hub,
            camera=camera,
            jti=f"grant-{self.seq}",
            seq=self.seq,
            issued=NOW,
            starts=NOW,
            ends=NOW + timedelta(hours=1),
            scopes=frozenset({Scope.SNAPSHOT}),
            gate=Gate.INCIDENT,
            view=View(place=CAPITOL, accuracy_m=0),
            name="Porch",
            site=Site.HOME,
            still=Still.LIVE,
            waiver="w",
            policy="p",
        )
        return replace(grant, **changes)  # type: ignore[arg-type]

    def revocation(self, camera: str = "cam") -> Revocation:
        self.seq += 1
        return Revocation(
            home=self.id,
            hub=self.hub,
            camera=camera,
            jti=f"revocation-{self.seq}",
            seq=self.seq,
            issued=NOW,
        )

    def sign(self, word: Grant | Revocation) -> bytes:
        if isinstance(word, Grant):
            return sign_grant(self.signer, word).encode()
        return sign_revocation(self.signer, word).encode()


@pytest.fixture
def home() -> SigningHome:
    return SigningHome("aaaa")


@pytest.fixture
def other_home() -> SigningHome:
    return SigningHome("bbbb")


@pytest.fixture
def cameras() -> Cameras:
    return Cameras("w", "p")


@pytest.fixture
def lend(cameras: Cameras) -> Callable[[Grant | Revocation], None]:
    """Put a word into the live set, as the intake does once it is stored."""

    def put(word: Grant | Revocation) -> None:
        cameras.check(word.camera, word)
        cameras.reserve(word.camera, word, b"digest")
        cameras.admit(word.camera)

    return put
