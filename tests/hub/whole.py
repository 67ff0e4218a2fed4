"""A whole hub in this process: real store, real broker, the real API, and homes to lend cameras."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from demo.simulated import SimulatedHome, enrol
from hub.assembly import Hub, Parts
from hub.config import Documents
from hub.data import DataFolder
from hub.documents.rules import read_rules
from hub.homes.authority import Authority, open_hub_key
from hub.homes.codes import Codes
from hub.homes.homes import Homes
from hub.incidents.webhook import WebhookAt
from hub.messaging.child import Broker
from hub.messaging.inbox import REPLY_SUBSCRIPTIONS, SUBSCRIPTIONS
from hub.messaging.setup import broker_bus
from hub.operators.accounts import Account
from hub.operators.actors import BY_COMMAND
from hub.operators.csrf import COOKIE, csrf_token
from hub.operators.csrf import HEADER as CSRF_HEADER
from hub.operators.door import Door
from hub.operators.tokens import Tokens, TokenScope
from hub.pictures.vault import Vault
from hub.protocol.city import City
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.geo import Point
from hub.protocol.keys import to_jwk
from hub.protocol.receipt import Acknowledgement
from hub.protocol.reply import Reply
from hub.protocol.request import Request
from hub.protocol.vocabulary import Role
from hub.registrations.mail import Mailer
from hub.store.tables import log_entries
from hub.streams.turn import IceServers
from hub.transparency.log import AccessLog
from hub.transparency.witnesses import WitnessAt
from tests.hub.migrated import open_migrated
from tests.hub.waiting import LIMIT

CAPITOL = Point(32.3038, -90.1821)
ROBBERY: dict[str, Any] = {
    "kind": "robbery",
    "reference": "CAD-2026-1",
    "lat": CAPITOL.lat,
    "lon": CAPITOL.lon,
    "radius_m": 400,
}


type Script = Callable[[Request, Reply], Reply | bytes | None]
type WordScript = Callable[[Acknowledgement], Acknowledgement | bytes | None]


@dataclass(eq=False)
class ScriptedHome(SimulatedHome):
    """A simulated home whose replies a test rewrites: signed again, raw bytes, or silence."""

    script: Script = field(default=lambda _request, reply: reply)
    asked: asyncio.Queue[Request] = field(default_factory=asyncio.Queue)
    word: WordScript = field(default=lambda word: word)
    receipted: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def acknowledgement(self, word: Acknowledgement, now: datetime) -> bytes | None:
        """Keep the receipt's id, and answer as the script says."""
        self.receipted.put_nowait(word.receipt)
        answer = self.word(word)
        return (
            super().acknowledgement(answer, now) if isinstance(answer, Acknowledgement) else answer
        )

    def payload(self, request: Request, reply: Reply) -> bytes | None:
        """Keep the request, and answer as the script says."""
        self.asked.put_nowait(request)
        answer = self.script(request, reply)
        return super().payload(request, answer) if isinstance(answer, Reply) else answer


