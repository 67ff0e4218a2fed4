"""What the page that plays a stream hears: as it happens, from the beginning, until the end."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import select

from hub.http.routes import Call, Nothing
from hub.operators.tokens import TokenScope
from hub.protocol.reply import Reply
from hub.protocol.request import Request
from hub.protocol.session import Act
from hub.protocol.stream import Candidate
from hub.protocol.vocabulary import Role
from hub.store.tables import sessions
from hub.streams.events_api import EventsApi
from hub.streams.told import Found, Leased
from tests.hub.conftest import until
from tests.hub.streams.player import CANDIDATE, WhepPlayer
from tests.hub.streams.streaming import Streaming, signed_in, streaming
from tests.hub.waiting import LIMIT
from tests.hub.whole import WholeHub


@pytest.fixture
async def here(whole: WholeHub) -> Streaming:
    return await streaming(whole)


@pytest.fixture
def player(here: Streaming) -> WhepPlayer:
    return WhepPlayer.of(here)


@asynccontextmanager
async def listening(player: WhepPlayer, address: str) -> AsyncIterator[ClientResponse]:
    path = f"{address}/events"
    async with player.whole.client.get(path, headers=player.credentials) as response:
        assert response.status == 200
        yield response


async def event(response: ClientResponse) -> tuple[str, dict[str, Any]]:
    """Return the next event, past what is none."""
    async with asyncio.timeout(LIMIT):
        while True:
            block = await response.content.readuntil(b"\n\n")
            said = dict(line.split(": ", 1) for line in block.decode().strip().split("\n"))
            if "event" in said:
                return said["event"], json.loads(said["data"])


async def test_all_that_happens_to_a_stream(here: Streaming, player: WhepPlayer) -> None:
    address, started = await player.start()
    look = started.headers["RTCC-Look"]
    async with listening(player, address) as page:
        assert page.headers["Content-Type"] == "text/event-stream"
        assert page.headers["Cache-Control"] == "no-store"
        name, lease = await event(page)
        assert name == "lease"
        assert datetime.fromisoformat(lease["until"]) == datetime.fromisoformat(
            started.headers["RTCC-Until"]
        )
        here.home.streams.say(look, Act.CANDIDATES, candidates=(Candidate(CANDIDATE, "0", 0),))
        late = {"candidates": [{"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0}]}
        assert await event(page) == ("candidates", late)
        here.whole.clock.moved += timedelta(seconds=20)
        renewed = await player.send("POST", f"{address}/lease")
        assert await event(page) == ("lease", renewed.json)
        # Who comes later, or back, hears how things stand.
        async with listening(player, address) as again:
            assert await event(again) == ("lease", renewed.json)
            assert await event(again) == ("candidates", late)
            here.home.streams.end(look, "not_sharing")
            for each in (page, again):
                # What the owner did is not told apart from anything else.
                assert await event(each) == ("ended", {"reason": "no_longer_available"})
                assert await each.content.read() == b""
    over = await player.send("GET", f"{address}/events")
    assert over.problem == "not-found"


async def test_no_candidate_is_lost_between_the_answer_and_who_listens(
    here: Streaming, player: WhepPlayer
) -> None:
    def say(look: str, line: str) -> None:
        here.home.streams.say(look, Act.CANDIDATES, candidates=(Candidate(line, "0", 0),))

    def chatting(request: Request, reply: Reply) -> Reply:
        say(request.id, CANDIDATE)
        return reply

    here.home.script = chatting
    address, started = await player.start()
    look = started.headers["RTCC-Look"]
    session = here.whole.hub.streams.find(address.rpartition("/")[2])
    assert session is not None
    listener = session.events()
    say(look, f"{CANDIDATE} generation 0")
    async with asyncio.timeout(LIMIT):
        told = [await anext(listener) for _ in range(3)]
    assert [type(each) for each in told] == [Leased, Found, Found]
    # All of that was before this one listens.
    async with listening(player, address) as page:
        assert (await event(page))[0] == "lease"
        name, data = await event(page)
        assert name == "candidates"
        lines = [each["candidate"] for each in data["candidates"]]
        assert lines == [CANDIDATE, f"{CANDIDATE} generation 0"]


async def test_only_whoever_began_it_hears(here: Streaming, player: WhepPlayer) -> None:
    address, _ = await player.start()
    other, _ = await here.whole.tokens.create(
        "another", Role.OFFICER, frozenset(TokenScope), here.whole.clock()
    )
    for credentials, problem in (
        ({}, "unauthenticated"),
        ({"Authorization": f"Bearer {other}"}, "not-found"),
    ):
        answer = await player.send("GET", f"{address}/events", credentials=credentials)
        assert answer.problem == problem


async def test_listening_keeps_no_session_from_locking(here: Streaming) -> None:
    _, browser = await signed_in(here.whole)
    player = WhepPlayer(here.whole, here.incident, here.camera, browser)
    address, _ = await player.start()

    async def used() -> datetime:
        async with here.whole.engine.connect() as connection:
            found = await connection.scalar(select(sessions.c.used))
            assert isinstance(found, datetime)
            return found

    before = await used()
    here.whole.clock.moved += timedelta(seconds=30)
    async with listening(player, address) as page:
        await event(page)
    assert await used() == before
    # Anything else that is not said to be in the background is use.
    await player.send("GET", f"{player.base}/player")
    assert await used() > before


async def test_a_page_that_is_gone_is_forgotten(here: Streaming, player: WhepPlayer) -> None:
    address, _ = await player.start()
    session = here.whole.hub.streams.find(address.rsplit("/", 1)[1])
    assert session is not None
    async with listening(player, address) as page:
        await event(page)
        assert len(session._listeners) == 1
        page.close()
    await until(lambda: not session._listeners)


async def test_the_page_hears_that_the_hub_stops(here: Streaming, player: WhepPlayer) -> None:
    address, _ = await player.start()
    async with listening(player, address) as page:
        await event(page)
        server = here.whole.client.server
        assert server.runner is not None
        stopping = asyncio.create_task(server.close())
        assert await event(page) == ("ended", {"reason": "hub_stopped"})
        await stopping


async def test_silence_is_broken_before_a_proxy_hangs_up(here: Streaming) -> None:
    session = await here.open()
    call: Call[Nothing, Nothing] = Call(
        request=SimpleNamespace(),  # type: ignore[arg-type]
        path={"secret": session.secret},
        query=Nothing(),
        body=Nothing(),
        caller=here.caller,
    )
    answer = await EventsApi(here.whole.hub.streams, 0.01).stream_events(call)
    parts = answer.value
    assert isinstance(parts, AsyncGenerator)
    async with asyncio.timeout(LIMIT):
        heard = [await anext(parts) for _ in range(4)]
        assert heard[0] == b"retry: 1000\n\n"
        assert heard[1].startswith(b"event: lease\n")
        assert heard[2:] == [b": nothing new\n\n"] * 2
        await here.whole.hub.streams.close(session)
        rest = [part async for part in parts]
    assert rest[-1] == b'event: ended\ndata: {"reason":"stopped"}\n\n'
    assert not session._listeners
