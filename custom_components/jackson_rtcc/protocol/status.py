"""Status: what a home asks the hub about itself, to find out what it missed or has forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .claims import Fields
from .grant import LARGEST_SEQ
from .tokens import Signer, Verifier, check_parties, check_times, envelope

STATUS = "rtcc-status+jwt"
QUESTION_LIFE = timedelta(minutes=2)
_MOST_CAMERAS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the hub holds of a home: each camera's highest `seq`, and the rules in force."""

    seqs: Mapping[str, int]
    waiver: str
    policy: str

    @classmethod
    def parse(cls, value: object) -> Status:
        """Read the hub's answer.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(value)
        cameras = Fields(dict(fields.mapping("cameras", _MOST_CAMERAS)))
        return cls(
            seqs={
                camera: cameras.integer(camera, 1, LARGEST_SEQ)
                for camera in fields.mapping("cameras", _MOST_CAMERAS)
            },
            waiver=fields.text("waiver"),
            policy=fields.text("policy"),
        )


def sign_status(signer: Signer, home: str, hub: str, jti: str, now: datetime) -> str:
    """Return a home's question about itself, signed by its enrolled key."""
    return signer.sign(STATUS, envelope(home, hub, jti, now, now + QUESTION_LIFE))


def verify_status(token: str, verifier: Verifier, home: str, hub: str, now: datetime) -> str:
    """Prove that the home itself asks, and return the question's id.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, STATUS)
    check_parties(claims, home, hub)
    check_times(claims, now, QUESTION_LIFE)
    return claims.identifier("jti")
