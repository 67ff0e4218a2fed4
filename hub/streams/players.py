"""How a camera is played: what a player must know before it makes its offer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.access.judge import Judge, Judged
from hub.access.looks import Asked
from hub.access.problems import problem_with
from hub.operators.tokens import Caller
from hub.protocol.grant import Grant
from hub.protocol.rules import Refusal
from hub.protocol.stream import IceServer, Player
from hub.protocol.vocabulary import Scope
from hub.streams.turn import IceServers


class NotLive(StrEnum):
    """Why a camera that may be looked through has no live video."""

    NOT_LENT = "not_lent"
    NO_WEBRTC = "no_webrtc"
    RELAY_NEEDED = "relay_needed"


@dataclass(frozen=True, slots=True)
class Playing:
    """How to play one camera; `why_not` is there if only stills are to be had."""

    grant: Grant
    player: Player
    ice: tuple[IceServer, ...]
    why_not: NotLive | None


class Players:
    """Knows how each camera is played, without a look and without asking its home."""

    def __init__(
        self, engine: AsyncEngine, judge: Judge, ice: IceServers, now: Callable[[], datetime]
    ) -> None:
        """Take the store, what decides looks, the city's servers, and the clock."""
        self._engine = engine
        self._judge = judge
        self._ice = ice
        self._now = now

    async def of(self, incident: str, camera: str, caller: Caller) -> Playing:
        """Return how to play a camera for an incident.

        Raises:
            Problem: as for a look that is not allowed.

        """
        judged = await self._judged(incident, camera, caller, Scope.STREAM)
        lent = judged.decision.reason != Refusal.SCOPE_NOT_GRANTED
        if not lent:
            judged = await self._judged(incident, camera, caller, Scope.SNAPSHOT)
        if not judged.decision.allowed or judged.live is None:
            raise problem_with(judged)
        grant = judged.live.grant
        why_not = self._why_not(grant, lent=lent)
        return Playing(
            grant=grant,
            player=grant.player or Player(),
            ice=self._ice.fresh(self._now()) if why_not is None else (),
            why_not=why_not,
        )

    def _why_not(self, grant: Grant, *, lent: bool) -> NotLive | None:
        if not lent:
            return NotLive.NOT_LENT
        if grant.player is None:
            return NotLive.NO_WEBRTC
        if grant.player.relay_only and not self._ice.relay:
            return NotLive.RELAY_NEEDED
        return None

    async def _judged(self, incident: str, camera: str, caller: Caller, scope: Scope) -> Judged:
        now = self._now()
        asked = Asked(id="", incident=incident, camera=camera, scope=scope, caller=caller, at=now)
        async with self._engine.connect() as connection:
            return await self._judge.judge(connection, asked, now)
