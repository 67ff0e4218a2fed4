"""HTTP: signing in by a one-time link, only where the city allows it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec

from hub.errors import BANNER, FORBIDDEN, SIGN_IN_REFUSED
from hub.http.routes import HTML, Answer, Call, Nothing, Route
from hub.operators.csrf import check_same_origin, cookie_header
from hub.operators.door import Door
from hub.operators.pages.api import PAGE_HEADERS, liked
from hub.operators.pages.render import link_page
from hub.operators.session_api import Acknowledged, remote
from hub.operators.sign_in_links import SignInLinks
from hub.public.frame import PageQuery


class HeldLink(Acknowledged, frozen=True, forbid_unknown_fields=True):
    """What follows the # of the link, and the digest of the banner that was acknowledged."""

    secret: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class SignInLinksApi:
    """The page that a link opens, and what its button asks for."""

    def __init__(self, links: SignInLinks, door: Door, now: Callable[[], datetime]) -> None:
        """Take the links, the door's settings, and the clock."""
        self._links = links
        self._door = door
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/link",
                handler=self.show_link,
                summary="What a link that signs in opens",
                scope=None,
                query=PageQuery,
                media=HTML,
                listed=False,
            ),
            Route(
                method="POST",
                path="/api/v1/session/link",
                handler=self.sign_in_by_link,
                summary="Sign in with a one-time link; the answer sets the session's cookie",
                scope=None,
                body=HeldLink,
                status=204,
                problems=(BANNER, SIGN_IN_REFUSED, FORBIDDEN),
                door=True,
            ),
        ]

    async def show_link(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Show the page; it tells nothing by itself."""
        return Answer(link_page(self._door, liked(call)), PAGE_HEADERS)

    async def sign_in_by_link(self, call: Call[Nothing, HeldLink]) -> Answer:
        """Begin a session."""
        check_same_origin(call.request.headers, self._door.origin)
        body = call.body
        cookie, _ = await self._links.use(body.secret, body.banner, remote(call), self._now())
        return Answer(b"", {"Set-Cookie": cookie_header(cookie)})
