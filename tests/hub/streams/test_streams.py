"""A stream's way: asked for like any look, renewed by whoever opened it, ended once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from demo.simulated_streams import ANSWER
from hub.errors import Problem
from hub.protocol.entries import EntryKind
from hub.protocol.geo import Point
from hub.protocol.grant import sign_grant
from hub.protocol.reply import Picture, Reply, sign_reply
from hub.protocol.request import Request
from hub.protocol.session import MOST_CANDIDATES, Act
from hub.protocol.stream import LEASE, Candidate, IceServer
from hub.protocol.topics import replies
from hub.protocol.vocabulary import Outcome, Scope, Still
from hub.store.tables import looks
from hub.streams import sessions
from hub.streams.told import Ended, Found, Leased, Over
from hub.transparency.figures import figures
from tests.hub.conftest import until
from tests.hub.streams.streaming import OFFER, Streaming, over, signed_in, streaming, told
from tests.hub.waiting import LIMIT
from tests.hub.whole import CAPITOL, WholeHub


@pytest.fixture
async def here(whole: WholeHub) -> Streaming:
    return await streaming(whole)


async def test_a_stream_is_a_look_from_its_entry_to_its_receipt(here: Streaming) -> None:
    server = IceServer(("stun:stun.example",))
    here.whole.hub.streams.ice = lambda _look, _ends: (server,)
    session = await here.open()
    request = here.home.asked.get_nowait()
    assert (request.id, request.action) == (session.look, Scope.STREAM)
    assert request.offer is not None
    assert (request.offer.sdp, request.offer.ice) == (OFFER, (server,))
    assert (session.answer, session.ice) == (ANSWER, (server,))
    assert session.until == request.issued + LEASE
    assert session.ends == request.issued + timedelta(hours=1)
    assert len(session.secret) >= 43
    assert session.secret not in repr(session)
    assert here.whole.hub.streams.find(session.secret) is session
    assert await here.whole.counted("rtcc_streams_running") == 1
    (look,) = await here.whole.entries(EntryKind.LOOK, EntryKind.LOOK_ENDED)
    assert look.about["scope"] == "stream"
    (line,) = await lines(here)
    assert (line["outcome"], line["seconds"]) == (None, None)
    answered = line["answered"]
    assert answered is not None
    # More than a second later: each begun one counts.
    here.whole.clock.moved += timedelta(seconds=1.1)
    await here.whole.hub.streams.close(session)
    assert await over(session) is Over.STOPPED
    assert await here.closed(session) == "stopped"
    assert here.whole.hub.streams.find(session.secret) is None
    ended = await here.end()
    assert (ended.outcome, ended.about["reason"], ended.about["seconds"]) == ("ok", "stopped", 2)
    assert await here.receipt() == (session.look, "ok", 2)
    (line,) = await lines(here)
    assert (line["outcome"], line["reason"], line["seconds"]) == ("ok", "stopped", 2)
    assert line["answered"] == answered
    assert await here.whole.counted("rtcc_streams_running") == 0
    assert await here.whole.counted('rtcc_streams_ended_total{reason="stopped"}') == 1
    # It ends once, whoever says so again.
    await here.whole.hub.streams.close(session, Over.LONGEST)
    assert session.over is Over.STOPPED
    assert len(await here.whole.entries(EntryKind.LOOK_ENDED)) == 1


async def lines(here: Streaming) -> list[dict[str, object]]:
    answer = await here.whole.ask("GET", f"incidents/{here.incident}/looks")
    found: list[dict[str, object]] = answer.json["looks"]
    return found


async def test_renewing_is_deciding_again(here: Streaming) -> None:
    session = await here.open()
    page = session.events()
    assert await anext(page) == Leased(session.until, session.ends)
    first = session.until
    here.whole.clock.moved += timedelta(seconds=40)
    await here.whole.hub.streams.renew(session, here.caller)
    assert first + timedelta(seconds=39) < session.until <= first + timedelta(seconds=41)
    assert await anext(page) == Leased(session.until, session.ends)
    word = await here.word()
    assert (word.act, word.session, word.until) == (Act.RENEW, session.look, session.until)
    async with here.whole.engine.connect() as connection:
        assert await connection.scalar(select(looks.c.until)) == session.until
    # Never for longer than the policy allows.
    session.ends = session.until + timedelta(seconds=1)
    here.whole.clock.moved += timedelta(seconds=40)
    await here.whole.hub.streams.renew(session, here.caller)
    assert session.until == session.ends


async def test_only_who_opened_a_stream_renews_it(here: Streaming) -> None:
    session = await here.open()
    another, _ = await signed_in(here.whole)
    with pytest.raises(Problem) as refused:
        await here.whole.hub.streams.renew(session, another)
    assert refused.value.kind.slug == "not-found"
    assert session.over is None
    await here.whole.hub.streams.close(session)
    with pytest.raises(Problem) as refused:
        await here.whole.hub.streams.renew(session, here.caller)
    assert refused.value.kind.slug == "not-found"


async def test_what_may_not_go_on_is_not_renewed(
    here: Streaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if nobody noticed before."""
    session = await here.open()
    monkeypatch.setattr(here.whole.hub.streams._watch, "round", nothing)
    await here.whole.ask("POST", f"incidents/{here.incident}/close")
    with pytest.raises(Problem) as refused:
        await here.whole.hub.streams.renew(session, here.caller)
    assert refused.value.kind.slug == "incident-closed"
    assert await over(session) is Over.INCIDENT_CLOSED
    assert await here.closed(session) == "incident_closed"


