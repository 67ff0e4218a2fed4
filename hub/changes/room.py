"""Puts the feed's room together."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.access.looks import Looks
from hub.changes.api import ChangesApi
from hub.changes.city import CityWork
from hub.changes.feed import Feed
from hub.changes.own_streams import OwnStreams
from hub.grants.cameras import Cameras
from hub.http.routes import Route
from hub.incidents.incidents import Incidents
from hub.streams.streams import Streams
from hub.supervision.approvals import Approvals
from hub.transparency.log import AccessLog


class Changes:
    """The feed of one hub, with its route."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        log: AccessLog,
        cameras: Cameras,
        incidents: Incidents,
        approvals: Approvals,
        looks: Looks,
        streams: Streams,
        idle: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        """Take the rooms that are followed, how long operators may be idle, and the clock."""
        self.feed = Feed(
            engine=engine,
            cameras=cameras,
            city=CityWork(engine, incidents, approvals, looks),
            size=lambda: len(log),
            idle=idle,
            now=now,
        )
        self._api = ChangesApi(self.feed, OwnStreams(streams, self.feed.readers, now))

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return self._api.routes()
