"""Whatever ends a stream ends it at once: for its home, its page, the log and the owner."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from hub.operators.actors import BY_COMMAND
from hub.protocol.entries import EntryKind
from hub.protocol.reply import Reply, sign_reply
from hub.protocol.session import Act
from hub.protocol.vocabulary import Role, Scope
from hub.store.tables import incidents, operators
from hub.store.tables import sessions as signed
from hub.streams import watch
from hub.streams.told import Over
from tests.hub.access.test_log_before_look import without
from tests.hub.conftest import until
from tests.hub.streams.streaming import OFFER, Streaming, over, signed_in, streaming
from tests.hub.supervision.conftest import FAR, person
from tests.hub.waiting import LIMIT
from tests.hub.whole import CAPITOL, WholeHub


@pytest.fixture
async def here(whole: WholeHub, monkeypatch: pytest.MonkeyPatch) -> Streaming:
    """A hub that looks at its streams when it is told to, and not by the clock."""
    monkeypatch.setattr(watch, "TICK_S", 3_600.0)
    return await streaming(whole)


@pytest.fixture
def by_the_clock(here: Streaming, monkeypatch: pytest.MonkeyPatch) -> Streaming:
    monkeypatch.setattr(watch, "TICK_S", 0.02)
    return here


async def close_incident(here: Streaming) -> None:
    await here.whole.ask("POST", f"incidents/{here.incident}/close")


async def move_circle(here: Streaming) -> None:
    await here.whole.ask("PATCH", f"incidents/{here.incident}", {"lat": CAPITOL.lat + 0.02})


async def revoke(here: Streaming) -> None:
    # As it is heard at the hub before the home's own word on its stream.
    here.home.streams.drop_all()
    here.home.revoke()


async def narrow(here: Streaming) -> None:
    grant = here.home.make_grant(scopes=frozenset({Scope.SNAPSHOT}), player=None)
    here.whole.hub._cameras.reserve(here.camera, grant, b"digest")
    here.whole.hub._cameras.admit(here.camera)


async def go_offline(here: Streaming) -> None:
    here.whole.hub._cameras.set_online(here.home.identity.home, online=False)


async def lose_the_broker(here: Streaming) -> None:
    here.whole.hub.inbox.link(False)


async def stop_storing(here: Streaming) -> None:
    here.whole.hub._cameras.suspend()


async def remove_the_home(here: Streaming) -> None:
    await here.whole.homes.remove(here.home.identity.home, here.whole.clock())
    await here.whole.homes.load(here.whole.clock())


async def revoke_the_token(here: Streaming) -> None:
    assert here.caller.token is not None
    await here.whole.tokens.revoke(here.caller.token, here.whole.clock())


async def stop_the_hub(here: Streaming) -> None:
    await here.whole.hub.streams.stop()


async def wait_for_the_lease(here: Streaming) -> None:
    here.whole.clock.moved += timedelta(seconds=60)


async def wait_for_the_longest(here: Streaming) -> None:
    (session,) = here.whole.hub.streams._running.all()
    session.ends = session.until
    here.whole.clock.moved += timedelta(seconds=60)


async def wait_for_the_incident(here: Streaming) -> None:
    await age(here, timedelta(hours=4, minutes=1))


async def age(here: Streaming, by: timedelta) -> None:
    """Let the incident be so old, which no entry tells of."""
    async with here.whole.engine.begin() as connection:
        opened = here.whole.clock() - by
        await connection.execute(update(incidents).values(opened=opened))


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (close_incident, Over.INCIDENT_CLOSED),
        (revoke_the_token, Over.SIGNED_OUT),
        (stop_the_hub, Over.HUB_STOPPED),
        # All that speaks of the owner, or of where the camera is, is one word.
        (move_circle, Over.NO_LONGER_AVAILABLE),
        (revoke, Over.NO_LONGER_AVAILABLE),
        (narrow, Over.NO_LONGER_AVAILABLE),
        (go_offline, Over.NO_LONGER_AVAILABLE),
        (lose_the_broker, Over.NO_LONGER_AVAILABLE),
        (stop_storing, Over.NO_LONGER_AVAILABLE),
    ],
)
async def test_what_ends_a_stream_at_once(
    here: Streaming, cause: Callable[[Streaming], Awaitable[None]], reason: Over
) -> None:
    await ended_by(here, cause, reason)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (wait_for_the_incident, Over.INCIDENT_CLOSED),
        (wait_for_the_lease, Over.LEASE_OVER),
        (wait_for_the_longest, Over.LONGEST),
    ],
)
async def test_what_time_ends(
    by_the_clock: Streaming, cause: Callable[[Streaming], Awaitable[None]], reason: Over
) -> None:
    await ended_by(by_the_clock, cause, reason)


async def nothing_to_do(here: Streaming) -> None:
    """Wait until what watches waits itself, so that only what comes now can wake it."""
    changed = here.whole.hub.streams._watch._changed
    await until(lambda: len(changed._waiters) == 1 and not changed.is_set())


async def ended_by(
    here: Streaming, cause: Callable[[Streaming], Awaitable[None]], reason: Over
) -> None:
    session = await here.open()
    await nothing_to_do(here)
    await cause(here)
    assert await over(session) is reason
    assert await here.closed(session) == reason
    ended = await here.end()
    assert (ended.outcome, ended.home) == ("ok", here.home.identity.home)
    assert (ended.about["look"], ended.about["reason"]) == (session.look, reason)
    seconds = ended.about["seconds"]
    assert isinstance(seconds, int)
    # However late it was noticed, nobody watched for longer than the lease.
    assert 1 <= seconds <= 60
    assert await here.whole.counted(f'rtcc_streams_ended_total{{reason="{reason}"}}') == 1


async def test_a_home_that_is_removed_gives_no_stream(here: Streaming) -> None:
    session = await here.open()
    await nothing_to_do(here)
    await remove_the_home(here)
    assert await over(session) is Over.NO_LONGER_AVAILABLE


async def test_a_broker_that_stops_takes_every_stream_along(here: Streaming) -> None:
    """Nobody can be told to close: homes end what runs there when they lose it themselves."""
    session, another = await here.open(), await here.open()
    await here.whole.broker.stop()
    assert await over(session) is Over.NO_LONGER_AVAILABLE
    assert await over(another) is Over.NO_LONGER_AVAILABLE
    async with asyncio.timeout(LIMIT):
        while len(await here.whole.entries(EntryKind.LOOK_ENDED)) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    with pytest.raises(Exception, match="camera-unavailable"):
        await here.open()


async def sign_out(here: Streaming, headers: dict[str, str]) -> None:
    await here.whole.ask("DELETE", "session", headers=headers)


async def end_sessions(here: Streaming, headers: dict[str, str]) -> None:
    account = here.whole.accounts[headers["Cookie"]]
    await here.whole.hub.operators.accounts.end_sessions(account.id, BY_COMMAND)


async def disable(here: Streaming, headers: dict[str, str]) -> None:
    account = here.whole.accounts[headers["Cookie"]]
    await here.whole.hub.operators.accounts.disable(account.id, "gone", BY_COMMAND)


async def change_role(here: Streaming, headers: dict[str, str]) -> None:
    account = here.whole.accounts[headers["Cookie"]]
    await here.whole.hub.operators.accounts.change(account.id, BY_COMMAND, {"role": Role.AUDITOR})


async def lock_the_account(here: Streaming, headers: dict[str, str]) -> None:
    """As another process may, of which nobody here is told."""
    account = here.whole.accounts[headers["Cookie"]]
    async with here.whole.engine.begin() as connection:
        await connection.execute(
            update(operators).where(operators.c.id == account.id).values(locked=here.whole.clock())
        )


async def lock_the_session(here: Streaming, _headers: dict[str, str]) -> None:
    """It was last used half an hour ago."""
    async with here.whole.engine.begin() as connection:
        used = here.whole.clock() - timedelta(minutes=30)
        await connection.execute(update(signed).values(used=used))


@pytest.mark.parametrize("cause", [sign_out, end_sessions, disable, change_role])
async def test_a_stream_goes_with_who_opened_it(
    here: Streaming, cause: Callable[[Streaming, dict[str, str]], Awaitable[None]]
) -> None:
    await gone(here, cause)


@pytest.mark.parametrize("cause", [lock_the_account, lock_the_session])
async def test_what_nobody_here_is_told_of_is_noticed(
    by_the_clock: Streaming, cause: Callable[[Streaming, dict[str, str]], Awaitable[None]]
) -> None:
    await gone(by_the_clock, cause)


async def gone(
    here: Streaming, cause: Callable[[Streaming, dict[str, str]], Awaitable[None]]
) -> None:
    caller, headers = await signed_in(here.whole)
    session, another = await here.open(caller), await here.open()
    await nothing_to_do(here)
    await cause(here, headers)
    assert await over(session) is Over.SIGNED_OUT
    assert await here.closed(session) == "signed_out"
    assert another.over is None


async def test_an_approval_that_is_taken_back(here: Streaming) -> None:
    """The circle shrinks to what one person may see, and one of two cameras is out of it."""
    far = await here.whole.home(FAR, streaming=True)
    wide, supervisor = (
        await here.whole.incident(radius_m=800),
        await person(here.whole, Role.SUPERVISOR),
    )
    assert (await supervisor.say(wide)).status == 201
    streams = here.whole.hub.streams
    session = await streams.open(wide, far.identity.camera, OFFER, here.caller)
    near = await streams.open(wide, here.camera, OFFER, here.caller)
    assert (await supervisor.say(wide, "deny")).status == 201
    assert await over(session) is Over.NO_LONGER_AVAILABLE
    assert near.over is None


async def test_a_long_view_that_nobody_approves(by_the_clock: Streaming) -> None:
    session = await by_the_clock.open()
    await age(by_the_clock, timedelta(hours=2, minutes=1))
    assert await over(session) is Over.NOT_ALLOWED


async def test_a_renewed_grant_lets_a_stream_go_on(here: Streaming) -> None:
    session = await here.open()
    here.home.share()
    renewed = here.home.grant
    assert renewed is not None
    cameras, clock = here.whole.hub._cameras, here.whole.clock
    await until(
        lambda: (live := cameras.live(here.camera, clock())) is not None and live.jti == renewed.jti
    )
    await here.whole.hub.streams._watch.round()
    assert session.over is None


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("camera_failed", Over.CAMERA_FAILED),
        ("not_sharing", Over.NO_LONGER_AVAILABLE),
        ("disconnected", Over.NO_LONGER_AVAILABLE),
        # It is not time: these are the owner's own limits.
        ("longest", Over.NO_LONGER_AVAILABLE),
        ("lease_over", Over.NO_LONGER_AVAILABLE),
    ],
)
async def test_what_the_home_says_ends_a_stream(here: Streaming, said: str, reason: Over) -> None:
    session = await here.open()
    here.home.streams.say(session.look, Act.ENDED, reason=said, seconds=0)
    assert await over(session) is reason
    # Its own word on the seconds is believed as long as it is not more than can be.
    assert (await here.end()).about["seconds"] == 0
    assert await here.receipt() == (session.look, "ok", 0)
    # It knows, and need not be told.
    assert here.home.streams.heard.empty()


async def test_a_home_cannot_claim_more_than_can_be(here: Streaming) -> None:
    session = await here.open()
    here.home.streams.say(session.look, Act.ENDED, reason="closed", seconds=86_400)
    assert await over(session) is Over.NO_LONGER_AVAILABLE
    seconds = (await here.end()).about["seconds"]
    assert isinstance(seconds, int)
    assert seconds <= 60


async def test_what_homes_say_falsely_is_refused(here: Streaming) -> None:
    session, other = await here.open(), await here.whole.home(streaming=True)
    refused = 'rtcc_messages_refused_total{{reason="{}"}}'
    # Another home's word, on its own topic, signed with its own key.
    other.streams.say(session.look, Act.ENDED, reason="not_sharing", seconds=1)
    here.home.streams.say(session.look, Act.CLOSE, reason="not_sharing")
    await here.whole.until_counted(refused.format("malformed"))
    here.home.signer = other.signer
    here.home.streams.say(session.look, Act.ENDED, reason="not_sharing", seconds=1)
    await here.whole.until_counted(refused.format("unknown_key"))
    assert session.over is None


async def test_the_end_that_cannot_be_written_is_written_later(by_the_clock: Streaming) -> None:
    here, session = by_the_clock, await by_the_clock.open()
    async with without(here.whole, "log_entries"):
        await here.whole.hub.streams.close(session)
        # Neither the home nor the page waits for the log.
        assert await here.closed(session) == "stopped"
        assert session.over is Over.STOPPED
        # And a renewal is none.
        with pytest.raises(Exception, match="not-found"):
            await here.whole.hub.streams.renew(session, here.caller)
    here.whole.clock.moved += timedelta(seconds=30)
    assert (await here.end()).about["seconds"] == 1


async def test_while_the_store_is_away_time_and_the_owner_end_streams(here: Streaming) -> None:
    session, another = await here.open(), await here.open()
    session.ends = session.until = here.whole.clock()
    watching = here.whole.hub.streams._watch
    async with without(here.whole, "incidents"):
        await watching.round()
        assert (session.over, another.over) == (Over.LONGEST, None)
        here.whole.hub._cameras.set_online(here.home.identity.home, online=False)
        await watching.round()
        assert another.over is Over.NO_LONGER_AVAILABLE


async def test_a_hub_that_stops_while_it_asks(here: Streaming) -> None:
    here.home.script = lambda _request, _reply: None
    opening = asyncio.create_task(here.open())
    request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
    await here.whole.hub.streams.stop()
    with pytest.raises(asyncio.CancelledError):
        await opening
    word = await here.word()
    assert (word.act, word.session, word.reason) == (Act.CLOSE, request.id, "hub_stopped")
    ended = await here.end()
    assert (ended.outcome, ended.about["reason"]) == ("failed", "hub_stopped")
    with pytest.raises(Exception, match="not-ready"):
        await here.open()


async def test_a_beginning_that_cannot_be_written_is_none(here: Streaming) -> None:
    held: list[Reply] = []

    async def later() -> None:
        request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
        async with without(here.whole, "log_entries"):
            here.home.publish(
                f"rtcc/v1/{here.home.identity.home}/replies/{request.id}",
                sign_reply(here.home.signer, held[0]),
                retain=False,
            )
            with pytest.raises(Exception, match="log_entries"):
                await opening

    here.home.script = lambda _request, reply: held.append(reply)
    opening = asyncio.create_task(here.open())
    await later()
    assert (await here.word()).act is Act.CLOSE
    ended = await here.end()
    assert (ended.outcome, ended.about["reason"]) == ("failed", "store_failed")
    assert len(await here.whole.entries(EntryKind.LOOK_ENDED)) == 1


async def test_the_watch_survives_what_it_did_not_expect(
    by_the_clock: Streaming, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watching = by_the_clock.whole.hub.streams._watch
    once, seen = watching.round, asyncio.Event()

    async def fails() -> None:
        monkeypatch.setattr(watching, "round", once)
        seen.set()
        raise IndexError("a gap")

    monkeypatch.setattr(watching, "round", fails)
    session = await by_the_clock.open()
    await asyncio.wait_for(seen.wait(), LIMIT)
    await close_incident(by_the_clock)
    assert await over(session) is Over.INCIDENT_CLOSED
    assert "could not be looked after" in caplog.text
