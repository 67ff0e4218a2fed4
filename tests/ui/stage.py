"""A stage for the console: serves the built page, and plays a hub whose changes a test decides."""

import asyncio
import json
import math
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from hub.console.built import BUILT, PAGE, read_built
from hub.console.rules import page_headers

CAPITOL = (32.3038, -90.1821)
NOW = "2026-11-21T03:00:00Z"
SITES = (
    "home",
    "home",
    "home",
    "home",
    "business",
    "business",
    "city",
    "school",
    "worship",
    "park",
)
_BEAT_S = 1.0
_KINDS: dict[str, Any] = {
    "robbery": {
        "name": {"en": "Robbery", "es": "Robo con violencia"},
        "radius_m": 800,
        "duration_s": 14_400,
        "scopes": ["snapshot", "stream"],
        "approval": {"radius_m": 600, "duration_s": 7_200},
    }
}
INCIDENT: dict[str, Any] = {
    "id": "incident-1",
    "kind": "robbery",
    "reference": "CAD-2026-1",
    "lat": CAPITOL[0],
    "lon": CAPITOL[1],
    "radius_m": 400,
    "opened": NOW,
    "opened_by": "op-1",
    "accepted": NOW,
    "accepted_by": "op-1",
    "ends": "2026-11-21T07:00:00Z",
    "open": True,
    "closed": None,
    "waits": [],
    "allowed_radius_m": 400,
}


def cameras(count: int, *, spread_m: float = 6_000.0, seed: int = 6) -> dict[str, dict[str, Any]]:
    """Return so many cameras around the capitol, the same ones each time."""
    rng = random.Random(seed)  # noqa: S311 - places of a play
    made = {}
    for number in range(count):
        far, turn = spread_m * math.sqrt(rng.random()), rng.random() * 2 * math.pi
        id_ = f"camera-{number:04}"
        made[id_] = {
            "camera": id_,
            "name": f"Porch {number}",
            "site": rng.choice(SITES),
            "scopes": ["snapshot", "stream"],
            "gate": "incident",
            "accuracy_m": 10,
            "live": rng.random() < 0.7,
            "still": "live",
            "still_every_s": 2,
            "starts": NOW,
            "ends": "2026-11-22T03:00:00Z",
            "lat": CAPITOL[0] + far * math.cos(turn) / 111_195,
            "lon": CAPITOL[1] + far * math.sin(turn) / 93_980,
        }
        if rng.random() < 0.8:
            made[id_] |= {"bearing": rng.randrange(360), "fov": rng.choice((70, 90, 110, 140))}
    return made


def _incidents() -> dict[str, dict[str, Any]]:
    return {"incident-1": {**INCIDENT}}


@dataclass
class Stage:
    """The page, and a hub that says what it is told to say."""

    cameras: dict[str, dict[str, Any]]
    incidents: dict[str, dict[str, Any]] = field(default_factory=_incidents)
    sightings: list[dict[str, Any]] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)
    map: dict[str, str] | None = None
    map_file: Path | None = None
    built: Path = BUILT
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    url: str = ""
    _readers: set[asyncio.Queue[tuple[str, object]]] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Stage]:
        """Serve on a free port."""
        app = web.Application()
        app.router.add_get("/api/v1/changes", self._changes)
        app.router.add_route("*", "/api/v1/{path:.*}", self._api)
        app.router.add_get("/console/map/city.pmtiles", self._map_file)
        app.router.add_get("/console{path:.*}", self._page)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "localhost", 0)
        await site.start()
        port = runner.addresses[0][1]
        self.url = f"http://localhost:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    def say(self, kind: str, value: object) -> None:
        """Tell every console a change."""
        for reader in self._readers:
            reader.put_nowait((kind, value))

    async def _page(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].removeprefix("/") or PAGE
        file = read_built(self.built).get(path)
        if file is None:
            raise web.HTTPNotFound
        headers = page_headers() if path == PAGE else {}
        return web.Response(body=file.data, content_type=file.media, headers=headers)

    async def _map_file(self, _request: web.Request) -> web.StreamResponse:
        if self.map_file is None:
            raise web.HTTPNotFound
        return web.FileResponse(self.map_file)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        body: Any = await request.json() if request.can_read_body else None
        self.asked.append((request.method, path, body))
        if request.method == "PATCH" and path.removeprefix("incidents/") in self.incidents:
            one = self.incidents[path.removeprefix("incidents/")]
            one |= body
            beyond = one["radius_m"] > _KINDS["robbery"]["approval"]["radius_m"]
            one["waits"] = ["circle"] if beyond else []
            one["allowed_radius_m"] = min(one["radius_m"], 600)
            self.say("incident", one)
            return web.json_response(one)
        answer = self._answers().get(path) if request.method == "GET" else None
        if answer is None:
            problem = {"type": "urn:jackson-rtcc:problem:not-found", "detail": "Not on this stage."}
            return web.json_response(problem, status=404)
        return web.json_response(answer)

    def _answers(self) -> Mapping[str, object]:
        scopes = ["grants:read", "incidents:read", "incidents:write", "looks:write", "log:read"]
        return {
            "session": {
                "session": "s",
                "pseudonym": "op-1",
                "role": "supervisor",
                "scopes": scopes,
                "state": "open",
                "locks": "2026-11-22T03:00:00Z",
                "expires": "2026-11-22T03:00:00Z",
                "csrf": "c",
            },
            "city": {"name": "Jackson", "policy": {"version": "2026-11", "kinds": _KINDS}},
            "console": {
                "map": self.map,
                "webhook": False,
                "places": False,
                "centre": {"lat": CAPITOL[0], "lon": CAPITOL[1]},
                "version": "0",
            },
        }

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        reader: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
        everything = {
            "cameras": list(self.cameras.values()),
            "incidents": list(self.incidents.values()),
            "sightings": self.sightings,
            "looks": self.looks,
            "messages": [],
            "waiting": [],
            "open_reviews": 0,
        }
        reader.put_nowait(("everything", everything))
        self._readers.add(reader)
        try:
            while True:
                try:
                    async with asyncio.timeout(_BEAT_S):
                        kind, value = await reader.get()
                except TimeoutError:
                    kind, value = "beat", {"now": NOW}
                await response.write(f"event: {kind}\ndata: {json.dumps(value)}\n\n".encode())
        except ConnectionError, asyncio.CancelledError:
            return response
        finally:
            self._readers.discard(reader)