async def nothing() -> None:
    pass


async def test_a_lease_whose_end_another_hub_wrote_is_not_renewed(here: Streaming) -> None:
    session = await here.open()
    async with here.whole.engine.begin() as connection:
        await connection.execute(looks.update().values(outcome="ok"))
    with pytest.raises(Problem) as refused:
        await here.whole.hub.streams.renew(session, here.caller)
    assert refused.value.kind.slug == "not-found"
    assert await over(session) is Over.NO_LONGER_AVAILABLE


async def test_candidates_go_both_ways_up_to_a_limit(here: Streaming) -> None:
    session = await here.open()
    streams = here.whole.hub.streams
    some = tuple(candidate(port) for port in range(MOST_CANDIDATES + 1))
    await streams.candidates(session, some)
    for _ in range(2):
        assert (await here.word()).act is Act.CANDIDATES
    assert tuple(here.home.streams.candidates(session.look)) == some
    await streams.candidates(session, some * 10)
    assert session.sent == sessions.MOST_CANDIDATES
    await streams.candidates(session, some)
    page = session.events()
    here.home.streams.say(session.look, Act.CANDIDATES, candidates=some[:2])
    async with asyncio.timeout(LIMIT):
        assert [await anext(page) for _ in range(2)][1] == Found(some[:2])
    # Who comes later is told of them too; and no home fills the hub's memory.
    for _ in range(10):
        session.found(some)
    late = session.events()
    _, found = await anext(late), await anext(late)
    assert isinstance(found, Found)
    assert len(found.candidates) == sessions.MOST_CANDIDATES
    session.deaf(late)
    await streams.close(session)
    await streams.candidates(session, some)
    assert await over(session) is Over.STOPPED
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(anext(late), 0.01)


def candidate(port: int) -> Candidate:
    return Candidate(f"candidate:1 1 udp 2130706431 192.0.2.20 {50_000 + port} typ host", "0", 0)


async def test_a_page_may_stop_waiting_and_go_on(here: Streaming) -> None:
    session = await here.open()
    page = session.events()
    assert isinstance(await anext(page), Leased)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(page), 0.001)
    await here.whole.hub.streams.close(session)
    assert await anext(page) == Ended(Over.STOPPED)
    assert [event async for event in page] == []
    assert [type(event) for event in await told(session)] == [Leased, Ended]


async def test_so_many_listen_and_the_oldest_is_let_go(here: Streaming) -> None:
    session = await here.open()
    pages = [session.events() for _ in range(sessions.MOST_LISTENERS + 1)]
    first, last = pages[0], pages[-1]
    async with asyncio.timeout(LIMIT):
        assert [type(event) async for event in first] == [Leased]
    session.deaf(first)
    await here.whole.hub.streams.close(session)
    assert [type(event) async for event in last] == [Leased, Ended]


@pytest.mark.parametrize(
    ("outcome", "reason", "slug"),
    [
        (Outcome.FAILED, "offer_malformed", "offer-refused"),
        (Outcome.FAILED, "offer_not_receiving", "offer-refused"),
        (Outcome.FAILED, "relay_needed", "relay-needed"),
        (Outcome.REFUSED, "busy", "camera-busy"),
        (Outcome.FAILED, "no_webrtc", "no-live-video"),
        (Outcome.FAILED, "codec_unsupported", "codec-unsupported"),
        (Outcome.FAILED, "camera_slow", "camera-failed"),
        (Outcome.REFUSED, "not_granted", "camera-unavailable"),
        (Outcome.FAILED, "the owner is at home", "camera-unavailable"),
    ],
)
async def test_what_the_home_says_no_to_was_no_stream(
    here: Streaming, outcome: Outcome, reason: str, slug: str
) -> None:
    here.home.script = lambda _request, reply: replace(
        reply, outcome=outcome, reason=reason, answer=None
    )
    with pytest.raises(Problem) as refused:
        await here.open()
    assert refused.value.kind.slug == slug
    ended = await here.end()
    assert (ended.outcome, ended.about["reason"], ended.about["seconds"]) == (outcome, reason, 0)
    assert await here.receipt() == (here.home.asked.get_nowait().id, outcome, 0)
    # A home that said no need not be told to close.
    assert here.home.streams.heard.empty()


