"""The hub's API as another system uses it: HTTPS, its CA, an API token."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from demo.waiting import Failed, until

JPEG = b"\xff\xd8"
_LIMIT = aiohttp.ClientTimeout(total=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one look ended: a picture, or a problem."""

    status: int
    headers: dict[str, str]
    body: bytes
    problem: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Tell whether a JPEG came."""
        return not self.problem and self.body.startswith(JPEG)

    @property
    def slug(self) -> str:
        """Return the problem's name, empty for a picture."""
        return str(self.problem.get("type", "")).rpartition(":")[2]


class HubClient:
    """Asks one hub with one token."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, tls: ssl.SSLContext, token: str = ""
    ) -> None:
        """Take where the hub is, whom to believe, and who asks."""
        self._session = session
        self._url = url
        self._tls = tls
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def ask(self, method: str, path: str, json: object = None, **query: object) -> Any:
        """Return the answer.

        Raises:
            Failed: if it is a problem.

        """
        status, _, body = await self.raw(method, path, json, **query)
        if status >= 400:  # noqa: PLR2004 - the first status of an error
            raise Failed(f"the hub answered {status} to {method} {path}: {body[:300]!r}")
        return _json(body)

    async def raw(
        self, method: str, path: str, json: object = None, **query: object
    ) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the body of an answer."""
        async with self._session.request(
            method,
            self._url + path,
            json=json,
            params={name: str(value) for name, value in query.items()},
            headers=self._headers,
            ssl=self._tls,
            timeout=_LIMIT,
        ) as answer:
            return answer.status, dict(answer.headers), await answer.read()

    async def ready(self) -> bool:
        """Tell whether a look is possible."""
        try:
            status, _, _ = await self.raw("GET", "/readyz")
        except aiohttp.ClientError, TimeoutError:
            return False
        return status == 200  # noqa: PLR2004

    async def grants(self, lat: float, lon: float, radius: float) -> list[dict[str, Any]]:
        """Return what is live in a circle, nearest first: the properties of each camera."""
        found = await self.ask(
            "GET", "/api/v1/grants", lat=lat, lon=lon, radius=radius, scope="snapshot"
        )
        return [feature["properties"] for feature in found["features"]]

    async def cameras(self, incident: str) -> list[dict[str, Any]]:
        """Return what is live in an incident's circle, nearest first."""
        found = await self.ask("GET", f"/api/v1/incidents/{incident}/cameras")
        return [feature["properties"] for feature in found["features"]]

    async def open_incident(
        self, lat: float, lon: float, radius: float, kind: str, reference: str = "CAD-1"
    ) -> str:
        """Open an incident and return its id."""
        incident = await self.ask(
            "POST",
            "/api/v1/incidents",
            {"kind": kind, "reference": reference, "lat": lat, "lon": lon, "radius_m": radius},
        )
        return str(incident["id"])

    async def look(self, incident: str, camera: str) -> Look:
        """Take a snapshot through a camera."""
        status, headers, body = await self.raw(
            "POST",
            f"/api/v1/incidents/{incident}/looks",
            {"camera": camera, "scope": "snapshot"},
        )
        problem = _json(body) if status >= 400 else {}  # noqa: PLR2004
        return Look(status=status, headers=headers, body=body, problem=problem)

    async def looks(self, incident: str) -> list[dict[str, Any]]:
        """Return the looks for an incident in order."""
        return list((await self.ask("GET", f"/api/v1/incidents/{incident}/looks"))["looks"])

    async def metrics(self) -> dict[str, float]:
        """Return the hub's numbers by name and labels."""
        _, _, body = await self.raw("GET", "/metrics")
        lines = (line for line in body.decode().splitlines() if line and line[0] != "#")
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    async def refused(self, reason: str) -> float:
        """Return how many messages of homes the hub has refused for this reason."""
        name = f'rtcc_messages_refused_total{{reason="{reason}"}}'
        return (await self.metrics()).get(name, 0.0)

    async def live(
        self,
        place: tuple[float, float],
        accept: Callable[[list[dict[str, Any]]], bool],
        what: str,
        limit: float = 30,
        radius: float = 1_000,
    ) -> list[dict[str, Any]]:
        """Wait until what is live around a place is as expected.

        Raises:
            Failed: with `what`, when the limit is over.

        """
        cameras: list[dict[str, Any]] = []

        async def fits() -> bool:
            cameras[:] = await self.grants(*place, radius)
            return accept(cameras)

        await until(fits, what, limit)
        return cameras


def _json(body: bytes) -> Any:
    return orjson.loads(body)
