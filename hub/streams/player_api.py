"""HTTP: how a camera is played, told before there is an offer."""

from typing import Literal

import msgspec

from hub.errors import CAMERA_UNAVAILABLE, INCIDENT_CLOSED, NOT_FOUND, POLICY
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope
from hub.protocol.stream import LEASE, IceServer
from hub.streams.players import Players

PATH = "/api/v1/incidents/{incident}/cameras/{camera}"


class RTCIceServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A server in the words of WebRTC, with credentials that end soon."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


class PlayerConfiguration(msgspec.Struct, frozen=True):
    """What a player must know. Without `live` there are stills only, and `why_not` says why.

    `data_channel` is the name of one to make; with `audio` the offer begins with a line for sound,
    which stays silent. `lease_s` is how long a stream lives that nobody renews.
    """

    live: bool
    why_not: str | None
    ice_servers: tuple[RTCIceServer, ...]
    ice_transport_policy: Literal["all", "relay"]
    data_channel: str | None
    audio: bool
    lease_s: int
    still: str
    still_every_s: int


class PlayerApi:
    """The route of what a player must know."""

    def __init__(self, players: Players) -> None:
        """Take what knows."""
        self._players = players

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path=f"{PATH}/player",
                handler=self.player,
                summary="How to play a camera; this is no look, and nobody is asked",
                scope=TokenScope.LOOKS_WRITE,
                answer=PlayerConfiguration,
                problems=(NOT_FOUND, INCIDENT_CLOSED, POLICY, CAMERA_UNAVAILABLE),
            )
        ]

    async def player(self, call: Call[Nothing, Nothing]) -> Answer:
        """Tell it."""
        found = await self._players.of(call.path["incident"], call.path["camera"], call.who)
        return Answer(
            PlayerConfiguration(
                live=found.why_not is None,
                why_not=found.why_not,
                ice_servers=tuple(_server(one) for one in found.ice),
                ice_transport_policy="relay" if found.player.relay_only else "all",
                data_channel=found.player.data_channel,
                audio=found.player.audio,
                lease_s=int(LEASE.total_seconds()),
                still=found.grant.still,
                still_every_s=found.grant.still_every_s,
            )
        )


def _server(server: IceServer) -> RTCIceServer:
    return RTCIceServer(server.urls, server.username, server.credential)
