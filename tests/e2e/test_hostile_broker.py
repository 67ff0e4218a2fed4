"""Someone who owns the broker: they hear everything, say anything, and get no picture.

With the hub's key and its database they can do what the hub can, and no more: a look leaves its
entry in the log, and any other log is refused.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_urlsafe

import aiomqtt
import pytest
import pytest_asyncio
from sqlalchemy import select

from demo.stack import Stack
from demo.waiting import free_port, until
from hub.data import DataFolder
from hub.homes.authority import open_hub_key
from hub.protocol.city import City
from hub.protocol.geo import Circle, Point
from hub.protocol.proofs import Logged, bind
from hub.protocol.request import REQUEST, Request, sign_request
from hub.protocol.stream import Offer
from hub.protocol.vocabulary import Scope
from hub.store.tables import homes
from hub.transparency.log import AccessLog
from tests.e2e.conftest import AWAY, HOME, home_id, working
from tests.e2e.forging import claims, foreign_signer, with_header
from tests.e2e.thief import LIMIT, Thief, incident, store

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
        folder = DataFolder.open(hub.data)
        signer = open_hub_key(folder)
        async with aiomqtt.Client("127.0.0.1", ours) as client, store(folder) as engine:
            log = AccessLog(engine, signer, lambda: datetime.now(UTC))
            await log.load()
            async with engine.connect() as connection:
                since = await connection.scalar(
                    select(homes.c.log_size).where(homes.c.home == home)
                )
            thief = Thief(
                client=client,
                home=home,
                camera=path.camera,
                city=city,
                hub=signer,
                log=log,
                since=since or 0,
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
    forged, before = [await thief.request(grant) for _ in FORGERS], len(thief.heard)
    genuine = await thief.request(grant)

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
    token = sign_request(thief.hub, request := await thief.request(grant))
    await thief.ask(token)
    await thief.reply(request.id)
    old = await thief.request(grant, issued=datetime.now(UTC) - timedelta(minutes=2))

    for one in (token, token, sign_request(thief.hub, old)):
        await thief.ask(one)
    await thief.ask(sign_request(thief.hub, last := await thief.request(grant)))
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
        request = await thief.request(grant, incident=incident(**changes))
        await thief.ask(sign_request(thief.hub, request))
        answer = await thief.reply(request.id)
        assert claims(answer)["reason"] == reason
    others: list[dict[str, object]] = [
        {"grant": "never-given"},
        {"action": Scope.STREAM, "offer": Offer("v=0\r\n")},
        {"policy": "x" * 43},
    ]
    for other in others:
        request = await thief.request(**({"grant": grant} | other))  # type: ignore[arg-type]
        await thief.ask(sign_request(thief.hub, request))
        assert claims(await thief.reply(request.id))["outcome"] == "refused"
    assert _pictures(thief, before) == []


type Liar = Callable[[Thief, Request], Awaitable[Logged]]


async def of_another_look(thief: Thief, request: Request) -> Logged:
    return await thief.logged(replace(request, id=token_urlsafe(16)))


async def of_a_refused_look(thief: Thief, request: Request) -> Logged:
    return await thief.logged(request, outcome="refused")


async def of_another_operator(thief: Thief, request: Request) -> Logged:
    return await thief.logged(request, actor="officer-0000")


async def of_another_time(_: Thief, request: Request) -> Logged:
    entry = replace(request.log.proof.entry, time=request.issued - timedelta(minutes=5))
    return replace(request.log, proof=replace(request.log.proof, entry=entry))


async def in_a_fork(thief: Thief, request: Request) -> Logged:
    *before, own = await thief.history()
    changed = replace(before[0], outcome="something else")
    return thief.forged(request, [changed, *before[1:], own])


async def in_a_log_that_begins_anew(thief: Thief, request: Request) -> Logged:
    return thief.forged(request, [request.log.proof.entry] * (thief.since + 1))


async def in_a_log_that_lost_its_end(thief: Thief, request: Request) -> Logged:
    entries = await thief.history()
    return thief.forged(request, [*entries[: thief.since - 1], request.log.proof.entry])


async def in_a_log_that_somebody_else_signed(thief: Thief, request: Request) -> Logged:
    stranger = foreign_signer()
    book = bind(thief.log.book.tree, stranger.key, thief.hub.kid)
    return book.logged(request.log.proof.entry, request.log.proof.index, thief.since)


async def not_in_the_log_at_all(_: Thief, request: Request) -> Logged:
    entry = replace(request.log.proof.entry, salt="another")
    return replace(request.log, proof=replace(request.log.proof, entry=entry))


LIARS: dict[Liar, str] = {
    of_another_look: "log_entry",
    of_a_refused_look: "log_entry",
    of_another_operator: "log_entry",
    of_another_time: "log_inclusion",
    in_a_fork: "log_consistency",
    in_a_log_that_begins_anew: "log_consistency",
    in_a_log_that_lost_its_end: "log_consistency",
    in_a_log_that_somebody_else_signed: "log_checkpoint",
    not_in_the_log_at_all: "log_inclusion",
}


async def test_no_picture_without_an_entry_in_the_log_that_the_home_knows(thief: Thief) -> None:
    """Rule 4: the hub's key alone opens nothing; what it opens stands in the city's log."""
    grant = await thief.grant()
    before = len(thief.heard)
    for liar, reason in LIARS.items():
        request = await thief.request(grant)
        request = replace(request, log=await liar(thief, request))
        await thief.ask(sign_request(thief.hub, request))
        assert claims(await thief.reply(request.id))["reason"] == reason, liar.__name__
    bare = await thief.request(grant)
    said = claims(sign_request(thief.hub, bare))
    del said["log"]
    await thief.ask(thief.hub.sign(REQUEST, said))
    # The home goes on with the log that it knows.
    last = await thief.request(grant)
    await thief.ask(sign_request(thief.hub, last))
    assert claims((await thief.reply(last.id)).partition(b"\n")[0])["outcome"] == "ok"
    assert bare.id not in thief.replies()
    assert len(_pictures(thief, before)) == 1


async def test_names_and_ways_of_the_house_are_not_on_the_wire(thief: Thief) -> None:
    grant = await thief.grant()
    await thief.ask(sign_request(thief.hub, request := await thief.request(grant)))
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
