"""Messages go on to the units' system: signed, again until they are taken, each once in order."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.config import Webhook as Settings
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.incidents import webhook as module
from hub.incidents.webhook import MESSAGE, SIGNATURE, WebhookAt, signature
from hub.messaging.child import Broker
from hub.protocol.entries import EntryKind
from tests.hub.changes.listening import listening
from tests.hub.waiting import LIMIT
from tests.hub.whole import WholeHub, whole_hub

SECRET = "correct horse battery".replace(" ", "-")


@dataclass
class Units:
    """The units' system: what it was sent, and how it answers next."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: asyncio.Queue[tuple[dict[str, str], bytes, int]] = field(default_factory=asyncio.Queue)

    async def take(self, request: web.Request) -> web.Response:
        status = self.answers.pop(0) if self.answers else 204
        body = await request.read()
        self.got.put_nowait((dict(request.headers), body, status))
        return web.Response(status=status)

    async def next(self) -> tuple[dict[str, str], Any, int]:
        """Return the next message that came, after checking its signature."""
        headers, body, status = await asyncio.wait_for(self.got.get(), LIMIT)
        at, _, mac = headers[SIGNATURE].removeprefix("t=").partition(",v1=")
        wanted = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256)
        assert hmac.compare_digest(mac, wanted.hexdigest())
        return headers, json.loads(body), status


@pytest.fixture
async def units() -> AsyncIterator[Units]:
    system = Units()
    application = web.Application()
    application.router.add_post("/messages", system.take)
    async with TestServer(application) as server:
        system.url = str(server.make_url("/messages"))
        yield system


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)


@asynccontextmanager
async def hub_at(
    url: str, folder: DataFolder, authority: Authority, broker: Broker
) -> AsyncIterator[WholeHub]:
    async with whole_hub(folder, authority, broker, webhook=WebhookAt(url, SECRET)) as whole:
        yield whole


async def say(whole: WholeHub, incident: str, **body: object) -> Any:
    answer = await whole.ask("POST", f"incidents/{incident}/messages", body)
    assert answer.status == 201, answer.json
    return answer.json


async def test_a_message_goes_on_with_its_still(
    units: Units, folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    async with hub_at(units.url, folder, authority, broker) as whole:
        home, incident = await whole.home(), await whole.incident()
        answer = await whole.look(incident, home.identity.camera)
        async with listening(whole) as ear:
            await ear.until("everything")
            message = await say(
                whole, incident, text="Blue sedan", look=answer.headers["RTCC-Look"]
            )
            headers, value, _ = await units.next()
            await ear.until("message", id=message["id"], sent=True)
        assert headers[MESSAGE] == value["id"] == message["id"]
        assert (value["text"], value["by"]) == ("Blue sedan", message["by"])
        assert value["incident"]["reference"] == "CAD-2026-1"
        assert base64.b64decode(value["picture"]["data"]) == answer.body
        entries = await whole.entries(EntryKind.MESSAGE)
        assert [(one.outcome, one.actor) for one in entries] == [
            ("written", message["by"]),
            ("sent", "hub"),
        ]
        # The owner can read that the picture left the hub.
        sent = (await whole.entries(EntryKind.PICTURE))[-1]
        assert (sent.outcome, sent.home) == ("sent", home.identity.home)


async def test_what_is_refused_is_sent_again_and_holds_nothing_up(
    units: Units, folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    units.answers = [500, 302, 404]
    async with hub_at(units.url, folder, authority, broker) as whole:
        incident = await whole.incident()
        first = await say(whole, incident, text="one")
        second = await say(whole, incident, text="two")
        taken: list[str] = []
        while len(taken) < 2:
            _, value, status = await units.next()
            if status == 204:
                taken.append(value["id"])
        assert set(taken) == {first["id"], second["id"]}
        async with listening(whole) as ear:
            told = (await ear.until("everything"))["messages"]
            while not all(one["sent"] for one in told):
                told = [await ear.until("message", sent=True)]


async def test_a_system_that_is_away_gets_it_after_a_restart_of_the_hub(
    units: Units, folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    async with hub_at("http://127.0.0.1:9/", folder, authority, broker) as whole:
        message = await say(whole, await whole.incident(), text="one")
    async with hub_at(units.url, folder, authority, broker):
        _, value, _ = await units.next()
    assert value["id"] == message["id"]


async def test_a_still_that_was_deleted_is_left_out(
    units: Units, folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    async with hub_at("http://127.0.0.1:9/", folder, authority, broker) as whole:
        home, incident = await whole.home(), await whole.incident()
        look = (await whole.look(incident, home.identity.camera)).headers["RTCC-Look"]
        message = await say(whole, incident, text="one", look=look)
        assert (await whole.ask("DELETE", f"pictures/{message['picture']}")).status == 200
    async with hub_at(units.url, folder, authority, broker):
        _, value, _ = await units.next()
    assert value["picture"] is None


def test_the_signature_is_of_the_time_too() -> None:
    assert signature(SECRET, 1, b"{}") != signature(SECRET, 2, b"{}").replace("t=2", "t=1")


def test_without_an_address_there_is_no_webhook() -> None:
    assert WebhookAt.of(Settings()) is None
    at = WebhookAt.of(Settings(url="https://units.example.gov/in", secret=SECRET))
    assert at == WebhookAt("https://units.example.gov/in", SECRET)


def test_what_is_not_signed_is_not_sent() -> None:
    with pytest.raises(ValueError, match="secret"):
        Settings(url="https://units.example.gov/in")
