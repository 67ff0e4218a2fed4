"""A home that lies, from its own place at the broker: no camera becomes live by it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex

import pytest

from demo.simulated import SimulatedHome, utcnow
from demo.waiting import until
from hub.protocol import topics
from hub.protocol.grant import sign_grant
from hub.protocol.keys import public_bytes
from tests.e2e.conftest import AWAY, HOME, WholePath, home_id
from tests.e2e.forging import foreign_signer, with_header

LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Lie:
    """What is published where, and the word under which the hub counts it."""

    reason: str
    payload: str | bytes
    camera: str


type Liar = Callable[[SimulatedHome, str], Lie]


def forged(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8))
    return Lie("bad_signature", sign_grant(foreign_signer(home.signer.kid), grant), grant.camera)


def foreign_key(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8))
    return Lie("unknown_key", sign_grant(foreign_signer(), grant), grant.camera)


def expired(home: SimulatedHome, _: str) -> Lie:
    then = utcnow() - timedelta(hours=1)
    grant = home.make_grant(
        camera=token_hex(8), issued=then, starts=then, ends=utcnow() - timedelta(seconds=1)
    )
    return Lie("expired", sign_grant(home.signer, grant), grant.camera)


def endless(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8), ends=utcnow() + timedelta(days=30))
    return Lie("too_long", sign_grant(home.signer, grant), grant.camera)


def from_the_future(home: SimulatedHome, _: str) -> Lie:
    later = utcnow() + timedelta(minutes=5)
    grant = home.make_grant(
        camera=token_hex(8), issued=later, starts=later, ends=later + timedelta(minutes=30)
    )
    return Lie("clock", sign_grant(home.signer, grant), grant.camera)


def unsigned(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8))
    token = with_header(sign_grant(home.signer, grant), alg="none")
    return Lie("wrong_algorithm", token, grant.camera)


def signed_with_the_public_key(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8))
    public = public_bytes(home.signer.key.public_key())
    token = with_header(sign_grant(home.signer, grant), public, alg="HS256")
    return Lie("wrong_algorithm", token, grant.camera)


def another_type(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8))
    return Lie("wrong_type", with_header(sign_grant(home.signer, grant), typ="JWT"), grant.camera)


def wrong_topic(home: SimulatedHome, _: str) -> Lie:
    return Lie("wrong_topic", sign_grant(home.signer, home.make_grant()), token_hex(8))


def another_home_s_camera(home: SimulatedHome, theirs: str) -> Lie:
    grant = home.make_grant(camera=theirs, seq=2**52)
    return Lie("foreign_camera", sign_grant(home.signer, grant), theirs)


def in_another_home_s_name(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8), home="0123456789abcdef")
    return Lie("wrong_issuer", sign_grant(home.signer, grant), grant.camera)


def for_another_city(home: SimulatedHome, _: str) -> Lie:
    grant = home.make_grant(camera=token_hex(8), hub="x" * 43)
    return Lie("wrong_audience", sign_grant(home.signer, grant), grant.camera)


def huge(_: SimulatedHome, __: str) -> Lie:
    return Lie("oversized", b"a" * 100_000, token_hex(8))


def rubbish(_: SimulatedHome, __: str) -> Lie:
    return Lie("malformed", b"\x00\xff not a token \x80", token_hex(8))


LIES: list[Liar] = [
    forged,
    foreign_key,
    expired,
    endless,
    from_the_future,
    unsigned,
    signed_with_the_public_key,
    another_type,
    wrong_topic,
    another_home_s_camera,
    in_another_home_s_name,
    for_another_city,
    huge,
    rubbish,
]


@pytest.mark.parametrize("liar", LIES, ids=lambda liar: liar.__name__)
async def test_a_lie_is_counted_and_never_live(
    path: WholePath, neighbour: SimulatedHome, liar: Liar
) -> None:
    lie = liar(neighbour, path.camera)
    before = await path.operator.refused(lie.reason)

    neighbour.publish(topics.grants(neighbour.identity.home, lie.camera), lie.payload, retain=False)

    async def counted() -> bool:
        return await path.operator.refused(lie.reason) > before

    await until(counted, f"it was not refused as {lie.reason}", LIMIT)
    live = {one["camera"]: one["name"] for one in await path.operator.grants(*HOME, 50_000)}
    assert live == {path.camera: "Porch", neighbour.identity.camera: neighbour.identity.name}


async def test_another_home_s_topic_is_out_of_reach(
    path: WholePath, neighbour: SimulatedHome
) -> None:
    """The broker keeps a home out of another's topics, presence and replies included."""
    victim = home_id(path.stack)
    before = await path.operator.refused("rollback")

    neighbour.publish(topics.presence(victim), topics.OFFLINE)
    neighbour.publish(topics.grants(victim, path.camera), b"")
    # What this home sends afterwards on a topic of its own arrives after the others would have.
    await asyncio.wait_for(neighbour.online.wait(), LIMIT)
    neighbour.publish(
        neighbour.grant_topic,
        sign_grant(neighbour.signer, neighbour.make_grant(seq=1)),
        retain=False,
    )

    async def counted() -> bool:
        return await path.operator.refused("rollback") > before

    await until(counted, "the home's own message did not arrive", LIMIT)
    incident = await path.incident()

    async def looks() -> bool:
        return (await path.operator.look(incident, path.camera)).ok

    # A presence that the other home had overwritten would stay wrong.
    await until(looks, "no picture of the other home's camera any more", LIMIT)


async def test_a_revoked_grant_cannot_be_replayed(
    path: WholePath, neighbour: SimulatedHome
) -> None:
    """Not right after the revocation, and not after the hub has restarted (rule 2)."""
    theirs = neighbour.identity.camera
    await _revoked(path, neighbour)
    neighbour.share()
    await path.operator.live(AWAY, bool, "the grant did not arrive", LIMIT)
    assert neighbour.grant is not None
    old = sign_grant(neighbour.signer, neighbour.grant)
    await _revoked(path, neighbour)

    try:
        await _replay(path, neighbour, old)
        hub = path.stack.hub
        assert hub.child is not None
        await hub.child.stop()
        await hub.start()
        await until(path.operator.ready, "the hub did not come back", LIMIT)
        await asyncio.wait_for(neighbour.online.wait(), LIMIT)
        await _replay(path, neighbour, old)
        refused = await path.operator.look(await path.incident(AWAY), theirs)
    finally:
        await asyncio.wait_for(neighbour.online.wait(), LIMIT)
        neighbour.share()

    assert refused.slug == "camera-unavailable"
    await path.operator.live(AWAY, bool, "a new grant is not taken any more", LIMIT)


async def _revoked(path: WholePath, home: SimulatedHome) -> None:
    home.revoke()
    await path.operator.live(AWAY, lambda live: not live, "revocation had no effect", LIMIT)


async def _replay(path: WholePath, home: SimulatedHome, old: str) -> None:
    before = await path.operator.refused("rollback")
    home.publish(home.grant_topic, old)

    async def counted() -> bool:
        return await path.operator.refused("rollback") > before

    await until(counted, "the old grant was not refused as rollback", LIMIT)
    assert await path.operator.grants(*AWAY, 400) == []
