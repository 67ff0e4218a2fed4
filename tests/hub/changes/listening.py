"""Someone who hears the feed, as a browser does."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse

from tests.hub.waiting import LIMIT
from tests.hub.whole import WholeHub


@dataclass
class Ear:
    """What was heard, and what is."""

    response: ClientResponse
    last: str = ""
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def next(self) -> tuple[str, Any]:
        """Return the next event of any kind; ("", None) at the end."""
        kind, data = "", None
        while line := await self.response.content.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            match name:
                case "id":
                    self.last = value
                case "event":
                    kind = value
                case "data":
                    data = json.loads(value)
                case "" if kind:
                    self.heard.append((kind, data))
                    return kind, data
                case _:
                    pass
        return "", None

    async def until(self, kind: str, /, **wanted: object) -> Any:
        """Return the value of the next event of this kind in which all that is wanted is so."""
        async with asyncio.timeout(LIMIT):
            while True:
                found, value = await self.next()
                assert found, f"it ended before {kind}: {[one for one, _ in self.heard]}"
                if found == kind and wanted.items() <= dict(value).items():
                    return value

    async def first(self, kind: str) -> Any:
        """Return the value of the next event of this kind."""
        async with asyncio.timeout(LIMIT):
            while True:
                found, value = await self.next()
                assert found, f"it ended before {kind}"
                if found == kind:
                    return value

    async def rest(self) -> list[str]:
        """Return the kinds of what comes until it ends."""
        kinds = []
        async with asyncio.timeout(LIMIT):
            while (found := await self.next())[0]:
                kinds.append(found[0])
        return kinds


@asynccontextmanager
async def listening(
    whole: WholeHub, headers: Mapping[str, str] | None = None, since: str = ""
) -> AsyncIterator[Ear]:
    """Hear the feed until the context ends."""
    if headers is None:
        headers = {"Authorization": f"Bearer {whole.bearer}"}
    params = {"since": since} if since else {}
    async with whole.client.get("/api/v1/changes", headers=headers, params=params) as response:
        assert response.status == 200, await response.read()
        yield Ear(response)
