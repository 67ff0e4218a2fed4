"""HTTP: the console's page and the files that it is made of, under a strict security policy."""

from collections.abc import Mapping
from html import escape

from hub.console.built import PAGE, File
from hub.errors import NOT_FOUND, Problem
from hub.http.routes import HTML, OCTETS, Answer, Call, Nothing, Route
from hub.operators.pages.api import PAGE_HEADERS, liked
from hub.public.frame import PageQuery

_LASTING = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"
_NOT_MODIFIED = 304
_UNAVAILABLE = 503

_MISSING: Mapping[str, tuple[str, str, str]] = {
    "en": (
        "The console was not built",
        "This hub runs from sources, and the screen for operators has to be built once. Run"
        " script/setup in its folder and start the hub again. An installed hub carries it.",
        "Your account",
    ),
    "es": (
        "La consola no está construida",
        "Este concentrador funciona desde su código fuente y la pantalla de operadores debe"
        " construirse una vez. Ejecute script/setup en su carpeta y reinícielo. Un concentrador"
        " instalado ya la trae.",
        "Su cuenta",
    ),
}
_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="dark light">
<title>{heading}</title>
<link rel="stylesheet" href="/pages/pages.css">
<main>
<h1>{heading}</h1>
<p>{text}</p>
<p><a href="/account">{account}</a></p>
</main>
</html>
"""


class PageApi:
    """The routes of the page and of its files."""

    def __init__(self, files: Mapping[str, File], headers: Mapping[str, str]) -> None:
        """Take the built files, none if there are none, and the page's headers."""
        self._files = files
        self._headers = headers

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        page = [
            Route(
                method="GET",
                path=path,
                handler=self.show_console,
                summary="The operators' console",
                scope=None,
                query=PageQuery,
                media=HTML,
                listed=False,
            )
            for path in ("/console", "/console/")
        ]
        part = Route(
            method="GET",
            path="/console/{name:.+}",
            handler=self.show_console_file,
            summary="A part of the console",
            scope=None,
            query=PageQuery,
            media=OCTETS,
            listed=False,
        )
        return [*page, part]

    async def show_console(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Show the page; it tells nothing by itself, and asks who is there."""
        file = self._files.get(PAGE)
        if file is None:
            return Answer(_missing(liked(call)), PAGE_HEADERS, _UNAVAILABLE)
        return _sent(file, call, self._headers)

    async def show_console_file(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Show a file."""
        file = self._files.get(call.path["name"])
        if file is None:
            raise Problem(NOT_FOUND, "The console has no such file.")
        return _sent(file, call, self._headers)


def _sent(file: File, call: Call[PageQuery, Nothing], headers: Mapping[str, str]) -> Answer:
    asked = call.request.headers
    coding, data = file.best(asked.get("Accept-Encoding", ""))
    # Each coding is a representation of its own.
    tag = f'{file.tag[:-1]}-{coding}"' if coding else file.tag
    said = {
        **headers,
        "Cache-Control": _LASTING if file.lasting else _ASKED_AGAIN,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if coding:
        said["Content-Encoding"] = coding
    if tag in (one.strip() for one in asked.get("If-None-Match", "").split(",")):
        said.pop("Content-Encoding", None)
        return Answer(b"", said, _NOT_MODIFIED, file.media)
    return Answer(data, said, media=file.media)


def _missing(language: str) -> bytes:
    heading, text, account = _MISSING[language]
    return _PAGE.format(
        language=language, heading=escape(heading), text=escape(text), account=escape(account)
    ).encode()
