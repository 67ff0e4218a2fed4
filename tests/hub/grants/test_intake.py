"""From the broker to the live set: what may go live does, in order, and once stored."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from demo.simulated import SimulatedHome
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.messaging.child import Broker
from hub.protocol import topics
from hub.protocol.grant import Revocation, sign_grant, sign_revocation
from hub.protocol.tokens import LONGEST, Signer
from tests.hub.waiting import LIMIT
from tests.hub.whole import CAPITOL, WholeHub, whole_hub


def signer_of(home: SimulatedHome) -> Signer:
    return home.identity.signer


async def refused(whole: WholeHub, reason: str, count: int = 1) -> None:
    """Wait until the hub has counted refusals for a reason."""
    line = f'rtcc_messages_refused_total{{reason="{reason}"}}'
    async with asyncio.timeout(LIMIT):
        while await whole.counted(line) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_grant_comes_and_goes_with_its_owner(whole: WholeHub) -> None:
    home = await whole.home()
    home.revoke()
    await whole.until_live(home, live=False)
    home.share()
    await whole.until_live(home)
    assert await whole.counted("rtcc_cameras_live") == 1
    assert await whole.counted("rtcc_homes_online") == 1


async def test_an_old_grant_does_not_come_back(whole: WholeHub) -> None:
    home = await whole.home()
    assert home.grant is not None
    old = sign_grant(signer_of(home), home.grant)
    home.revoke()
    await whole.until_live(home, live=False)
    home.publish(home.grant_topic, old)
    await refused(whole, "rollback")
    assert await whole.live() == []


async def test_what_was_seen_survives_the_hub(
    whole: WholeHub, folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    home = await whole.home()
    assert home.grant is not None
    old = sign_grant(signer_of(home), home.grant)
    home.revoke()
    await whole.until_live(home, live=False)
    await whole.hub.stop()
    async with whole_hub(folder, authority, broker) as restarted:
        home.publish(home.grant_topic, old)
        await refused(restarted, "rollback")
        assert await restarted.live() == []
        home.share()
        await restarted.until_live(home)


async def test_a_restarted_hub_needs_no_new_word_from_its_homes(
    whole: WholeHub, folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    home = await whole.home()
    await whole.hub.stop()
    async with whole_hub(folder, authority, broker) as restarted:
        await restarted.until_live(home)
        assert await restarted.counted("rtcc_cameras_live") == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"home": "ffffffffffffffff"}, "wrong_issuer"),
        ({"hub": "another"}, "wrong_audience"),
        ({"camera": "another"}, "wrong_topic"),
        ({"issued": timedelta(minutes=5), "starts": timedelta(minutes=5)}, "clock"),
        ({"ends": timedelta(hours=2, minutes=1)}, "too_long"),
        ({"ends": timedelta(seconds=-1), "starts": timedelta(minutes=-5)}, "expired"),
    ],
)
async def test_a_grant_that_is_not_right_is_refused_and_counted(
    whole: WholeHub, changes: dict[str, object], reason: str
) -> None:
    home = await whole.home(live=False)
    grant = home.make_grant()
    moved = {
        name: grant.issued + value if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    if reason == "expired":
        moved["issued"] = grant.issued - timedelta(minutes=5)
    wrong = replace(grant, seq=grant.seq + 1_000_000, **moved)  # type: ignore[arg-type]
    home.publish(home.grant_topic, sign_grant(signer_of(home), wrong))
    await refused(whole, reason)
    # What was live before stays so: a bad message changes nothing.
    await whole.until_live(home)


async def test_a_grant_with_a_strange_key_is_refused(whole: WholeHub) -> None:
    home, stranger = await whole.home(), await whole.home()
    forged = sign_grant(signer_of(stranger), home.make_grant())
    home.publish(home.grant_topic, forged)
    await refused(whole, "unknown_key")


async def test_a_home_cannot_take_anothers_camera_id(whole: WholeHub) -> None:
    home, thief = await whole.home(), await whole.home()
    grant = thief.make_grant(camera=home.identity.camera, seq=2**50)
    topic = topics.grants(thief.identity.home, home.identity.camera)
    thief.publish(topic, sign_grant(signer_of(thief), grant))
    await refused(whole, "foreign_camera")
    assert set(await whole.live()) == {home.identity.camera, thief.identity.camera}


@pytest.mark.parametrize(
    "payload",
    [b"{}", b"a.b.c", b"\xff\xfe", b"." * 100, b"A" * (LONGEST + 1), b'{"alg":"none"}..'],
    ids=lambda payload: repr(payload[:20]),
)
async def test_rubbish_is_refused_and_changes_nothing(whole: WholeHub, payload: bytes) -> None:
    home = await whole.home()
    home.publish(home.grant_topic, payload)
    await refused(whole, "oversized" if len(payload) > LONGEST else "malformed")
    assert await whole.live() == [home.identity.camera]


async def test_a_cleared_topic_says_nothing(whole: WholeHub) -> None:
    """Only a signature ends a grant: whoever owns the broker could clear the topic."""
    home = await whole.home()
    home.publish(home.grant_topic, b"")
    other = await whole.home()
    assert set(await whole.live()) == {home.identity.camera, other.identity.camera}


async def test_strange_presence_is_refused(whole: WholeHub) -> None:
    home = await whole.home()
    home.publish(topics.presence(home.identity.home), b"perhaps")
    await refused(whole, "malformed")
    assert await whole.live() == [home.identity.camera]


async def test_a_grant_for_later_goes_live_then(whole: WholeHub) -> None:
    home = await whole.home()
    home.revoke()
    await whole.until_live(home, live=False)
    grant = home.make_grant()
    later = replace(
        grant,
        starts=grant.issued + timedelta(minutes=15),
        ends=grant.issued + timedelta(minutes=30),
    )
    home.publish(home.grant_topic, sign_grant(signer_of(home), later))
    # A second home's grant behind it shows that the first was dealt with.
    other = await whole.home()
    assert await whole.live() == [other.identity.camera]
    whole.clock.moved = timedelta(minutes=16)
    assert set(await whole.live()) == {home.identity.camera, other.identity.camera}
    whole.clock.moved = timedelta(minutes=31)
    assert await whole.live() == [other.identity.camera]


async def test_an_offline_home_is_not_live_and_comes_back(whole: WholeHub) -> None:
    home = await whole.home()
    home.publish(topics.presence(home.identity.home), topics.OFFLINE)
    await whole.until_live(home, live=False)
    home.publish(topics.presence(home.identity.home), topics.ONLINE)
    await whole.until_live(home)


async def test_a_removed_home_is_gone_with_its_cameras(whole: WholeHub) -> None:
    home = await whole.home()
    await whole.homes.remove(home.identity.home, whole.clock())
    assert await whole.live() == []
    assert await whole.counted("rtcc_homes_online") == 0


async def test_nothing_goes_live_that_the_store_does_not_hold(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.grants.intake._RETRY_S", 0.05)
    home = await whole.home()
    home.revoke()
    await whole.until_live(home, live=False)
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE cameras RENAME TO away")
    home.share()
    async with asyncio.timeout(LIMIT):
        while (await whole.ask("GET", "/readyz")).status == 200:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert await whole.live() == []
    assert (await whole.ask("GET", "/readyz")).problem == "not-ready"
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE away RENAME TO cameras")
    await whole.until_live(home)
    assert (await whole.ask("GET", "/readyz")).status == 200


async def test_a_revocation_does_not_wait_for_the_store(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.grants.intake._RETRY_S", 0.05)
    home = await whole.home()
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE cameras RENAME TO away")
    home.revoke()
    await whole.until_live(home, live=False)
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE away RENAME TO cameras")


async def test_nothing_is_live_while_the_broker_is_away(whole: WholeHub, broker: Broker) -> None:
    home = await whole.home()
    await broker.stop()
    await whole.until_live(home, live=False)
    assert (await whole.ask("GET", "/readyz")).problem == "not-ready"
    answer = await whole.look(await whole.incident(), home.identity.camera)
    assert answer.problem == "camera-unavailable"
    await broker.start()
    await whole.until_live(home)


async def test_a_grant_behind_a_revocation_in_one_breath_counts_last(whole: WholeHub) -> None:
    home = await whole.home()
    signer, now = signer_of(home), whole.clock()
    first, last = home.make_grant(), home.make_grant(view=home.make_grant().view)
    revocation = Revocation(
        home=home.identity.home,
        hub=home.city.hub,
        camera=home.identity.camera,
        jti="end",
        seq=home.next_seq(now),
        issued=now,
    )
    newest = replace(last, seq=home.next_seq(now), jti="newest", name="Newest")
    for token in (
        sign_grant(signer, first),
        sign_revocation(signer, revocation),
        sign_grant(signer, newest),
    ):
        home.publish(home.grant_topic, token)
    async with asyncio.timeout(LIMIT):
        while True:
            path = f"grants?lat={CAPITOL.lat}&lon={CAPITOL.lon}&radius=10"
            names = [
                feature["properties"]["name"]
                for feature in (await whole.ask("GET", path)).json["features"]
            ]
            if names == ["Newest"]:
                return
            await asyncio.sleep(0.005)
