"""HTTP: WHEP (draft-ietf-wish-whep-04), by which any player begins a stream of a camera."""

from hub.errors import (
    CAMERA_BUSY,
    CAMERA_FAILED,
    CAMERA_NOT_LIVE,
    CAMERA_SILENT,
    CAMERA_UNAVAILABLE,
    CODEC_UNSUPPORTED,
    INCIDENT_CLOSED,
    MALFORMED,
    NO_LIVE_VIDEO,
    NOT_FOUND,
    OFFER_REFUSED,
    POLICY,
    RELAY_NEEDED,
    Problem,
)
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.tokens import Caller, TokenScope
from hub.protocol.stream import LONGEST_SDP
from hub.protocol.topics import valid_id
from hub.streams.offers import Offers
from hub.streams.player_api import PATH
from hub.streams.players import Players
from hub.streams.sessions import Session
from hub.streams.stream_api import SESSION
from hub.streams.streams import Streams
from hub.streams.whep_rules import SDP, OfferError, ice_links, read_offer

ENDPOINT = f"{PATH}/whep"
AGAIN_S = 5
"""When a player may ask again for a camera that is not live, or a home that is busy."""
TRICKLE = "RTCC-Trickle"
"""`1` says that the player will take the camera's candidates from the events: WHEP has no way."""

_LEASE_REL, _EVENTS_REL = "urn:jackson-rtcc:whep:lease", "urn:jackson-rtcc:whep:events"


class WhepApi:
    """The routes of a camera as a WHEP endpoint."""

    def __init__(self, streams: Streams, players: Players, offers: Offers) -> None:
        """Take the streams, how cameras are played, and what was offered for each stream."""
        self._streams = streams
        self._players = players
        self._offers = offers

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        scope = TokenScope.LOOKS_WRITE
        return [
            Route(
                method="POST",
                path=ENDPOINT,
                handler=self.start_stream,
                summary="Begin a stream: an offer for the camera's answer (WHEP)",
                scope=scope,
                takes=(SDP,),
                largest=LONGEST_SDP,
                media=SDP,
                status=201,
                headers={
                    "Location": "The stream's own address, which is a secret",
                    "ETag": "The state of its ICE session",
                    "Link": "STUN and TURN servers, and the addresses of its lease and its events",
                    "RTCC-Look": "The id of the look, as in the incident's list of looks",
                    "RTCC-Until": "When its lease ends, RFC 3339",
                    "RTCC-Ends": "When it is over however often it is renewed, RFC 3339",
                    "Retry-After": "With a camera that is not live, or a home that is busy",
                },
                problems=(
                    NOT_FOUND,
                    INCIDENT_CLOSED,
                    CAMERA_NOT_LIVE,
                    POLICY,
                    OFFER_REFUSED,
                    CODEC_UNSUPPORTED,
                    NO_LIVE_VIDEO,
                    RELAY_NEEDED,
                    CAMERA_BUSY,
                    CAMERA_FAILED,
                    CAMERA_SILENT,
                ),
            ),
            Route(
                method="HEAD",
                path=ENDPOINT,
                handler=self.probe_endpoint,
                summary="Whether this is a WHEP endpoint",
                scope=scope,
                media=SDP,
            ),
            Route(
                method="GET",
                path=ENDPOINT,
                handler=self.read_endpoint,
                summary="Nothing: a WHEP endpoint has no content",
                scope=scope,
                status=204,
            ),
            Route(
                method="OPTIONS",
                path=ENDPOINT,
                handler=self.endpoint_options,
                summary="What the endpoint takes; with credentials also the ICE servers",
                scope=scope,
                optional=True,
                media=SDP,
                headers={
                    "Accept-Post": "What an offer is sent as",
                    "Link": "STUN and TURN servers, for a caller who may look",
                },
            ),
        ]

    async def start_stream(self, call: Call[Nothing, bytes]) -> Answer:
        """Ask the camera for an answer to the offer."""
        camera = call.path["camera"]
        if not valid_id(camera):
            raise Problem(MALFORMED, "In the path: camera is not an id.")
        self._offers.expect(call.who)
        try:
            sdp, offered = read_offer(call.body)
        except OfferError as err:
            raise Problem(MALFORMED, f"The offer cannot be taken: {err}.") from err
        trickle = call.request.headers.get(TRICKLE) == "1"
        session = await self._opened(call.path["incident"], camera, sdp, call.who, trickle=trickle)
        transport = call.request.transport
        if transport is None or transport.is_closing():
            # Whoever asked is gone, and nobody else knows the address.
            await self._streams.close(session)
        self._offers.keep(session, offered)
        return Answer(session.answer.encode(), _headers(session))

    async def _opened(
        self, incident: str, camera: str, sdp: str, caller: Caller, *, trickle: bool
    ) -> Session:
        try:
            return await self._streams.open(incident, camera, sdp, caller, trickle=trickle)
        except Problem as err:
            if err.kind is CAMERA_UNAVAILABLE:
                raise Problem(CAMERA_NOT_LIVE, err.detail, retry_after=AGAIN_S) from err
            if err.kind is CAMERA_BUSY:
                raise Problem(CAMERA_BUSY, err.detail, retry_after=AGAIN_S) from err
            raise

    async def probe_endpoint(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Say what it would answer with."""
        return Answer(b"")

    async def read_endpoint(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Answer with nothing, as WHEP wants it."""
        return Answer(b"")

    async def endpoint_options(self, call: Call[Nothing, Nothing]) -> Answer:
        """Say what it takes, and to one who may look, through which servers."""
        headers = {"Accept-Post": SDP, "Allow": "OPTIONS, HEAD, GET, POST"}
        if call.caller is not None:
            try:
                found = await self._players.of(
                    call.path["incident"], call.path["camera"], call.caller
                )
            except Problem:
                # The offer will be told why.
                return Answer(b"", headers)
            if links := ice_links(found.ice):
                headers["Link"] = ", ".join(links)
        return Answer(b"", headers)


def _headers(session: Session) -> dict[str, str]:
    address = SESSION.format(secret=session.secret)
    own = [f'<{address}/lease>; rel="{_LEASE_REL}"', f'<{address}/events>; rel="{_EVENTS_REL}"']
    return {
        "Location": address,
        "ETag": session.etag,
        "Link": ", ".join([*ice_links(session.ice), *own]),
        "RTCC-Look": session.look,
        "RTCC-Until": session.until.isoformat(),
        "RTCC-Ends": session.ends.isoformat(),
    }
