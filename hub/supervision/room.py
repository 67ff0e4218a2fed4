"""Supervision as one room: approvals, reviews, the watch over misuse, and their routes."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.http.routes import Route
from hub.incidents.incidents import Incidents
from hub.protocol.documents import Policy
from hub.supervision.api import SupervisionApi
from hub.supervision.approvals import Approvals
from hub.supervision.reviews import Reviews
from hub.supervision.watch import Watch
from hub.transparency.log import AccessLog

_LOGGER = logging.getLogger(__name__)


class Supervision:
    """What supervisors see and decide."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        policy: Policy,
        incidents: Incidents,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, the access log, the policy in force, the incidents and the clock."""
        self.reviews = Reviews(engine, log)
        self.approvals = Approvals(engine, log, policy, incidents, self.reviews)
        self._watch = Watch(engine, log, self.reviews)
        self._api = SupervisionApi(engine, log, self.approvals, self.reviews, now)

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return self._api.routes()

    async def round(self, now: datetime) -> None:
        """File what has to be reviewed; what fails is done by the next round."""
        try:
            await self._watch.round(now)
        except SQLAlchemyError as err:
            _LOGGER.error("Reviews could not be filed: %s", err)  # noqa: TRY400 - no traceback
