"""Serves a table of routes: checks what comes in, encodes what goes out, names what went wrong."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import (
    INTERNAL,
    MALFORMED,
    MEDIA_TYPE,
    METHOD,
    NOT_FOUND,
    STORE_FAILED,
    TOO_LARGE,
    UNAUTHENTICATED,
    Problem,
)
from hub.http.limits import Limits, source
from hub.http.routes import JSON, LARGEST_BODY, Answer, Call, Nothing, Route
from hub.http.streaming import Streaming
from hub.operators.authentication import says_who
from hub.operators.tokens import Caller

_LOGGER = logging.getLogger(__name__)
_SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}

type Authenticate = Callable[[web.Request, Route, datetime], Awaitable[Caller]]


def application(
    routes: Sequence[Route],
    authenticate: Authenticate,
    now: Callable[[], datetime],
    count: Callable[[str], None],
    limits: Limits,
) -> web.Application:
    """Return the aiohttp application that serves the table; `count` is told of each problem."""
    app = web.Application(
        middlewares=[_problems(count), _limited(limits)], client_max_size=LARGEST_BODY
    )
    streaming = Streaming()
    for route in routes:
        handler = _handler(route, authenticate, now, limits, streaming)
        app.router.add_route(route.method, route.path, handler)
    app.on_response_prepare.append(_secure)
    app.on_shutdown.append(streaming.end)
    return app


def _handler(
    route: Route,
    authenticate: Authenticate,
    now: Callable[[], datetime],
    limits: Limits,
    streaming: Streaming,
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        caller = None
        if route.door:
            limits.doors.take(source(request.remote))
        if not route.public and (says_who(request) or not route.optional):
            caller = await authenticate(request, route, now())
            limits.requests.take(caller.session or caller.pseudonym)
        call = Call(
            request=request,
            path=dict(request.match_info),
            query=_query(request, route.query),
            body=await _received(request, route),
            caller=caller,
        )
        answer = await route.handler(call)
        if isinstance(answer.value, AsyncGenerator):
            status = answer.status or route.status
            return await streaming.send(request, answer.value, route.media, answer.headers, status)
        return _whole(answer, route)

    return handle


def _whole(answer: Answer, route: Route) -> web.Response:
    body = answer.value if isinstance(answer.value, bytes) else encode(answer.value)
    media = answer.media or route.media
    return web.Response(
        body=body,
        status=answer.status or route.status,
        content_type=media,
        charset="utf-8" if media.startswith("text/") else None,
        headers=answer.headers,
    )


def encode(value: object) -> bytes:
    """Encode a value as JSON; times become RFC 3339."""
    return msgspec.json.encode(value)


def _query[T: msgspec.Struct](request: web.Request, kind: type[T]) -> T:
    try:
        return msgspec.convert(dict(request.query), kind, strict=False)
    except msgspec.ValidationError as err:
        raise Problem(MALFORMED, f"In the query: {err}") from err


async def _received(request: web.Request, route: Route) -> object:
    if route.takes:
        return await _bytes(request, route.takes, route.largest)
    return Nothing() if route.body is None else await _body(request, route.body)


async def _bytes(request: web.Request, takes: tuple[str, ...], largest: int) -> bytes:
    if request.content_type not in takes:
        accepted = ", ".join(takes)
        raise Problem(MEDIA_TYPE, f"Send the body as {accepted}.", accept=accepted)
    body = await request.read()
    if len(body) > largest:
        raise Problem(TOO_LARGE, f"Such a body has at most {largest} bytes.")
    return body


async def _body[T: msgspec.Struct](request: web.Request, kind: type[T]) -> T:
    if request.content_type != JSON:
        raise Problem(MEDIA_TYPE, f"Send the body as {JSON}.")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, RecursionError) as err:
        raise Problem(MALFORMED, f"In the body: {err}") from err


def _problems(count: Callable[[str], None]) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as err:
            problem = _problem_of(err)
            count(problem.kind.slug)
            if problem.kind is INTERNAL:
                _LOGGER.exception("%s %s failed", request.method, request.path)
            elif problem.kind is STORE_FAILED:
                # A full disk needs no traceback, least of all at every request.
                cause = getattr(err, "orig", err)
                _LOGGER.critical("%s %s failed: %s", request.method, request.path, cause)
            return _response(problem, request.method)

    return middleware


def _limited(limits: Limits) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        limits.requests.take(source(request.remote))
        return await handler(request)

    return middleware


def _problem_of(err: Exception) -> Problem:
    match err:
        case Problem():
            problem = err
        case web.HTTPRequestEntityTooLarge():
            problem = Problem(TOO_LARGE, f"A body has at most {LARGEST_BODY} bytes.")
        case web.HTTPMethodNotAllowed():
            problem = Problem(METHOD, f"Use {', '.join(sorted(err.allowed_methods))}.")
        case web.HTTPNotFound():
            problem = Problem(NOT_FOUND, "There is nothing at this path.")
        case web.HTTPException() if err.status < INTERNAL.status:
            problem = Problem(MALFORMED, err.reason)
        case RequestPayloadError():
            problem = Problem(MALFORMED, "The body is not in the encoding that it says.")
        case SQLAlchemyError():
            problem = Problem(STORE_FAILED, "The hub cannot read or write its store.")
        case _:
            problem = Problem(INTERNAL, "The hub's log says more.")
    return problem


def _response(problem: Problem, method: str) -> web.Response:
    kind = problem.kind
    return web.Response(
        body=encode(
            {"type": kind.type, "title": kind.title, "status": kind.status}
            | {"detail": problem.detail}
            | problem.extra
        ),
        status=kind.status,
        content_type="application/problem+json",
        headers=_headers(problem, method),
    )


def _headers(problem: Problem, method: str) -> dict[str, str]:
    headers = {}
    if problem.kind.status == UNAUTHENTICATED.status:
        headers["WWW-Authenticate"] = "Bearer"
    if (wait := problem.extra.get("retry_after")) is not None:
        headers["Retry-After"] = str(wait)
    if (accepted := problem.extra.get("accept")) is not None:
        headers[f"Accept-{method.capitalize()}"] = str(accepted)
    return headers


async def _secure(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