@pytest.mark.parametrize("offer", ["", "v=0\x00", "v" * 12_001])
async def test_an_offer_that_no_home_would_read_is_no_look(here: Streaming, offer: str) -> None:
    with pytest.raises(Problem) as refused:
        await here.whole.hub.streams.open(here.incident, here.camera, offer, here.caller)
    assert refused.value.kind.slug == "malformed"
    assert await here.whole.entries(EntryKind.LOOK) == []


async def test_an_ok_of_the_other_kind_is_malformed(
    here: Streaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture for a stream, an answer for a still: both are heard as silence."""
    monkeypatch.setattr("hub.access.asks.REPLY_LIMIT_S", 0.3)

    def swapped(request: Request, reply: Reply) -> Reply:
        still = Picture(
            data=b"\xff\xd8", content_type="image/jpeg", received=reply.issued, still=Still.LIVE
        )
        stream = request.action is Scope.STREAM
        return replace(reply, picture=still if stream else None, answer=None if stream else ANSWER)

    here.home.script = swapped
    with pytest.raises(Problem) as silent:
        await here.open()
    assert silent.value.kind.slug == "camera-silent"
    assert (await here.whole.look(here.incident, here.camera)).problem == "camera-silent"
    assert await here.whole.counted('rtcc_messages_refused_total{reason="malformed"}') == 2


async def test_a_home_that_answers_too_late_is_told_to_close(
    here: Streaming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.access.asks.REPLY_LIMIT_S", 0.3)
    held: list[Reply] = []
    here.home.script = lambda _request, reply: held.append(reply)
    with pytest.raises(Problem) as silent:
        await here.open()
    assert silent.value.kind.slug == "camera-silent"
    request = here.home.asked.get_nowait()
    assert (await here.word()).act is Act.CLOSE
    home = here.home.identity.home
    here.home.publish(
        replies(home, request.id), sign_reply(here.home.signer, held[0]), retain=False
    )
    again = await here.word()
    assert (again.act, again.session) == (Act.CLOSE, request.id)
    assert await here.receipt() == (request.id, "silent", 0)
    # What it says of it afterwards is no news, and neither is a reply to what never was.
    assert len(await here.whole.entries(EntryKind.LOOK_ENDED)) == 1
    here.whole.hub.streams.answered(home, "never")
    here.whole.hub.streams.answered("another", request.id)
    await here.whole.hub.streams._watch.round()
    assert here.home.streams.heard.empty()


async def test_who_went_before_the_answer_leaves_no_stream_behind(here: Streaming) -> None:
    held: list[Reply] = []
    here.home.script = lambda _request, reply: held.append(reply)
    opening = asyncio.create_task(here.open())
    request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    reply = sign_reply(here.home.signer, held[0])
    here.home.publish(replies(here.home.identity.home, request.id), reply, retain=False)
    word = await here.word()
    assert (word.act, word.session, word.reason) == (Act.CLOSE, request.id, "stopped")
    assert (await here.end()).outcome == "ok"
    await until(lambda: len(here.whole.hub.streams) == 0)


async def test_who_went_before_a_refusal(here: Streaming) -> None:
    held: list[Reply] = []
    here.home.script = lambda _request, reply: held.append(
        replace(reply, outcome=Outcome.REFUSED, reason="busy", answer=None)
    )
    opening = asyncio.create_task(here.open())
    request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
    opening.cancel()
    reply = sign_reply(here.home.signer, held[0])
    here.home.publish(replies(here.home.identity.home, request.id), reply, retain=False)
    assert (await here.end()).about["reason"] == "busy"
    assert here.home.streams.heard.empty()


async def test_what_changed_while_the_home_answered(here: Streaming) -> None:
    held: list[Reply] = []
    here.home.script = lambda _request, reply: held.append(reply)
    opening = asyncio.create_task(here.open())
    request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
    await here.whole.ask("POST", f"incidents/{here.incident}/close")
    reply = sign_reply(here.home.signer, held[0])
    here.home.publish(replies(here.home.identity.home, request.id), reply, retain=False)
    with pytest.raises(Problem) as refused:
        await opening
    assert refused.value.kind.slug == "incident-closed"
    word = await here.word()
    assert (word.act, word.session) == (Act.CLOSE, request.id)
    ended = await here.end()
    assert (ended.outcome, ended.about["reason"]) == ("refused", "incident_not_open")


async def test_who_signed_out_while_the_home_answered(here: Streaming) -> None:
    caller, headers = await signed_in(here.whole)
    held: list[Reply] = []
    here.home.script = lambda _request, reply: held.append(reply)
    opening = asyncio.create_task(here.open(caller))
    request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
    answer = await here.whole.ask("DELETE", "session", headers=headers)
    assert answer.status == 204, answer.body
    reply = sign_reply(here.home.signer, held[0])
    here.home.publish(replies(here.home.identity.home, request.id), reply, retain=False)
    with pytest.raises(Problem) as refused:
        await opening
    assert refused.value.kind.slug == "unauthenticated"
    assert (await here.word()).act is Act.CLOSE
    assert (await here.end()).about["reason"] == "signed_out"


async def test_a_stream_that_the_home_ended_before_it_began(here: Streaming) -> None:
    """Its word overtook the hub, which was still writing that it began."""
    held: list[Reply] = []
    here.home.script = lambda _request, reply: held.append(reply)
    opening = asyncio.create_task(here.open())
    request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
    running = here.whole.hub.streams._running
    here.home.streams.end(request.id, "not_sharing")
    await until(lambda: getattr(running.of(request.id), "early", None) is not None)
    reply = sign_reply(here.home.signer, held[0])
    here.home.publish(replies(here.home.identity.home, request.id), reply, retain=False)
    with pytest.raises(Problem) as refused:
        await opening
    assert refused.value.kind.slug == "camera-unavailable"
    ended = await here.end()
    assert (ended.outcome, ended.about["reason"]) == ("ok", "no_longer_available")
    # The home said so itself.
    assert here.home.streams.heard.empty()


async def test_two_look_through_one_camera(here: Streaming) -> None:
    caller, _ = await signed_in(here.whole)
    one, two = await asyncio.gather(here.open(), here.open(caller))
    assert one.look != two.look
    assert one.secret != two.secret
    await here.whole.hub.streams.close(one)
    assert await here.closed(one) == "stopped"
    assert two.over is None
    assert here.whole.hub.streams.find(two.secret) is two


async def test_a_look_whose_end_another_hub_wrote_does_not_begin(here: Streaming) -> None:
    """A hub that hangs for long is taken for one that stopped."""
    held: list[Reply] = []
    here.home.script = lambda _request, reply: held.append(reply)
    opening = asyncio.create_task(here.open())
    request = await asyncio.wait_for(here.home.asked.get(), LIMIT)
    await here.whole.hub._ends.finish(request.issued + timedelta(minutes=3))
    reply = sign_reply(here.home.signer, held[0])
    here.home.publish(replies(here.home.identity.home, request.id), reply, retain=False)
    with pytest.raises(Problem) as refused:
        await opening
    assert refused.value.kind.slug == "camera-silent"
    assert (await here.word()).act is Act.CLOSE
    assert await here.receipt() == (request.id, "failed", 0)


async def test_what_is_long_over_is_forgotten(here: Streaming) -> None:
    running = here.whole.hub.streams._running
    session = await here.open()
    await here.whole.hub.streams.close(session)
    running.sweep()
    assert running.past(session.look)
    here.whole.clock.moved += timedelta(minutes=2)
    running.sweep()
    assert not running.past(session.look)
    assert not running.busy


async def test_the_figures_count_streams_by_their_seconds(here: Streaming) -> None:
    session = await here.open()
    here.whole.clock.moved += timedelta(seconds=1.1)
    await here.whole.hub.streams.close(session)
    looked = figures(await here.whole.entries(*EntryKind))["total"]
    assert isinstance(looked, dict)
    assert looked["looks"] == {
        "allowed": 1, "refused": 0, "handed_over": 1, "seconds": 2, "cameras": 1,
    }  # fmt: skip


async def test_a_camera_that_only_streams_is_listed_too(here: Streaming) -> None:
    further = await here.whole.home(Point(CAPITOL.lat + 0.001, CAPITOL.lon))
    here.home.grant = grant = here.home.make_grant(scopes=frozenset({Scope.STREAM}))
    here.home.publish(here.home.grant_topic, sign_grant(here.home.signer, grant))
    cameras, clock = here.whole.hub._cameras, here.whole.clock
    await until(
        lambda: (live := cameras.live(here.camera, clock())) is not None and live.jti == grant.jti
    )
    found = (await here.whole.ask("GET", f"incidents/{here.incident}/cameras")).json["features"]
    assert [each["properties"]["camera"] for each in found] == [
        here.camera,
        further.identity.camera,
    ]
    assert (await here.open()).answer == ANSWER
