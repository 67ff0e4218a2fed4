"""HTTP: the registration page for residents, and the link of the confirming letter."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from aiohttp import web
from yarl import URL

from hub.errors import RATE_LIMITED, Problem
from hub.http.limits import source
from hub.http.routes import HTML, Answer, Call, Nothing, Route
from hub.public.frame import HEADERS, PageQuery, language_of
from hub.public.words import Language
from hub.registrations.desk import Desk
from hub.registrations.form import Wish, read_wish
from hub.registrations.letters import CONFIRM_PATH
from hub.registrations.mail import NotSentError
from hub.registrations.pages import PATH, TRAP, confirm_page, form_page, said_page

_FORM = "application/x-www-form-urlencoded"
_BAD, _FOREIGN, _TOO_MANY, _NOT_SENT, _GONE = 422, 403, 429, 503, 410

type Handler = Callable[[Call[PageQuery, Nothing]], Awaitable[Answer]]


class LinkQuery(msgspec.Struct, frozen=True):
    """What the link of the letter holds."""

    token: str = ""
    lang: str = ""


class RegistrationPages:
    """The pages of registration."""

    def __init__(self, desk: Desk, city: str) -> None:
        """Take the desk and the city's name."""
        self._desk = desk
        self._city = city

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            _route("GET", PATH, self.show_form, "Lend a camera: the form"),
            _route("POST", PATH, self.register, "Register"),
            Route(
                method="GET",
                path=CONFIRM_PATH,
                handler=self.show_confirm,
                summary="The confirming letter's link",
                scope=None,
                query=LinkQuery,
                media=HTML,
                listed=False,
            ),
            _route("POST", CONFIRM_PATH, self.confirm, "Confirm a registration"),
        ]

    async def show_form(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Show the form."""
        return Answer(
            form_page(self._city, language_of(call.request), by_mail=self._desk.by_mail), HEADERS
        )

    async def register(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Take a registration in."""
        language = language_of(call.request)
        fields = await _fields(call.request)
        if fields is None:
            return self._again(language, {}, _FOREIGN, said="elsewhere")
        if fields.get(TRAP):
            # A machine wrote this. It learns nothing.
            return self._received(language)
        wish = read_wish(fields, language, by_mail=self._desk.by_mail)
        if not isinstance(wish, Wish):
            return self._again(language, fields, _BAD, wrong=wish)
        try:
            self._desk.admit(source(call.request.remote))
            await self._desk.register(wish)
        except NotSentError:
            return self._again(language, fields, _NOT_SENT, said="not_mailed")
        except Problem as err:
            if err.kind is not RATE_LIMITED:
                raise
            return self._again(language, fields, _TOO_MANY, said="too_many")
        return self._received(language)

    async def show_confirm(self, call: Call[LinkQuery, Nothing]) -> Answer:
        """Show a button: programs that look into letters open links, and press no buttons."""
        language, token = language_of(call.request), call.query.token
        if not await self._desk.registrations.link_is_good(token):
            return _said("link_gone", "link_gone_text", language, _GONE)
        return Answer(confirm_page(token, language), HEADERS)

    async def confirm(self, call: Call[PageQuery, Nothing]) -> Answer:
        """Confirm a registration by its link, once."""
        language = language_of(call.request)
        fields = await _fields(call.request)
        if fields is None:
            return _said("refused", "elsewhere", language, _FOREIGN)
        if not await self._desk.registrations.confirm_by_link(fields.get("token", "")):
            return _said("link_gone", "link_gone_text", language, _GONE)
        return _said("confirmed", "confirmed_text", language, None)

    def _received(self, language: Language) -> Answer:
        text = "received_mail" if self._desk.by_mail else "received_phone"
        return _said("received", text, language, None)

    def _again(
        self,
        language: Language,
        fields: Mapping[str, str],
        status: int,
        *,
        wrong: tuple[str, ...] = (),
        said: str | None = None,
    ) -> Answer:
        shown = form_page(
            self._city, language, by_mail=self._desk.by_mail, told=fields, wrong=wrong, said=said
        )
        return Answer(shown, HEADERS, status=status)


def _route(method: str, path: str, handler: Handler, summary: str) -> Route:
    return Route(
        method=method,
        path=path,
        handler=handler,
        summary=summary,
        scope=None,
        query=PageQuery,
        media=HTML,
        listed=False,
    )


def _said(title: str, text: str, language: Language, status: int | None) -> Answer:
    return Answer(said_page(title, text, language), HEADERS, status=status)


async def _fields(request: web.Request) -> Mapping[str, str] | None:
    """Return the form's fields, or None if it was not sent from the hub's own page."""
    if request.content_type != _FORM or not _own(request):
        return None
    try:
        told = await request.post()
    except ValueError, LookupError:
        return None
    return {name: value for name, value in told.items() if isinstance(value, str)}


def _own(request: web.Request) -> bool:
    """Tell whether a browser says that the form is from this very site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    try:
        origin = URL(request.headers.get("Origin", ""))
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.authority == request.host