@dataclass
class WholeHub:
    """A hub that runs, a client with every scope, and what tests need to look behind it."""

    hub: Hub
    client: TestClient[Any, Any]
    engine: AsyncEngine
    homes: Homes
    tokens: Tokens
    codes: Codes
    broker: Broker
    clock: Clock
    bearer: str
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call the API; the path is below /api/v1 unless it is given whole.

        The caller is the test's token, another `bearer`, or whoever the `headers` say.
        """
        if headers is None:
            headers = {"Authorization": f"Bearer {self.bearer if bearer is None else bearer}"}
        url = path if path.startswith("/") else f"/api/v1/{path}"
        async with self.client.request(method, url, json=body, headers=headers) as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def operator(self, role: Role) -> dict[str, str]:
        """Make an account with a session, and return the headers that its browser would send.

        Use them as `whole.ask("POST", path, body, headers=headers)`. The account's id is in
        `whole.accounts[headers["Cookie"]]`.
        """
        room = self.hub.operators
        account, _ = await room.accounts.invite("Ann Operator", role, BY_COMMAND)
        async with self.hub.log.writing() as page:
            cookie, _ = await room.sessions.open(page, account.id, "passkey")
        headers = {
            "Cookie": f"{COOKIE}={cookie}",
            CSRF_HEADER: csrf_token(cookie),
            "Origin": room.door.origin,
        }
        self.accounts[headers["Cookie"]] = account
        return headers

    async def city(self) -> City:
        return City.parse((await self.ask("GET", "city")).json)

    async def home(
        self,
        place: Point = CAPITOL,
        script: Script | None = None,
        *,
        live: bool = True,
        streaming: bool = False,
    ) -> ScriptedHome:
        """Enrol a home, connect it, and wait until its camera is live."""

        async def post(path: str, body: object) -> object:
            answer = await self.ask("POST", path, body)
            assert answer.status == 201, answer.json
            return answer.json

        city = await self.city()
        code = await self.codes.create("", self.clock())
        identity = await enrol(post, city, str(code), "Porch", place)
        home = ScriptedHome(identity, city, streaming=streaming)
        if script is not None:
            home.script = script
        self.tasks.append(asyncio.create_task(home.run()))
        await asyncio.wait_for(home.online.wait(), LIMIT)
        if live:
            await self.until_live(home)
        return home

    async def live(self, place: Point = CAPITOL, radius: float = 400) -> list[str]:
        """Return the ids of the cameras that the API calls live."""
        path = f"grants?lat={place.lat}&lon={place.lon}&radius={radius}"
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer.json
        return [feature["properties"]["camera"] for feature in answer.json["features"]]

    async def until_live(self, home: SimulatedHome, *, live: bool = True) -> None:
        """Wait until the API says that the home's camera is live, or that it is not."""
        identity = home.identity
        async with asyncio.timeout(LIMIT):
            while (identity.camera in await self.live(identity.place)) is not live:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def incident(self, **changes: object) -> str:
        """Open an incident and return its id."""
        answer = await self.ask("POST", "incidents", ROBBERY | changes)
        assert answer.status == 201, answer.json
        return str(answer.json["id"])

    async def look(self, incident: str, camera: str) -> Answer:
        """Take a snapshot."""
        return await self.ask(
            "POST", f"incidents/{incident}/looks", {"camera": camera, "scope": "snapshot"}
        )

    async def entries(self, *kinds: EntryKind) -> list[Entry]:
        """Return the log's entries of these kinds."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(
                select(log_entries.c.data)
                .where(log_entries.c.kind.in_(kinds))
                .order_by(log_entries.c.index)
            )
            return [Entry.parse(row.data) for row in rows]

    async def counted(self, line: str) -> float:
        """Return one value of the metrics."""
        text = (await self.ask("GET", "/metrics")).body.decode()
        for found in text.splitlines():
            if found.startswith(f"{line} "):
                return float(found.split()[-1])
        return 0.0

    async def until_counted(self, line: str, value: float = 1) -> None:
        """Wait until the metrics say so."""
        async with asyncio.timeout(LIMIT):
            while await self.counted(line) != value:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Answer:
    """A response that was read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """Return the problem's name, after checking its form."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.body
        value = self.json
        assert value["status"] == self.status
        assert value["title"]
        assert value["detail"]
        return str(value["type"]).removeprefix("urn:jackson-rtcc:problem:")


@dataclass
class Clock:
    """The hub's clock: the machine's, moved as far as a test likes."""

    moved: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.moved


@asynccontextmanager
async def whole_hub(
    folder: DataFolder,
    authority: Authority,
    broker: Broker,
    mailer: Mailer | None = None,
    door: Door | None = None,
    witnesses: tuple[WitnessAt, ...] = (),
    ice: IceServers | None = None,
    *,
    strict_etag: bool = False,
    webhook: WebhookAt | None = None,
) -> AsyncIterator[WholeHub]:
    """Run a hub at a broker until the context ends."""
    clock = Clock()
    signer = open_hub_key(folder)
    rules = read_rules(folder.path, Documents())
    engine = await open_migrated(folder)
    log = AccessLog(engine, signer, clock)
    homes = Homes(engine, authority, signer.kid, rules.waiver, rules.policy, log)
    homes.on_crl = broker.reload
    tokens = Tokens(engine, log)
    await homes.load(clock())
    bearer, _ = await tokens.create("test", Role.OFFICER, frozenset(TokenScope), clock())
    hub = Hub(
        Parts(
            engine=engine,
            log=log,
            signer=signer,
            ca_pem=authority.pem,
            homes=homes,
            tokens=tokens,
            waiver=rules.waiver,
            policy=rules.policy,
            city={
                "name": "Jackson",
                "key": to_jwk(signer.key.public_key()),
                "waiver": rules.waiver_document,
                "policy": rules.policy_document,
                "broker": {"host": None, "port": broker.port},
            },
            bus=broker_bus(
                authority,
                host=broker.host,
                port=broker.port,
                messages=SUBSCRIPTIONS,
                replies=REPLY_SUBSCRIPTIONS,
                now=clock(),
            ),
            version="test",
            now=clock,
            witnesses=witnesses,
            door=door or Door(),
            vault=Vault.open(folder),
            mailer=mailer,
            ice=ice or IceServers(),
            strict_etag=strict_etag,
            webhook=webhook,
        )
    )
    await hub.start()
    client = TestClient(TestServer(hub.application()))
    await client.start_server()
    whole = WholeHub(
        hub, client, engine, homes, tokens, Codes(engine, log, authority.der), broker, clock, bearer
    )
    try:
        async with asyncio.timeout(LIMIT):
            while (await whole.ask("GET", "/readyz")).status != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        yield whole
    finally:
        for task in whole.tasks:
            task.cancel()
        await asyncio.gather(*whole.tasks, return_exceptions=True)
        await client.close()
        await hub.stop()
        await engine.dispose()
