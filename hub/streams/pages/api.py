"""HTTP: the look page, for operators who signed in, and the modules that it is made of."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aiohttp import web

from hub.errors import Problem
from hub.http.routes import HTML, Answer, Call, Nothing, Route
from hub.operators.pages.api import PAGE_HEADERS
from hub.operators.pages.words import LANGUAGES, language
from hub.operators.tokens import Caller
from hub.public.frame import PageQuery
from hub.streams.pages.render import look_page

type Authenticate = Callable[[web.Request, Route, datetime], Awaitable[Caller]]

_FOLDER = Path(__file__).parent
_FILES = {
    "look.css": "text/css",
    **dict.fromkeys(
        (
            "api.js",
            "live.js",
            "look.js",
            "measures.js",
            "player.js",
            "session.js",
            "stills.js",
        ),
        "text/javascript",
    ),
}
_HEADERS = PAGE_HEADERS | {
    "Content-Security-Policy": f"{PAGE_HEADERS['Content-Security-Policy']}; img-src blob:",
    # Nothing that an operator has is ever sent to a home.
    "Permissions-Policy": "camera=(), microphone=(), display-capture=(), picture-in-picture=()",
    "Vary": "Accept-Language, Cookie",
}
_SEE_OTHER = 303
_NAME = "[A-Za-z0-9_-]{1,64}"


class LookPageApi:
    """The routes of the look page."""

    def __init__(self, city: str, authenticate: Authenticate, now: Callable[[], datetime]) -> None:
        """Take the city's name, who tells who is signed in, and the clock; read the files once."""
        self._city = city
        self._authenticate = authenticate
        self._now = now
        self._files = {name: (_FOLDER / name).read_bytes() for name in _FILES}
        page = Route(
            method="GET",
            path=f"/look/{{incident:{_NAME}}}/{{camera:{_NAME}}}",
            handler=self.show_look,
            summary="The page that shows one camera",
            scope=None,
            query=PageQuery,
            media=HTML,
            listed=False,
        )
        self._routes = [
            page,
            *(
                Route(
                    method="GET",
                    path=f"/pages/{name}",
                    handler=self.show_file,
                    summary="A part of the page",
                    scope=None,
                    media=media,
                    listed=False,
                )
                for name, media in _FILES.items()
            ),
        ]
        self._inside = replace(page, session=True, locked=True)

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return self._routes

    async def show_look(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Show the page; whoever is not signed in is led to where that is done, and back."""
        try:
            await self._authenticate(call.request, self._inside, self._now())
        except Problem:
            back = f"/sign-in#{call.request.path}"
            return Answer(b"", _HEADERS | {"Location": back}, _SEE_OTHER)
        wanted = call.query.lang
        if wanted not in LANGUAGES:
            wanted = language(call.request.headers.get("Accept-Language", ""))
        page = look_page(self._city, call.path["incident"], call.path["camera"], wanted)
        return Answer(page, _HEADERS)

    async def show_file(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show a file."""
        return Answer(self._files[call.request.path.rsplit("/", 1)[1]])
