"""HTTP: all that there is for players, put together."""

from collections.abc import Callable
from datetime import datetime

from hub.http.routes import Route
from hub.streams.events_api import EventsApi
from hub.streams.offers import Offers
from hub.streams.player_api import PlayerApi
from hub.streams.players import Players
from hub.streams.stream_api import StreamApi
from hub.streams.streams import Streams
from hub.streams.whep_api import WhepApi


def stream_routes(
    streams: Streams, players: Players, now: Callable[[], datetime], *, strict_etag: bool
) -> list[Route]:
    """Return the routes; with `strict_etag` whoever sends candidates must send If-Match."""
    offers = Offers(streams.find, now)
    return [
        *PlayerApi(players).routes(),
        *WhepApi(streams, players, offers).routes(),
        *StreamApi(streams, offers, strict=strict_etag).routes(),
        *EventsApi(streams).routes(),
    ]
