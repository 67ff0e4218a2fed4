"""What a route is: the data from which requests are checked and the OpenAPI document is made."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from hub.errors import Kind
from hub.operators.tokens import Caller, TokenScope

JSON = "application/json"
GEOJSON = "application/geo+json"
JPEG = "image/jpeg"
PEM = "application/x-pem-file"
OCTETS = "application/octet-stream"
HTML = "text/html"
TEXT = "text/plain"
CSV = "text/csv"
EVENTS = "text/event-stream"

LARGEST_BODY = 64 * 1024


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters, or no body."""


@dataclass(frozen=True, slots=True)
class Call[Query, Body]:
    """A request that was authenticated and checked.

    `caller` is None on public routes, and where credentials are `optional` and none were shown.
    """

    request: web.Request
    path: Mapping[str, str]
    query: Query
    body: Body
    caller: Caller | None

    @property
    def who(self) -> Caller:
        """Return the caller of a route that is neither public nor `optional`."""
        if self.caller is None:
            raise LookupError("nobody said who calls")
        return self.caller


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers: a value to encode as JSON, or bytes of the route's media type.

    What comes bit by bit is an asynchronous generator of bytes, sent as it comes. `status` is there
    for pages that say what went wrong; other answers have their route's.
    """

    value: object | AsyncGenerator[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    media: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table. `scope` None and no `session` mean that anyone may call it.

    `session`: for operators who signed in, whatever their role; `locked`: also while the session
    is locked. `door`: as seldom as people sign in. `optional`: also without any credentials, for
    whoever knows the address; wrong ones are refused all the same. `background`: keeps no session
    from locking. `takes`: the media types of a body that is handed on as bytes, of at most
    `largest`.

    A path's last variable may be a tail with slashes in it: `{name:.+}`.
    """

    method: str
    path: str
    handler: Callable[[Call[Any, Any]], Awaitable[Answer]]
    summary: str
    scope: TokenScope | None
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    takes: tuple[str, ...] = ()
    largest: int = LARGEST_BODY
    answer: type[msgspec.Struct] | None = None
    media: str = JSON
    also: tuple[str, ...] = ()
    """Other media types that it answers with, if it is asked to."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Kind, ...] = ()
    listed: bool = True
    session: bool = False
    locked: bool = False
    door: bool = False
    optional: bool = False
    background: bool = False

    @property
    def public(self) -> bool:
        """Tell whether anyone may call it."""
        return self.scope is None and not self.session
