"""HTTP: search the places that the city loaded. What is searched for is written nowhere."""

from typing import Annotated

import msgspec

from hub.grants.api import Latitude, Longitude
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope
from hub.places.places import Places
from hub.protocol.geo import Point


class PlacesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was typed, and where the map is: nearer places come first among equals."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    lat: Latitude | None = None
    lon: Longitude | None = None


class PlaceAnswer(msgspec.Struct, frozen=True):
    """One place; `detail` tells it from others of its name."""

    name: str
    detail: str
    lat: float
    lon: float


class PlaceList(msgspec.Struct, frozen=True):
    """The best ten at most, best first."""

    places: list[PlaceAnswer]


class PlacesApi:
    """The one route of the gazetteer."""

    def __init__(self, places: Places, centre: Point) -> None:
        """Take the places, and what is near for whoever does not say where the map is."""
        self._places = places
        self._centre = centre

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/api/v1/places",
                handler=self.search_places,
                summary="Addresses and places whose words begin as typed",
                scope=TokenScope.INCIDENTS_READ,
                query=PlacesQuery,
                answer=PlaceList,
            )
        ]

    async def search_places(self, call: Call[PlacesQuery, Nothing]) -> Answer:
        """Search."""
        query, near = call.query, self._centre
        if query.lat is not None and query.lon is not None:
            near = Point(query.lat, query.lon)
        found = await self._places.search(query.q, near)
        return Answer(
            PlaceList(
                [
                    PlaceAnswer(place.name, place.detail, place.point.lat, place.point.lon)
                    for place in found
                ]
            )
        )
