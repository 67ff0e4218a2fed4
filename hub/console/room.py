"""Puts the console's room together: its page, its settings, its map, its places."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.config import Map
from hub.console.built import read_built
from hub.console.map_api import MapApi
from hub.console.maps import MapSource
from hub.console.page_api import PageApi
from hub.console.rules import map_hosts, page_headers
from hub.console.settings_api import SettingsApi
from hub.http.routes import Route
from hub.places.api import PlacesApi
from hub.places.places import Places
from hub.protocol.geo import Point


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the console is told: the map, where it begins, and whether units have a system."""

    source: MapSource | None = None
    map: Map = field(default_factory=Map)
    webhook: bool = False


class Console:
    """The room of the operators' screen."""

    def __init__(self, engine: AsyncEngine, settings: ConsoleSettings, version: str) -> None:
        """Take the store, the settings, and the hub's version; read the built files."""
        self._places = Places(engine)
        self._settings = settings
        self._version = version

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        source, settings = self._settings.source, self._settings.map
        return [
            *SettingsApi(
                source, settings, self._version, self._places.any, webhook=self._settings.webhook
            ).routes(),
            *PlacesApi(self._places, Point(settings.lat, settings.lon)).routes(),
            # Before the page, which answers for every other path below its own.
            *MapApi(source).routes(),
            *PageApi(read_built(), page_headers(map_hosts(settings))).routes(),
        ]
