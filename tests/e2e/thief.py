"""A thief of the hub's key, its database and its broker's certificate, for the tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_urlsafe

import aiomqtt
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from demo.waiting import until
from hub.data import DataFolder
from hub.protocol import topics
from hub.protocol.city import City
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.geo import Circle, Point
from hub.protocol.look_entry import ALLOWED, look_about
from hub.protocol.merkle import Tree
from hub.protocol.proofs import Logged, bind
from hub.protocol.request import Operator, Request, sign_request
from hub.protocol.rules import Incident
from hub.protocol.tokens import Signer
from hub.protocol.vocabulary import Role, Scope
from hub.store.engine import open_database
from hub.store.tables import log_entries
from hub.transparency.log import AccessLog
from tests.e2e.conftest import HOME
from tests.e2e.forging import claims

LIMIT = 60.0


@dataclass(kw_only=True)
class Thief:
    """A broker in the place of the city's, with its certificate, that allows everything.

    `log` is the city's own, written with the stolen key; `since` is how far the home has seen it.
    """

    client: aiomqtt.Client
    home: str
    camera: str
    city: City
    hub: Signer
    log: AccessLog
    since: int
    heard: list[tuple[str, bytes]] = field(default_factory=list)

    async def listen(self) -> None:
        await self.client.subscribe("#", qos=1)
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((str(message.topic), message.payload))
            if "/replies/" in str(message.topic):
                self.since = int(str(claims(message.payload.partition(b"\n")[0])["log_size"]))

    def replies(self, since: int = 0) -> dict[str, bytes]:
        prefix = topics.replies(self.home, "")
        return {
            topic.removeprefix(prefix): payload
            for topic, payload in self.heard[since:]
            if topic.startswith(prefix)
        }

    async def grant(self) -> str:
        """Return the id of the grant that the home has published, which we can read as well."""
        topic = topics.grants(self.home, self.camera)

        async def published() -> list[str]:
            return [
                str(claims(payload)["jti"])
                for heard, payload in self.heard
                if heard == topic and "scope" in claims(payload)
            ]

        grant = (await until(published, "the home did not come to our broker", LIMIT))[-1]
        # Whatever it answers to this, it says how much of the log it has seen.
        await self.ask(sign_request(self.hub, probe := await self.request("never-given")))
        await self.reply(probe.id)
        return grant

    async def request(self, grant: str, **changes: object) -> Request:
        """Return a request as the hub makes it, with its entry in the city's log."""
        now = datetime.now(UTC)
        wanted: dict[str, object] = {
            "id": token_urlsafe(16),
            "hub": self.city.hub,
            "home": self.home,
            "camera": self.camera,
            "grant": grant,
            "action": Scope.SNAPSHOT,
            "incident": incident(),
            "operator": Operator(pseudonym="officer-7F3K", role=Role.OFFICER),
            "policy": self.city.policy.digest,
            "issued": now,
            "log": None,
        }
        request = Request(**(wanted | changes))  # type: ignore[arg-type]
        return replace(request, log=await self.logged(request))

    async def logged(self, request: Request, **changes: object) -> Logged:
        """Write the entry of a request, or one with changes, into the city's log."""
        entry: dict[str, object] = {
            "actor": request.operator.pseudonym,
            "role": request.operator.role,
            "outcome": ALLOWED,
            "home": self.home,
            "about": look_about(
                look=request.id,
                camera=request.camera,
                grant=request.grant,
                scope=request.action,
                incident=request.incident,
                policy=request.policy,
            ),
        }
        written = await self.log.write(EntryKind.LOOK, **(entry | changes))  # type: ignore[arg-type]
        return self.log.book.logged(written.entry, written.index, self.since)

    def forged(self, request: Request, entries: list[Entry], since: int | None = None) -> Logged:
        """Return the proof of a request in a log of these entries, which is not the city's."""
        book = bind(Tree(entry.hash for entry in entries), self.hub.key, self.hub.kid)
        own = request.log.proof.entry
        return book.logged(own, entries.index(own), self.since if since is None else since)

    async def history(self) -> list[Entry]:
        """Return the entries of the city's log."""
        async with self.log.writing() as page:
            rows = await page.connection.execute(
                select(log_entries.c.data).order_by(log_entries.c.index)
            )
            return [Entry.parse(row.data) for row in rows]

    async def ask(self, token: str) -> None:
        await self.client.publish(topics.requests(self.home), token, qos=1)

    async def reply(self, request: str) -> bytes:
        async def came() -> bool:
            return request in self.replies()

        await until(came, "no reply", LIMIT)
        return self.replies()[request]


def incident(**changes: object) -> Incident:
    wanted: dict[str, object] = {
        "id": "made-up",
        "kind": "robbery",
        "reference": "CAD-666",
        "opened": datetime.now(UTC),
        "circle": Circle(Point(*HOME), 400),
    }
    return Incident(**(wanted | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def store(folder: DataFolder) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(folder)
    try:
        yield engine
    finally:
        await engine.dispose()
