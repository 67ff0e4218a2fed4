"""HTTP: to the city's provider and back."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from hub.errors import Problem
from hub.http.routes import HTML, Answer, Call, Nothing, Route
from hub.operators.csrf import cookie_header
from hub.operators.door import Door
from hub.operators.pages.api import PAGE_HEADERS, liked
from hub.operators.pages.render import arrived_page
from hub.operators.provider import CALLBACK, ProviderError
from hub.operators.provider_sign_in import ProviderSignIn
from hub.operators.session_api import Acknowledged, remote

_LOGGER = logging.getLogger(__name__)
COOKIE = "__Host-rtcc-provider"
_LIFE_S = 300


class Arrival(msgspec.Struct, frozen=True):
    """What the provider sends back by the browser; it may add more."""

    code: Annotated[str, Meta(max_length=2000)] = ""
    state: Annotated[str, Meta(max_length=200)] = ""


class ProviderApi:
    """The two ways, and the page between the provider's site and ours."""

    def __init__(self, signing: ProviderSignIn, door: Door, now: Callable[[], datetime]) -> None:
        """Take the room, the door's settings, and the clock."""
        self._signing = signing
        self._door = door
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/sign-in/provider",
                handler=self.leave,
                summary="To the city's own sign-in, having acknowledged the banner",
                scope=None,
                query=Acknowledged,
                media=HTML,
                status=303,
                listed=False,
                door=True,
            ),
            Route(
                method="GET",
                path=CALLBACK,
                handler=self.arrive,
                summary="Back from the city's own sign-in",
                scope=None,
                query=Arrival,
                media=HTML,
                status=303,
                listed=False,
                door=True,
            ),
            Route(
                method="GET",
                path="/sign-in/arrived",
                handler=self.show_arrived,
                summary="On from the city's own sign-in",
                scope=None,
                media=HTML,
                listed=False,
            ),
        ]

    async def leave(self, call: Call[Acknowledged, Nothing]) -> Answer:
        """Send the browser to the provider."""
        try:
            address, cookie = await self._signing.leave(call.query.banner, self._now())
        except ProviderError as err:
            _LOGGER.warning("The provider of sign-ins fails: %s", err)
            return Answer(b"", {"Location": "/sign-in#provider-failed"})
        # Lax, because the provider's site leads back.
        kept = f"{COOKIE}={cookie}; Path=/; Max-Age={_LIFE_S}; Secure; HttpOnly; SameSite=Lax"
        return Answer(b"", {"Location": address, "Set-Cookie": kept})

    async def arrive(self, call: Call[Arrival, Nothing]) -> Answer:
        """Begin a session, or say at the sign-in page that it was refused."""
        query, cookie = call.query, call.request.cookies.get(COOKIE, "")
        try:
            secret = await self._signing.arrive(
                query.code, query.state, cookie, remote(call), self._now()
            )
        except Problem as problem:
            return Answer(b"", {"Location": f"/sign-in#{problem.kind.slug}"})
        return Answer(b"", {"Location": "/sign-in/arrived", "Set-Cookie": cookie_header(secret)})

    async def show_arrived(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the page that leads on."""
        return Answer(arrived_page(self._door, liked(call)), PAGE_HEADERS)
