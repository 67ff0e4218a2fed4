"""Shares over time: what is published when hours begin and end, when grants are renewed."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.jackson_rtcc import memory as memories
from custom_components.jackson_rtcc.hours import Hours
from custom_components.jackson_rtcc.memory import Memory
from custom_components.jackson_rtcc.protocol import grant as grants
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.city import City as CityDocument
from custom_components.jackson_rtcc.protocol.grant import Grant, Revocation
from custom_components.jackson_rtcc.protocol.keys import to_jwk
from custom_components.jackson_rtcc.protocol.tokens import Signer, Verifier
from custom_components.jackson_rtcc.share import Share
from custom_components.jackson_rtcc.shares import Shares
from tests.integration.cameras import FakeCamera
from tests.integration.city import POLICY, WAIVER
from tests.integration.conftest import share_data

HOME = "0123456789abcdef"
NOON = datetime(2026, 6, 8, 17, tzinfo=dt_util.UTC)  # 12:00 in Jackson
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NIGHT = Hours(frozenset(range(7)), time(18), time(6))


class NoJitter(Random):
    """Jitter that leaves everything where it is."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass
class Bench:
    """A home's shares, a clock, and what they published."""

    hass: HomeAssistant
    clock: FrozenDateTimeFactory
    shares: Shares
    memory: Memory
    share: Share
    key: Ed25519PrivateKey
    city: CityDocument
    said: list[Grant | Revocation]

    def published(self, topic: str, token: str) -> None:
        address = topics.parse(topic)
        assert address.item is not None
        verifier = Verifier(self.key.public_key())
        word = grants.verify(
            token.encode(), verifier, HOME, address.item, self.city.hub, dt_util.utcnow()
        )
        self.said.append(word)

    async def at(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        async_fire_time_changed(self.hass, moment)
        await self.hass.async_block_till_done()

    @property
    def last(self) -> Grant:
        word = self.said[-1]
        assert isinstance(word, Grant)
        return word


@pytest.fixture
async def bench(
    hass: HomeAssistant, camera: FakeCamera, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[Bench]:
    await hass.config.async_set_time_zone("America/Chicago")
    freezer.move_to(NOON)
    city = CityDocument.parse(
        {
            "name": "Jackson",
            "key": to_jwk(Ed25519PrivateKey.generate().public_key()),
            "waiver": WAIVER,
            "policy": POLICY,
            "broker": {"host": "127.0.0.1", "port": 1},
        }
    )
    key = Ed25519PrivateKey.generate()
    memory = memories.new(hass, HOME)
    shares = Shares(
        hass, home=HOME, city=city, signer=Signer(key), memory=memory, random=NoJitter()
    )
    share = Share.parse(share_data(hass))
    found = Bench(hass, freezer, shares, memory, share, key, city, [])
    shares.publish = shares.publish_urgently = found.published
    yield found
    shares.close()
    await memory.save()


async def test_renewed_at_half_life(bench: Bench) -> None:
    bench.shares.apply({"s": bench.share})
    first = bench.last
    assert (first.starts, first.ends) == (NOON, NOON + HOUR)
    await bench.at(NOON + 29 * MINUTE)
    assert bench.said == [first]
    await bench.at(NOON + 30 * MINUTE)
    second = bench.last
    assert second.seq > first.seq
    assert second.ends == NOON + 90 * MINUTE
    # A request that crosses the renewal still names the first.
    for grant in (first, second):
        assert bench.shares.granted("s", grant.jti) is not None
    await bench.at(NOON + 60 * MINUTE)
    assert bench.shares.granted("s", first.jti) is None
    assert len(bench.said) == 3


async def test_hours_begin_and_end(bench: Bench) -> None:
    bench.shares.apply({"s": replace(bench.share, hours=NIGHT)})
    assert bench.said == []
    assert not bench.shares.sharing("s", dt_util.utcnow())
    begins = NOON + 6 * HOUR
    await bench.at(begins - 15 * MINUTE)
    ahead = bench.last
    assert (ahead.starts, ahead.ends) == (begins, begins + HOUR)
    assert not bench.shares.sharing("s", dt_util.utcnow())
    await bench.at(begins)
    assert bench.last == ahead
    assert bench.shares.sharing("s", dt_util.utcnow())

    ends = begins + 12 * HOUR
    at = begins
    while at < ends - MINUTE:
        at += 10 * MINUTE
        await bench.at(min(at, ends - MINUTE))
    assert bench.last.ends == ends
    assert all(word.ends <= ends for word in bench.said if isinstance(word, Grant))
    await bench.at(ends)
    assert isinstance(bench.said[-1], Revocation)
    assert bench.shares.grant("s") is None


async def test_clock_is_set(bench: Bench) -> None:
    """Timers do not notice that the clock was set; the tick does."""
    bench.shares.apply({"s": replace(bench.share, hours=NIGHT)})
    bench.clock.move_to(NOON + 8 * HOUR)
    bench.shares.settle()
    assert bench.last.starts == NOON + 8 * HOUR
    bench.clock.move_to(NOON)
    bench.shares.settle()
    assert isinstance(bench.said[-1], Revocation)
    assert [word.seq for word in bench.said] == sorted({word.seq for word in bench.said})


async def test_time_zone_changes(bench: Bench) -> None:
    bench.shares.apply({"s": replace(bench.share, hours=NIGHT)})
    await bench.hass.config.async_set_time_zone("Asia/Tokyo")
    bench.shares.settle()
    assert bench.last.starts == NOON


async def test_share_for_ends(bench: Bench) -> None:
    bench.shares.apply({"s": replace(bench.share, hours=NIGHT)})
    await bench.shares.share_for("s", 20 * MINUTE)
    assert bench.last.ends == NOON + 20 * MINUTE
    assert bench.shares.camera_on("s")
    await bench.at(NOON + 20 * MINUTE)
    assert isinstance(bench.said[-1], Revocation)


async def test_published_again_as_it_was(bench: Bench) -> None:
    bench.shares.apply({"s": bench.share, "t": replace(bench.share, camera="c2", hours=NIGHT)})
    (first,) = bench.said
    bench.said.clear()
    bench.shares.publish_all()
    assert first in bench.said
    (revocation,) = [word for word in bench.said if isinstance(word, Revocation)]
    assert revocation.camera == "c2"


async def test_published_again_anew_when_too_old(bench: Bench) -> None:
    bench.shares.apply({"s": bench.share})
    bench.said.clear()
    bench.clock.move_to(NOON + 2 * HOUR)
    bench.shares.publish_all()
    (grant,) = bench.said
    assert isinstance(grant, Grant)
    assert grant.ends == NOON + 3 * HOUR


async def test_revocations_first(bench: Bench) -> None:
    second = replace(bench.share, camera="c2")
    bench.shares.apply({"s": bench.share, "t": second})
    bench.said.clear()
    bench.shares.apply({"s": replace(bench.share, name="New"), "t": replace(second, hours=NIGHT)})
    assert [type(word) for word in bench.said] == [Revocation, Grant]


async def test_the_removed_is_repeated_for_a_while(bench: Bench) -> None:
    bench.shares.apply({"s": bench.share})
    bench.shares.apply({})
    assert isinstance(bench.said[-1], Revocation)
    bench.said.clear()
    bench.shares.publish_all()
    assert [type(word) for word in bench.said] == [Revocation]
    bench.said.clear()
    bench.clock.move_to(NOON + 3 * HOUR + MINUTE)
    bench.shares.publish_all()
    assert bench.said == []


async def test_memory_survives(
    bench: Bench, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    bench.shares.apply({"s": bench.share, "t": replace(bench.share, camera="c2")})
    await bench.shares.share_for("s", HOUR)
    await bench.shares.set_home(False)
    bench.shares.apply({"s": bench.share})
    await bench.memory.save()
    again = await memories.load(hass, HOME)
    assert again.seq == bench.memory.seq
    assert again.on is False
    assert again.cameras == bench.memory.cameras
    assert again.retired == bench.memory.retired
    assert hass_storage[f"jackson_rtcc.{HOME}.state"]["version"] == 1


async def test_seq_grows_when_the_clock_goes_back(bench: Bench) -> None:
    first = bench.memory.next_seq(NOON)
    assert first == int(NOON.timestamp() * 1000)
    assert bench.memory.next_seq(NOON - HOUR) == first + 1


async def test_find_and_close(bench: Bench) -> None:
    """Without its hooks a home's shares still decide."""
    idle = Shares(
        bench.hass,
        home=HOME,
        city=bench.city,
        signer=Signer(bench.key),
        memory=Memory(bench.memory.store),
        random=NoJitter(),
    )
    idle.apply({"s": bench.share})
    assert idle.find(bench.share.camera) == "s"
    assert idle.find("another") is None
    idle.close()


async def test_switching_the_home_off_ends_sharing_for_a_while(bench: Bench) -> None:
    """Or it would come back, past the camera's own switch, when the home is switched on."""
    bench.shares.apply({"s": bench.share})
    await bench.shares.set_camera("s", False)
    await bench.shares.share_for("s", 5 * HOUR)
    assert isinstance(bench.said[-1], Grant)
    await bench.shares.set_home(False)
    await bench.shares.set_home(True)
    assert isinstance(bench.said[-1], Revocation)
    assert not bench.shares.camera_on("s")


async def test_nothing_begins_after_the_end(bench: Bench) -> None:
    """What is decided while a home is unloaded revokes, but grants nothing and starts no timer."""
    bench.shares.apply({"s": bench.share})
    bench.shares.close()
    await bench.shares.set_camera("s", False)
    assert isinstance(bench.said[-1], Revocation)
    await bench.shares.set_camera("s", True)
    assert isinstance(bench.said[-1], Revocation)
    assert not bench.shares._timers
