"""HTTP: the pages, under a content security policy that lets nothing else in."""

from pathlib import Path
from typing import Any

from hub.http.routes import HTML, Answer, Call, Nothing, Route
from hub.operators.door import Door
from hub.operators.pages.render import account_page, join_page, sign_in_page
from hub.operators.pages.words import language
from hub.public.frame import PageQuery

_FOLDER = Path(__file__).parent
_FILES = {"pages.js": "text/javascript", "pages.css": "text/css"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "Vary": "Accept-Language",
    "X-Frame-Options": "DENY",
}


class PagesApi:
    """The routes of the pages and of what they are made of."""

    def __init__(self, door: Door) -> None:
        """Take the door's settings, and read the files once."""
        self._door = door
        self._files = {name: (_FOLDER / name).read_bytes() for name in _FILES}

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        pages = {
            "/sign-in": (self.show_sign_in, "Where operators sign in"),
            "/join": (self.show_join, "What an invitation opens"),
            "/account": (self.show_account, "One's own passkeys and sessions"),
        }
        return [
            *(
                Route(
                    method="GET",
                    path=path,
                    handler=handler,
                    summary=summary,
                    scope=None,
                    query=PageQuery,
                    media=HTML,
                    listed=False,
                )
                for path, (handler, summary) in pages.items()
            ),
            *(
                Route(
                    method="GET",
                    path=f"/pages/{name}",
                    handler=self.show_file,
                    summary="A part of the pages",
                    scope=None,
                    media=media,
                    listed=False,
                )
                for name, media in _FILES.items()
            ),
        ]

    async def show_sign_in(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the sign-in page."""
        return Answer(sign_in_page(self._door, liked(call)), PAGE_HEADERS)

    async def show_join(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the join page."""
        return Answer(join_page(self._door, liked(call)), PAGE_HEADERS)

    async def show_account(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show the account page; it tells nothing by itself."""
        return Answer(account_page(self._door, liked(call)), PAGE_HEADERS)

    async def show_file(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show a file."""
        return Answer(self._files[call.request.path.rsplit("/", 1)[1]])


def liked(call: Call[Any, Nothing]) -> str:
    """Return the language that the asker's browser likes."""
    return language(call.request.headers.get("Accept-Language", ""))
