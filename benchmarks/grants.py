"""Signed grants of many homes, as the broker would deliver them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.protocol.geo import Point
from hub.protocol.grant import Grant, View, sign_grant
from hub.protocol.stream import Player
from hub.protocol.tokens import Signer, Verifier
from hub.protocol.vocabulary import Gate, Scope, Site, Still

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
HUB = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
_DIGEST = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
_CENTRE = Point(32.2988, -90.1848)


@dataclass(frozen=True, slots=True)
class Signed:
    """A grant's token, and what the hub knows when it arrives."""

    home: str
    camera: str
    token: bytes
    verifier: Verifier


def signed(count: int, cameras_each: int = 1, seed: int = 1) -> Iterator[Signed]:
    """Yield `count` grants of homes with a key each."""
    choose = random.Random(seed)  # noqa: S311 - scenery
    signer, home = Signer(Ed25519PrivateKey.generate()), ""
    verifier = Verifier(signer.key.public_key())
    for number in range(count):
        if number % cameras_each == 0:
            signer, home = Signer(Ed25519PrivateKey.generate()), f"{choose.getrandbits(64):016x}"
            verifier = Verifier(signer.key.public_key())
        camera = f"{choose.getrandbits(64):016x}"
        grant = Grant(
            home=home,
            hub=HUB,
            camera=camera,
            jti=f"{choose.getrandbits(128):032x}",
            seq=1_795_291_200_000 + number,
            issued=NOW,
            starts=NOW,
            ends=NOW + timedelta(hours=1),
            scopes=frozenset({Scope.SNAPSHOT, Scope.STREAM}),
            gate=Gate.INCIDENT,
            view=View(
                place=Point(
                    round(_CENTRE.lat + choose.uniform(-0.1, 0.1), 5),
                    round(_CENTRE.lon + choose.uniform(-0.1, 0.1), 5),
                ),
                accuracy_m=25,
                bearing=choose.randrange(360),
                fov=110,
            ),
            name=f"Front door {number}",
            site=Site.HOME,
            player=Player(),
            still=Still.LIVE,
            waiver=_DIGEST,
            policy=_DIGEST,
        )
        yield Signed(home, camera, sign_grant(signer, grant).encode("ascii"), verifier)
