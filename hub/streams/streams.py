"""The streams of one hub: opened on the one access path, renewed, and ended whatever happens."""

from collections.abc import Callable
from datetime import datetime

from hub.operators.tokens import Caller
from hub.protocol.stream import Candidate, IceServer
from hub.streams.sessions import Session
from hub.streams.told import Over


class Streams:
    """All streams that this hub opened. They live in memory; their lines and leases in the store."""

    def __init__(self) -> None:
        """Start with none."""
        self.ice: Callable[[str, datetime], tuple[IceServer, ...]] = lambda _look, _ends: ()
        """Gives the city's STUN and TURN servers for one look, with credentials good until then."""

    async def open(self, incident: str, camera: str, offer: str, caller: Caller) -> Session:
        """Begin a stream; returns when the home has answered.

        Raises:
            Problem: as for a snapshot (`not-found`, `incident-closed`, `policy`,
                `camera-unavailable` for all that could tell of the owner, `camera-failed`,
                `camera-silent`), and `malformed`, `offer-refused`, `relay-needed`, `busy`,
                `no-live-video`, `codec-unsupported`.
            SQLAlchemyError: if the log cannot be written; then nobody was asked.

        """
        raise NotImplementedError

    def find(self, secret: str) -> Session | None:
        """Return the running stream with this secret."""
        raise NotImplementedError

    async def renew(self, session: Session, caller: Caller) -> None:
        """Decide again, and let the stream live `LEASE` from now; `until` and `ends` tell.

        Raises:
            Problem: `not-found` if it is over or another caller's; else as for `open`, and then
                the stream is over.
            SQLAlchemyError: if the store cannot be written; then the lease stays as it was.

        """
        raise NotImplementedError

    async def candidates(self, session: Session, candidates: tuple[Candidate, ...]) -> None:
        """Pass candidates of the player on to the home."""
        raise NotImplementedError

    async def close(self, session: Session, reason: Over = Over.STOPPED) -> None:
        """End a stream, if it is not over."""
        raise NotImplementedError
