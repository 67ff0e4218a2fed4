"""HTTP: the public figures, as a page and as data."""

from typing import Any

import msgspec

from hub.errors import STORE_FAILED
from hub.http.routes import HTML, Answer, Call, Nothing, Route
from hub.protocol.documents import Policy
from hub.public.frame import HEADERS, PageQuery, language_of
from hub.transparency.figures_page import PATH, transparency_page
from hub.transparency.published import Published


class FiguresOfLog(msgspec.Struct, frozen=True):
    """Up to where was counted: the log's size, its root (base64), and the signed checkpoint."""

    size: int
    root: str
    checkpoint: str


class PublicFigures(msgspec.Struct, frozen=True):
    """Totals by month (UTC) and in all; hub/transparency/figures.py says what each counts."""

    city: str
    log: FiguresOfLog
    months: list[dict[str, Any]]
    total: dict[str, Any]


class FiguresApi:
    """The routes of the public figures."""

    def __init__(self, published: Published, policy: Policy, url: str) -> None:
        """Take the figures, the policy (for the kinds' names), and the hub's public address."""
        self._published = published
        self._policy = policy
        self._url = url

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/api/v1/transparency",
                handler=self.get_transparency,
                summary="What was looked at, in totals counted from the access log",
                scope=None,
                answer=PublicFigures,
                problems=(STORE_FAILED,),
            ),
            Route(
                method="GET",
                path=PATH,
                handler=self.transparency_page,
                summary="The same for a person",
                scope=None,
                query=PageQuery,
                media=HTML,
                listed=False,
            ),
        ]

    async def get_transparency(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show the figures as data."""
        return Answer(await self._published.latest())

    async def transparency_page(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Show the figures as a page."""
        language = language_of(call.request)
        kinds = {
            kind: rule.name.get(language, rule.name["en"])
            for kind, rule in self._policy.kinds.items()
        }
        found = await self._published.latest()
        url = self._url or str(call.request.url.origin())
        return Answer(transparency_page(found, kinds, language, url), HEADERS)
