"""HTTP: what the console has to know of this hub before it draws anything."""

from collections.abc import Awaitable, Callable

import msgspec

from hub.config import Map
from hub.console.maps import MapKind, MapSource
from hub.http.routes import Answer, Call, Nothing, Route

PMTILES = "/console/map/city.pmtiles"
TILEJSON = "/console/map/tiles.json"


class MapAnswer(msgspec.Struct, frozen=True):
    """Where the map comes from: a PMTiles file, a TileJSON document, or a MapLibre style."""

    kind: MapKind
    url: str


class CentreAnswer(msgspec.Struct, frozen=True):
    """Where the map begins."""

    lat: float
    lon: float


class SettingsAnswer(msgspec.Struct, frozen=True):
    """The settings; without a map the console draws a plain grid.

    `webhook`: descriptions can be sent on to the units' system. `places`: addresses can be
    searched.
    """

    map: MapAnswer | None
    webhook: bool
    places: bool
    centre: CentreAnswer
    version: str


class SettingsApi:
    """The one route of the settings."""

    def __init__(
        self,
        source: MapSource | None,
        settings: Map,
        version: str,
        places: Callable[[], Awaitable[bool]],
        *,
        webhook: bool,
    ) -> None:
        """Take the map and where it begins, and what tells whether there are places to search."""
        self._map = None if source is None else MapAnswer(source.kind, _url(source))
        self._centre = CentreAnswer(settings.lat, settings.lon)
        self._version = version
        self._places = places
        self._webhook = webhook

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/api/v1/console",
                handler=self.get_console,
                summary="What the console has to know of this hub",
                scope=None,
                session=True,
                answer=SettingsAnswer,
            )
        ]

    async def get_console(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Tell the settings."""
        return Answer(
            SettingsAnswer(
                self._map, self._webhook, await self._places(), self._centre, self._version
            )
        )


def _url(source: MapSource) -> str:
    return {"pmtiles": PMTILES, "mbtiles": TILEJSON, "style": source.style}[source.kind]
