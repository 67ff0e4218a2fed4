"""HTTP: is the hub alive, is it ready, what does it count, and what does its API look like."""

from collections.abc import Callable, Sequence

import msgspec

from hub.errors import NOT_READY, Problem
from hub.http.openapi import document
from hub.http.routes import HTML, TEXT, Answer, Call, Nothing, Route


class Health(msgspec.Struct, frozen=True):
    """How the hub is."""

    status: str


class HealthApi:
    """The routes that machines look after."""

    def __init__(
        self, ready: Callable[[], str | None], metrics: Callable[[], bytes], page: bytes
    ) -> None:
        """Take what tells why the hub is not ready, the metrics, and the front page."""
        self._ready = ready
        self._metrics = metrics
        self._page = page

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/",
                handler=self.front_page,
                summary="What this is, for a person",
                scope=None,
                media=HTML,
                listed=False,
            ),
            Route(
                method="GET",
                path="/healthz",
                handler=self.health,
                summary="Whether the process is alive",
                scope=None,
                answer=Health,
            ),
            Route(
                method="GET",
                path="/readyz",
                handler=self.readiness,
                summary="Whether the hub can answer: it hears its broker and can write its store",
                scope=None,
                answer=Health,
                problems=(NOT_READY,),
            ),
            Route(
                method="GET",
                path="/metrics",
                handler=self.metrics,
                summary="Metrics in Prometheus' text format",
                scope=None,
                media=TEXT,
            ),
        ]

    async def front_page(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show a person what answers here."""
        return Answer(self._page)

    async def health(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Answer at all."""
        return Answer(Health("alive"))

    async def readiness(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Answer well only if looks are possible."""
        if (why := self._ready()) is not None:
            raise Problem(NOT_READY, why)
        return Answer(Health("ready"))

    async def metrics(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show the counters."""
        return Answer(self._metrics())


def description(routes: Sequence[Route], version: str) -> Route:
    """Return the route that describes `routes` and itself."""
    documented: dict[str, object] = {}

    async def describe_api(_call: Call[Nothing, Nothing]) -> Answer:
        return Answer(documented)

    own = Route(
        method="GET",
        path="/api/v1/openapi.json",
        handler=describe_api,
        summary="This API as an OpenAPI 3.1 document",
        scope=None,
        media="application/json",
    )
    documented.update(document([*routes, own], version))
    return own
