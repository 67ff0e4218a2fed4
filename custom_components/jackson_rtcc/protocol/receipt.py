"""Receipts: what a home gets about a look when it is over, and the home's word that it has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .claims import LARGEST_INTEGER, Fields
from .proofs import Logged
from .tokens import Signer, Verifier, check_parties, check_times, envelope

RECEIPT = "rtcc-receipt+jwt"
ACKNOWLEDGEMENT = "rtcc-ack+jwt"
LIFE = timedelta(minutes=10)
"""It is signed anew each time it is sent again."""
_LONGEST_LOOK_S = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The end of a look: its seconds and outcome, proved by the entry that closes it.

    `id` stays the same however often it is sent; homes acknowledge it on the topic for replies.
    """

    id: str
    hub: str
    home: str
    camera: str
    look: str
    outcome: str
    seconds: int
    issued: datetime
    log: Logged


def sign_receipt(signer: Signer, receipt: Receipt) -> str:
    """Return the receipt as a token signed by the hub."""
    return signer.sign(
        RECEIPT,
        envelope(receipt.hub, receipt.home, receipt.id, receipt.issued, receipt.issued + LIFE)
        | {
            "sub": receipt.camera,
            "look": receipt.look,
            "outcome": receipt.outcome,
            "seconds": receipt.seconds,
            "log": receipt.log.claims(),
        },
    )


def verify_receipt(token: bytes, verifier: Verifier, home: str, hub: str, now: datetime) -> Receipt:
    """Read what arrived on `rtcc/v1/{home}/receipts` and prove that the hub signed it for us.

    Its log proof is read and not yet verified: that depends on what the home has seen.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, RECEIPT)
    check_parties(claims, hub, home)
    issued, _ = check_times(claims, now, LIFE)
    return Receipt(
        id=claims.identifier("jti"),
        hub=hub,
        home=home,
        camera=claims.identifier("sub"),
        look=claims.text("look", 64),
        outcome=claims.text("outcome", 64),
        seconds=claims.integer("seconds", 0, _LONGEST_LOOK_S),
        issued=issued,
        log=Logged.read(claims.object("log")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The home's word on a receipt: kept, or refused with a reason, and how far it has verified."""

    receipt: str
    log_size: int
    reason: str | None = None


def sign_acknowledgement(
    signer: Signer, acknowledgement: Acknowledgement, home: str, hub: str, jti: str, now: datetime
) -> bytes:
    """Return the acknowledgement as a token signed by the home."""
    claims = envelope(home, hub, jti, now, now + LIFE) | {
        "receipt": acknowledgement.receipt,
        "log_size": acknowledgement.log_size,
    }
    if acknowledgement.reason is not None:
        claims["reason"] = acknowledgement.reason
    return signer.sign(ACKNOWLEDGEMENT, claims).encode("ascii")


def verify_acknowledgement(
    token: bytes, verifier: Verifier, home: str, hub: str, now: datetime
) -> Acknowledgement:
    """Read an acknowledgement and prove that the home signed it.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, ACKNOWLEDGEMENT)
    check_parties(claims, home, hub)
    check_times(claims, now, LIFE)
    claims.identifier("jti")
    return _acknowledgement(claims)


def _acknowledgement(claims: Fields) -> Acknowledgement:
    return Acknowledgement(
        receipt=claims.identifier("receipt"),
        log_size=claims.integer("log_size", 0, LARGEST_INTEGER),
        reason=claims.text("reason", 64) if "reason" in claims else None,
    )
