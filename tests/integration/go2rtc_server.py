"""A go2rtc server as its published API shows it, without media: REST, and one socket a viewer."""

import asyncio
from typing import Any, Self

from aiohttp import WSMsgType, web
from aiohttp.test_utils import unused_port

from tests.integration.sdp_samples import answer_to


class Go2rtcServer:
    """Answers each offer at once, then trickles; says nothing when it is done."""

    def __init__(self) -> None:
        self.url = ""
        self.streams: dict[str, Any] = {}
        self.offers: list[dict[str, Any]] = []
        self.viewers = 0
        self.no_viewers = asyncio.Event()
        self.candidates: asyncio.Queue[str] = asyncio.Queue()
        self.trickled: tuple[str, ...] = ()
        self.error: str | None = None
        self.slow: asyncio.Event | None = None
        self.asked = asyncio.Event()

    @classmethod
    async def start(cls) -> tuple[Self, web.AppRunner]:
        """Start one; whoever started it cleans the runner up."""
        server = cls()
        app = web.Application()
        app.add_routes(
            [
                web.get("/api", server._info),
                web.get("/api/schemes", server._schemes),
                web.get("/api/streams", server._list),
                web.put("/api/streams", server._add),
                web.get("/api/preload", server._preload),
                web.get("/api/ws", server._socket),
            ]
        )
        runner = web.AppRunner(app)
        await runner.setup()
        port = unused_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        server.url = f"http://127.0.0.1:{port}/"
        return server, runner

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": "1.9.14"})

    async def _schemes(self, _request: web.Request) -> web.Response:
        return web.json_response(["rtsp", "ffmpeg"])

    async def _list(self, _request: web.Request) -> web.Response:
        self.asked.set()
        if self.slow is not None:
            await self.slow.wait()
        return web.json_response(self.streams)

    async def _add(self, request: web.Request) -> web.Response:
        sources = request.query.getall("src")
        self.streams[request.query["name"]] = {"producers": [{"url": url} for url in sources]}
        return web.Response()

    async def _preload(self, _request: web.Request) -> web.Response:
        return web.json_response({})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.viewers += 1
        self.no_viewers.clear()
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            await self._take(socket, message.json())
        self.viewers -= 1
        if not self.viewers:
            self.no_viewers.set()
        return socket

    async def _take(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if message["type"] == "webrtc/candidate":
            self.candidates.put_nowait(message["value"])
            return
        offer = message["value"]
        self.offers.append(offer)
        if self.error is not None:
            await socket.send_json({"type": "error", "value": self.error})
            return
        answer = {"type": "answer", "sdp": answer_to(offer["sdp"])}
        await socket.send_json({"type": "webrtc", "value": answer})
        for line in self.trickled:
            await socket.send_json({"type": "webrtc/candidate", "value": line})
