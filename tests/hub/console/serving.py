"""Serves some routes alone, to callers whom nobody asks who they are."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hub.http.limits import Limits
from hub.http.routes import Route
from hub.http.server import application
from hub.operators.tokens import Caller, TokenScope
from hub.protocol.vocabulary import Role

ANN = Caller(pseudonym="ann", role=Role.OFFICER, scopes=frozenset(TokenScope))


@asynccontextmanager
async def served(routes: Sequence[Route]) -> AsyncIterator[TestClient[Any, Any]]:
    """Serve the routes until the context ends."""

    async def anybody(_request: web.Request, _route: Route, _now: datetime) -> Caller:
        return ANN

    now = lambda: datetime.now(UTC)  # noqa: E731
    app = application(routes, anybody, now, lambda _problem: None, Limits.of(5000, 20, now))
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        yield client
