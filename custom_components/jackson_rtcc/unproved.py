"""A look that the hub asks for without its line in the access log (rule 4)."""

from datetime import datetime

from .protocol.errors import Rejected
from .protocol.proofs import Logged
from .protocol.request import REQUEST, REQUEST_LIFE
from .protocol.tokens import Verifier, check_parties, check_times


def proof_missing(
    token: bytes, verifier: Verifier, hub: str, home: str, now: datetime
) -> str | None:
    """Return what is amiss with the proof in a malformed request; None if that is not its fault."""
    try:
        claims = verifier.verify(token, REQUEST)
        check_parties(claims, hub, home)
        check_times(claims, now, REQUEST_LIFE)
    except Rejected:
        return None
    try:
        Logged.read(claims.object("log"))
    except Rejected as err:
        return err.detail
    return None
