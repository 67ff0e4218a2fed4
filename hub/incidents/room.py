"""Puts the work on incidents together: sightings, messages and their way out, summaries."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.access.looks import Looks
from hub.grants.cameras import Cameras
from hub.http.routes import Route
from hub.incidents.incidents import Incidents
from hub.incidents.messages import Messages
from hub.incidents.sightings import Sightings
from hub.incidents.summary import Summaries
from hub.incidents.webhook import Webhook, WebhookAt
from hub.incidents.work_api import WorkApi
from hub.pictures.pictures import Pictures
from hub.supervision.approvals import Approvals
from hub.transparency.log import AccessLog


class IncidentWork:
    """What operators do for incidents beside looking."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        log: AccessLog,
        incidents: Incidents,
        approvals: Approvals,
        cameras: Cameras,
        looks: Looks,
        pictures: Pictures,
        webhook: WebhookAt | None,
        now: Callable[[], datetime],
    ) -> None:
        """Take the rooms around, where messages are sent on to, and the clock."""
        wanted = webhook is not None
        messages = Messages(engine, log, incidents, pictures, now, wanted=wanted)
        self.webhook = Webhook(webhook, messages, incidents, pictures, now)
        self._api = WorkApi(
            incidents=incidents,
            approvals=approvals,
            sightings=Sightings(log, incidents, cameras, now),
            messages=messages,
            summaries=Summaries(engine, incidents, looks, cameras, now),
            now=now,
        )

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return self._api.routes()
