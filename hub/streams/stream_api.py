"""HTTP: a stream that runs, under its own address: candidates, its lease, and its end (WHEP)."""

from datetime import datetime

import msgspec

from hub.errors import (
    CAMERA_UNAVAILABLE,
    INCIDENT_CLOSED,
    MALFORMED,
    NOT_FOUND,
    POLICY,
    PRECONDITION_FAILED,
    PRECONDITION_NEEDED,
    RESTART_UNSUPPORTED,
    Problem,
)
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope
from hub.streams.offers import Offers
from hub.streams.sdpfrag import LARGEST_FRAGMENT, SDPFRAG, FragmentError, read_fragment
from hub.streams.sessions import Session
from hub.streams.streams import Streams
from hub.streams.whep_rules import SDP, Match, if_match

SESSION = "/api/v1/whep/{secret}"


class Lease(msgspec.Struct, frozen=True):
    """How long a stream lives: until `until` unless it is renewed, and never beyond `ends`."""

    until: datetime
    ends: datetime


class StreamApi:
    """The routes of a stream. Its address is a secret, and who knows it needs to say no more.

    Only to let it live on one must say who one is, because that is decided anew.
    """

    def __init__(self, streams: Streams, offers: Offers, *, strict: bool) -> None:
        """Take the streams, what was offered for each, and whether If-Match is a must."""
        self._streams = streams
        self._offers = offers
        self._strict = strict

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        scope = TokenScope.LOOKS_WRITE
        return [
            Route(
                method="PATCH",
                path=SESSION,
                handler=self.add_candidates,
                summary="Tell the camera further ICE candidates of the player (trickle)",
                scope=scope,
                optional=True,
                takes=(SDPFRAG,),
                largest=LARGEST_FRAGMENT,
                status=204,
                problems=(
                    NOT_FOUND,
                    PRECONDITION_FAILED,
                    RESTART_UNSUPPORTED,
                    PRECONDITION_NEEDED,
                ),
            ),
            Route(
                method="DELETE",
                path=SESSION,
                handler=self.stop_stream,
                summary="End a stream",
                scope=scope,
                optional=True,
                answer=Nothing,
                problems=(NOT_FOUND,),
            ),
            Route(
                method="HEAD",
                path=SESSION,
                handler=self.probe_stream,
                summary="Whether a stream is under way",
                scope=scope,
                optional=True,
                media=SDP,
                problems=(NOT_FOUND,),
            ),
            Route(
                method="GET",
                path=SESSION,
                handler=self.read_stream,
                summary="Nothing: a stream has no content, but it is there",
                scope=scope,
                optional=True,
                status=204,
                problems=(NOT_FOUND,),
            ),
            Route(
                method="OPTIONS",
                path=SESSION,
                handler=self.stream_options,
                summary="What a stream takes",
                scope=scope,
                optional=True,
                media=SDPFRAG,
                headers={"Accept-Patch": "What candidates are sent as"},
            ),
            Route(
                method="POST",
                path=f"{SESSION}/lease",
                handler=self.renew_stream,
                summary="Let a stream live on: it is decided again whether it may",
                scope=scope,
                answer=Lease,
                problems=(NOT_FOUND, INCIDENT_CLOSED, CAMERA_UNAVAILABLE, POLICY),
            ),
        ]

    async def add_candidates(self, call: Call[Nothing, bytes]) -> Answer:
        """Pass candidates on; a restart is refused, and leaves the stream as it is."""
        session = session_of(self._streams, call)
        offered = self._offers.of(session)
        match if_match(call.request.headers.get("If-Match"), session.etag, strict=self._strict):
            case Match.MISSING:
                raise Problem(PRECONDITION_NEEDED, "Send the ETag of the stream as If-Match.")
            case Match.STALE:
                raise Problem(PRECONDITION_FAILED, "The stream's ETag is another one.")
        try:
            fragment = read_fragment(call.body.decode("ascii"))
        except (UnicodeDecodeError, FragmentError) as err:
            raise Problem(MALFORMED, f"The fragment cannot be read: {err}.") from err
        if offered.restarts(fragment):
            raise Problem(
                RESTART_UNSUPPORTED, "No camera restarts ICE. Begin another stream, and end this."
            )
        if placed := offered.placed(fragment.candidates):
            await self._streams.candidates(session, placed)
        return Answer(b"")

    async def stop_stream(self, call: Call[Nothing, Nothing]) -> Answer:
        """End it."""
        await self._streams.close(session_of(self._streams, call))
        return Answer(Nothing())

    async def probe_stream(self, call: Call[Nothing, Nothing]) -> Answer:
        """Say that it is there."""
        return Answer(b"", {"ETag": session_of(self._streams, call).etag})

    async def read_stream(self, call: Call[Nothing, Nothing]) -> Answer:
        """Say that it is there."""
        return Answer(b"", {"ETag": session_of(self._streams, call).etag})

    async def stream_options(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Say what it takes; whether it is there is not told without need."""
        return Answer(b"", {"Accept-Patch": SDPFRAG, "Allow": "OPTIONS, HEAD, GET, PATCH, DELETE"})

    async def renew_stream(self, call: Call[Nothing, Nothing]) -> Answer:
        """Decide again, and let it live on."""
        session = session_of(self._streams, call)
        await self._streams.renew(session, call.who)
        return Answer(Lease(session.until, session.ends))


def session_of(streams: Streams, call: Call[Nothing, object]) -> Session:
    """Return the stream at this address; whoever says who they are must have begun it.

    Raises:
        Problem: `not-found`; also for one that is over.

    """
    session = streams.find(call.path["secret"])
    caller = call.caller
    if session is None or (caller is not None and caller.pseudonym != session.caller.pseudonym):
        raise Problem(NOT_FOUND, "There is no such stream, or it is over.")
    return session
