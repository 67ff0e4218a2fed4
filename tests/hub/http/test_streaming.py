"""Answers that come bit by bit: as each bit comes, to their end, and never for ever."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from hub.http import streaming
from hub.http.limits import Limits
from hub.http.routes import EVENTS, Answer, Call, Nothing, Route
from hub.http.server import application
from hub.listening import listening_socket
from hub.operators.tokens import Caller
from tests.hub.waiting import LIMIT


class Bits:
    """Bits that a test hands out; it knows whether it was let go."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.over = asyncio.Event()

    async def go(self) -> AsyncGenerator[bytes]:
        try:
            while (bit := await self.queue.get()) is not None:
                if isinstance(bit, Exception):
                    raise bit
                yield bit
        finally:
            self.over.set()


@pytest.fixture
def bits() -> Bits:
    return Bits()


def bits_application(bits: Bits) -> web.Application:
    async def handler(_call: Call[Nothing, Nothing]) -> Answer:
        return Answer(bits.go(), {"X-Own": "yes"})

    async def nobody(*_: object) -> Caller:
        raise AssertionError("the route is public")

    def now() -> datetime:
        return datetime.now(UTC)

    route = Route(method="GET", path="/bits", handler=handler, summary="", scope=None, media=EVENTS)
    return application([route], nobody, now, lambda _problem: None, Limits.of(500, 20, now))


@asynccontextmanager
async def serving(bits: Bits) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(bits_application(bits))) as client:
        yield client


async def test_each_bit_is_there_when_it_comes(bits: Bits) -> None:
    async with serving(bits) as client, client.get("/bits") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == EVENTS
        assert answer.headers["X-Own"] == "yes"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["Cache-Control"] == "no-store"
        for bit in (b"one", b"two"):
            bits.queue.put_nowait(bit)
            assert await asyncio.wait_for(answer.content.readany(), LIMIT) == bit
        bits.queue.put_nowait(None)
        assert await answer.content.read() == b""
        await asyncio.wait_for(bits.over.wait(), LIMIT)


async def test_what_breaks_off_is_logged_and_over(
    bits: Bits, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(bits) as client, client.get("/bits") as answer:
        bits.queue.put_nowait(b"one")
        bits.queue.put_nowait(ValueError("a defect"))
        with pytest.raises(ClientPayloadError):
            await asyncio.wait_for(answer.content.read(), LIMIT)
    assert "broke off" in caplog.text


async def test_a_listener_who_is_gone_is_noticed_at_the_next_bit(bits: Bits) -> None:
    """As the hub is served: a handler goes on when its client has gone."""
    runner = web.AppRunner(bits_application(bits), shutdown_timeout=1)
    await runner.setup()
    with listening_socket("127.0.0.1", 0) as listening:
        await web.SockSite(runner, listening).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with ClientSession(url) as client:
            answer = await client.get("/bits")
            bits.queue.put_nowait(b"one")
            await answer.content.readany()
        async with asyncio.timeout(LIMIT):
            while not bits.over.is_set():
                bits.queue.put_nowait(b"more")
                await asyncio.sleep(0.005)
        await runner.cleanup()


async def test_stopping_waits_for_the_last_words_and_no_longer(bits: Bits) -> None:
    async with serving(bits) as client:
        answer = await client.get("/bits")
        stopping = asyncio.create_task(client.server.close())
        bits.queue.put_nowait(b"last")
        assert await asyncio.wait_for(answer.content.readany(), LIMIT) == b"last"
        # It goes on, but nobody waits.
        await asyncio.wait_for(stopping, LIMIT)
        assert bits.over.is_set()


async def test_who_takes_nothing_is_let_go(bits: Bits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "STUCK_S", 0.05)
    async with serving(bits) as client:
        _, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.write(b"GET /bits HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in range(64):
            # More than any buffer on the way takes.
            bits.queue.put_nowait(b"x" * 1_000_000)
        await asyncio.wait_for(bits.over.wait(), LIMIT)
        writer.close()
