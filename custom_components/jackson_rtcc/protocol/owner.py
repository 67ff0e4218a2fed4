"""What an owner may demand of the hub: everything that it holds about the home, or its deletion."""

from datetime import datetime, timedelta
from enum import StrEnum

from .tokens import Signer, Verifier, check_parties, check_times, envelope

LIFE = timedelta(minutes=2)


class Demand(StrEnum):
    """The demands, by the type of their token: one is never good for the other."""

    RECORD = "rtcc-record+jwt"
    DELETION = "rtcc-deletion+jwt"


def sign_demand(
    signer: Signer, demand: Demand, home: str, hub: str, jti: str, now: datetime
) -> str:
    """Return a home's demand, signed by the key that it enrolled with."""
    return signer.sign(demand, envelope(home, hub, jti, now, now + LIFE))


def verify_demand(
    token: str, demand: Demand, verifier: Verifier, home: str, hub: str, now: datetime
) -> str:
    """Prove that the home itself demands this, and return the demand's id.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, demand)
    check_parties(claims, home, hub)
    check_times(claims, now, LIFE)
    return claims.identifier("jti")
