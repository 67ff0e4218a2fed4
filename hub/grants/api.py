"""HTTP: which cameras are live around a place."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec

from hub.grants.cameras import Cameras
from hub.grants.geojson import CameraCollection, collection
from hub.http.routes import GEOJSON, Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope
from hub.protocol.geo import Circle, Point
from hub.protocol.vocabulary import Scope

type Latitude = Annotated[
    float, msgspec.Meta(ge=-90, le=90, description="Decimal degrees north, WGS 84")
]
type Longitude = Annotated[
    float, msgspec.Meta(ge=-180, le=180, description="Decimal degrees east, WGS 84")
]
type Radius = Annotated[float, msgspec.Meta(ge=1, le=100_000, description="Metres")]


class Around(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A circle, and what the cameras in it shall be granted for."""

    lat: Latitude
    lon: Longitude
    radius: Radius
    scope: Scope = Scope.SNAPSHOT


class GrantsApi:
    """The route that asks the live set."""

    def __init__(self, cameras: Cameras, now: Callable[[], datetime]) -> None:
        """Take the live set and the clock."""
        self._cameras = cameras
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/api/v1/grants",
                handler=self.list_grants,
                summary="Live cameras in a circle, nearest first",
                scope=TokenScope.GRANTS_READ,
                query=Around,
                answer=CameraCollection,
                media=GEOJSON,
            )
        ]

    async def list_grants(self, call: Call[Around, Nothing]) -> Answer:
        """Answer with what is live now."""
        query = call.query
        circle = Circle(Point(query.lat, query.lon), query.radius)
        return Answer(collection(self._cameras.near(circle, query.scope, self._now())))
