"""A hub that answers the look page as a test says, and a camera that is a page itself."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page

from hub.errors import UNAUTHENTICATED, Problem
from hub.http.limits import Limits
from hub.http.routes import Route
from hub.http.server import application
from hub.operators.tokens import Caller
from hub.protocol.vocabulary import Role
from hub.streams.pages.api import LookPageApi
from tests.hub.conftest import CHECKOUT
from tests.hub.waiting import LIMIT

CHROMIUM = CHECKOUT / ".tools/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    # Two pages of one machine meet by its addresses; names for them need multicast.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
INCIDENT, CAMERA = "incident-1", "camera-1"
PAGE = f"/look/{INCIDENT}/{CAMERA}"
SECRET = "a" * 43
NAME = '<img src=x onerror="alert(1)"> & Porch'

CAMERA_PAGE = """<!doctype html><title>A camera</title><script>
const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
const brush = canvas.getContext("2d");
let hue = 0;
setInterval(() => {
  brush.fillStyle = `hsl(${(hue += 7)} 90% 50%)`;
  brush.fillRect(0, 0, 320, 180);
}, 50);
const stream = canvas.captureStream(20);
const connections = [];
async function answer(sdp) {
  const connection = new RTCPeerConnection();
  connections.push(connection);
  await connection.setRemoteDescription({ type: "offer", sdp });
  connection.addTrack(stream.getVideoTracks()[0], stream);
  const gathered = new Promise((done) => {
    connection.onicegatheringstatechange = () =>
      connection.iceGatheringState === "complete" && done();
  });
  await connection.setLocalDescription();
  await gathered;
  return connection.localDescription.sdp;
}
const freeze = () => connections.at(-1).getSenders().forEach((one) => one.replaceTrack(null));
</script>"""


@dataclass(frozen=True)
class Asked:
    """One request that the page sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass
class LookHub:
    """What the page may ask of a hub, and what it is answered."""

    camera: Page | None
    configuration: dict[str, Any] = field(
        default_factory=lambda: {
            "live": True,
            "why_not": None,
            "ice_servers": [],
            "ice_transport_policy": "all",
            "data_channel": None,
            "audio": False,
            "lease_s": 60,
            "still": "live",
            "still_every_s": 1,
        }
    )
    problems: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By the end of the path: what is refused, and how."""
    answer: str = ""
    """An answer to give instead of the camera's."""
    trickles: bool = False
    """Neither side's description has candidates: the camera's come by events alone."""
    hold: asyncio.Event | None = None
    """An offer waits for this."""
    ends: timedelta = timedelta(minutes=10)
    received: timedelta = timedelta(0)
    still: str = "live"
    signed_in: bool = True
    asked: asyncio.Queue[Asked] = field(default_factory=asyncio.Queue)
    told: asyncio.Queue[tuple[str, dict[str, Any]]] = field(default_factory=asyncio.Queue)
    url: str = ""

    async def until(self, method: str, end: str) -> Asked:
        """Return the next request of this kind; others before it are dropped."""
        async with asyncio.timeout(LIMIT):
            while True:
                one = await self.asked.get()
                if one.method == method and one.path.endswith(end):
                    return one

    def tell(self, name: str, **data: object) -> None:
        self.told.put_nowait((name, data))

    def lease(self) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "until": (now + timedelta(seconds=60)).isoformat(),
            "ends": (now + self.ends).isoformat(),
        }

    async def authenticate(self, _request: web.Request, _route: Route, _now: datetime) -> Caller:
        if not self.signed_in:
            raise Problem(UNAUTHENTICATED, "Sign in.")
        return Caller("operator-1", Role.OFFICER, frozenset(), "account", "session")

    def application(self) -> web.Application:
        def now() -> datetime:
            return datetime.now(UTC)

        app = application(
            LookPageApi("Jackson & <Sons>", self.authenticate, now).routes(),
            self.authenticate,
            now,
            lambda _: None,
            Limits.of(1_000, 1_000, now),
        )
        app.router.add_route("*", "/api/v1/{tail:.+}", self.api)
        app.router.add_get("/sign-in", self.sign_in)
        return app

    async def sign_in(self, _request: web.Request) -> web.Response:
        return web.Response(text="Sign in here.")

    async def api(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.asked.put_nowait(Asked(request.method, request.path, request.headers, body))
        end = request.path.rsplit("/", 1)[1]
        if (refused := self.problems.get(end)) is not None:
            return _problem(*refused)
        answers: dict[tuple[str, str], object] = {
            ("GET", "session"): {"csrf": "c5f7", "state": "active"},
            ("GET", INCIDENT): {"reference": "CAD-1 <b>"},
            ("GET", "cameras"): {
                "features": [{"properties": {"camera": CAMERA, "name": NAME}}],
            },
            ("GET", "player"): self.configuration,
            ("POST", "lease"): self.lease(),
            ("DELETE", SECRET): {},
        }
        if (found := answers.get((request.method, end))) is not None:
            return web.json_response(found)
        match request.method, end:
            case "POST", "whep":
                return await self._play(body)
            case "POST", "looks":
                return self._still()
            case "GET", "events":
                return await self._events(request)
        return web.Response(status=204)

    async def _play(self, offer: str) -> web.Response:
        answer = self.answer
        if not answer and self.camera is not None:
            answer = await self.camera.evaluate("answer", self._written(offer))
            if self.trickles:
                lines = re.findall(r"^a=(candidate:.*?)\r?$", answer, re.MULTILINE)
                found = [{"candidate": each, "sdpMid": "0", "sdpMLineIndex": 0} for each in lines]
                self.tell("candidates", candidates=found)
            answer = self._written(answer)
        if self.hold is not None:
            await self.hold.wait()
        headers = {
            "Location": f"/api/v1/whep/{SECRET}",
            "ETag": '"one"',
            "RTCC-Look": "look-1",
            "RTCC-Until": self.lease()["until"],
            "RTCC-Ends": self.lease()["ends"],
        }
        return web.Response(
            text=answer, status=201, content_type="application/sdp", headers=headers
        )

    def _written(self, sdp: str) -> str:
        if not self.trickles:
            return sdp
        return re.sub(r"a=(candidate:.*|end-of-candidates)\r?\n", "", sdp)

    def _still(self) -> web.Response:
        received = (datetime.now(UTC) - self.received).isoformat()
        return web.Response(
            body=STILL,
            content_type="image/svg+xml",
            headers={"RTCC-Look": "look-2", "RTCC-Received": received, "RTCC-Still": self.still},
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 1000\n\n: nothing new\n\n")
        name, data = "lease", dict[str, Any](self.lease())
        while True:
            await response.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
            if name == "ended":
                return response
            name, data = await self.told.get()


STILL = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="18">'
    b'<rect width="32" height="18" fill="teal"/></svg>'
)


def _problem(status: int, name: str) -> web.Response:
    document = {"type": f"urn:jackson-rtcc:problem:{name}", "status": status, "title": "No"}
    return web.Response(
        text=json.dumps(document), status=status, content_type="application/problem+json"
    )


@asynccontextmanager
async def look_hub(camera: Page) -> AsyncIterator[LookHub]:
    """Serve until the context ends."""
    hub = LookHub(camera)
    server = TestServer(hub.application(), host="localhost")
    await server.start_server(shutdown_timeout=0)
    hub.url = str(server.make_url("/")).rstrip("/")
    yield hub
    await server.close()
