"""Someone who owns the broker: they hear everything, say anything, and get no picture."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe

import aiomqtt
import pytest
import pytest_asyncio

from demo.stack import Stack
from demo.waiting import free_port, until
from hub.data import DataFolder
from hub.homes.authority import open_hub_key
from hub.protocol import topics
from hub.protocol.city import City
from hub.protocol.geo import Circle, Point
from hub.protocol.request import Operator, Request, sign_request
from hub.protocol.rules import Incident
from hub.protocol.tokens import Signer
from hub.protocol.vocabulary import Role, Scope
from tests.e2e.conftest import AWAY, HOME, home_id, working
from tests.e2e.forging import claims, foreign_signer, with_header

LIMIT = 60.0
CONFIGURATION = """\
{user}per_listener_settings true
listener {homes}
cafile {keys}/ca.pem
certfile {keys}/server.pem
keyfile {keys}/server.key
require_certificate true
use_identity_as_username true
allow_anonymous true
listener {ours} 127.0.0.1
allow_anonymous true
"""


@dataclass(kw_only=True)
class Thief:
    """A broker in the place of the city's, with its certificate, that allows everything."""

    client: aiomqtt.Client
    home: str
    camera: str
    city: City
    hub: Signer
    heard: list[tuple[str, bytes]] = field(default_factory=list)

    async def listen(self) -> None:
        await self.client.subscribe("#", qos=1)
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((str(message.topic), message.payload))

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

        return (await until(published, "the home did not come to our broker", LIMIT))[-1]

    def request(self, grant: str, **changes: object) -> Request:
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
        }
        return Request(**(wanted | changes))  # type: ignore[arg-type]

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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def thief(
    stack: Stack, mosquitto: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Thief]:
    """Stop the hub, and take its broker's place with its broker's certificate."""
    path, hub = await working(stack), stack.hub
    home = home_id(stack)
    city = City.parse(await path.operator.ask("GET", "/api/v1/city"))
    ours = free_port(host="127.0.0.1")
    configuration = tmp_path_factory.mktemp("thief") / "thief.conf"
    configuration.write_text(
        CONFIGURATION.format(
            user="user root\n" if os.geteuid() == 0 else "",
            homes=hub.mqtt_port,
            ours=ours,
            keys=hub.data / "keys",
        )
    )
    assert hub.child is not None
    await hub.child.stop()
    broker = await stack.processes.start("thief", [mosquitto, "-c", configuration])
    try:
        await broker.ready(until(lambda: _listening(ours), "it does not listen", LIMIT))
        async with aiomqtt.Client("127.0.0.1", ours) as client:
            thief = Thief(
                client=client,
                home=home,
                camera=path.camera,
                city=city,
                hub=open_hub_key(DataFolder.open(hub.data)),
            )
            listening = asyncio.create_task(thief.listen())
            try:
                yield thief
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening
    finally:
        await broker.stop()
        await hub.start()


type Forger = Callable[[Thief, Request], str]


def under_its_own_name(_: Thief, request: Request) -> str:
    return sign_request(foreign_signer(), request)


def under_the_hub_s_name(thief: Thief, request: Request) -> str:
    return sign_request(foreign_signer(thief.hub.kid), request)


def unsigned(thief: Thief, request: Request) -> str:
    return with_header(sign_request(thief.hub, request), alg="none")


def with_another_end(thief: Thief, request: Request) -> str:
    token = sign_request(thief.hub, request)
    return token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)


def made_for_another_home(thief: Thief, request: Request) -> str:
    return sign_request(thief.hub, replace(request, home="0123456789abcdef"))


FORGERS: list[Forger] = [
    under_its_own_name,
    under_the_hub_s_name,
    unsigned,
    with_another_end,
    made_for_another_home,
]


async def test_no_forged_request_is_answered_and_no_picture_leaves(thief: Thief) -> None:
    grant = await thief.grant()
    forged, before = [thief.request(grant) for _ in FORGERS], len(thief.heard)
    genuine = thief.request(grant)

    for forger, request in zip(FORGERS, forged, strict=True):
        await thief.ask(forger(thief, request))
    # Only the hub's key opens the home; this also shows that a picture would be seen here.
    await thief.ask(sign_request(thief.hub, genuine))
    token, _, picture = (await thief.reply(genuine.id)).partition(b"\n")

    assert claims(token)["outcome"] == "ok"
    assert picture.startswith(b"\xff\xd8")
    assert set(thief.replies(before)) == {genuine.id}


async def test_a_recorded_request_is_good_once(thief: Thief) -> None:
    grant, before = await thief.grant(), len(thief.heard)
    token = sign_request(thief.hub, request := thief.request(grant))
    await thief.ask(token)
    await thief.reply(request.id)
    old = thief.request(grant, issued=datetime.now(UTC) - timedelta(minutes=2))

    for one in (token, token, sign_request(thief.hub, old)):
        await thief.ask(one)
    await thief.ask(sign_request(thief.hub, last := thief.request(grant)))
    await thief.reply(last.id)

    assert len(_pictures(thief, before)) == 2
    assert b"\xff\xd8" not in await thief.reply(old.id)


LIMITS: dict[str, tuple[dict[str, object], str]] = {
    "another part of town": ({"circle": Circle(Point(*AWAY), 400)}, "outside_circle"),
    "a circle over the whole city": ({"circle": Circle(Point(*HOME), 50_000)}, "circle_too_large"),
    "a kind that the policy does not know": ({"kind": "curiosity"}, "kind_not_allowed"),
    "an incident of last week": (
        {"opened": datetime.now(UTC) - timedelta(days=7)},
        "incident_too_old",
    ),
}


async def test_the_hub_s_stolen_key_opens_nothing_beyond_the_policy(thief: Thief) -> None:
    """Rule 3: the home checks everything again by itself."""
    grant, before = await thief.grant(), len(thief.heard)
    for changes, reason in LIMITS.values():
        request = thief.request(grant, incident=incident(**changes))
        await thief.ask(sign_request(thief.hub, request))
        answer = await thief.reply(request.id)
        assert claims(answer)["reason"] == reason
    for request in (
        thief.request("never-given"),
        thief.request(grant, action=Scope.STREAM),
        thief.request(grant, policy="x" * 43),
    ):
        await thief.ask(sign_request(thief.hub, request))
        assert claims(await thief.reply(request.id))["outcome"] == "refused"
    assert _pictures(thief, before) == []


async def test_names_and_ways_of_the_house_are_not_on_the_wire(thief: Thief) -> None:
    grant = await thief.grant()
    await thief.ask(sign_request(thief.hub, request := thief.request(grant)))
    await thief.reply(request.id)

    sent = [(topic, payload) for topic, payload in thief.heard if "/requests" not in topic]
    assert {topic.split("/")[3] for topic, _ in sent} == {"presence", "grants", "replies"}
    said = "\n".join(
        str(claims(payload.partition(b"\n")[0])) for _, payload in sent if b"." in payload
    )
    for secret in ("Demo Resident", "camera.", "demo_camera", "picture.jpg", "Demo home"):
        assert secret not in said


def _pictures(thief: Thief, since: int) -> list[bytes]:
    return [payload for _, payload in thief.heard[since:] if b"\n\xff\xd8" in payload]


async def _listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


pytestmark = pytest.mark.timeout(180)
