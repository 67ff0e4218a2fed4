"""Streams whose hub is gone: ended by another hub, with seconds that are true."""

from datetime import timedelta

import pytest

from demo.simulated import utcnow
from hub.access.ends import lost
from hub.access.looks import UnderWay, Unended
from hub.protocol.entries import EntryKind
from hub.protocol.session import Act, Word, sign_word
from hub.protocol.topics import replies
from hub.streams.told import Over
from tests.hub.streams.streaming import Streaming, streaming
from tests.hub.whole import WholeHub


@pytest.fixture
async def here(whole: WholeHub) -> Streaming:
    return await streaming(whole)


def forget(here: Streaming) -> None:
    """Lose what is in memory, as a hub that crashes does."""
    running = here.whole.hub.streams._running
    running._sessions.clear()
    running._secrets.clear()


async def test_a_stream_of_a_hub_that_crashed_ran_until_its_lease_was_over(
    here: Streaming,
) -> None:
    session = await here.open()
    assert session.began is not None
    here.whole.clock.moved += timedelta(seconds=40)
    await here.whole.hub.streams.renew(session, here.caller)
    forget(here)
    here.home.streams.drop_all()
    await here.whole.hub._ends.finish(session.until + timedelta(minutes=2))
    ended = await here.end()
    assert (ended.outcome, ended.about["reason"]) == ("ok", "hub_stopped")
    seconds = ended.about["seconds"]
    assert isinstance(seconds, int)
    assert 99 <= seconds <= 101
    assert await here.receipt() == (session.look, "ok", seconds)


async def test_a_running_stream_of_another_hub_is_left_alone(here: Streaming) -> None:
    """However long ago it was asked for, as long as its lease is renewed."""
    session = await here.open()
    here.whole.clock.moved += timedelta(seconds=50)
    await here.whole.hub.streams.renew(session, here.caller)
    ends = here.whole.hub._ends
    await ends.finish(session.until)
    # And its own hub has a minute to write how it ended.
    await ends.finish(session.until + timedelta(seconds=59))
    assert await here.whole.entries(EntryKind.LOOK_ENDED) == []
    assert session.over is None


async def test_a_stream_that_no_home_answered_when_its_hub_crashed() -> None:
    look = UnderWay(
        look="l", incident="i", camera="c", home="h", pseudonym="officer-1", role="officer"
    )
    end = lost(Unended(look, began=None, until=None))
    assert (end.outcome, end.reason, end.seconds) == ("failed", "hub_stopped", 0)


async def test_what_a_home_says_of_a_crashed_hub_s_stream_is_its_end(here: Streaming) -> None:
    session = await here.open()
    forget(here)
    # The word on what a hub closed is that hub's own affair.
    here.home.streams.say(session.look, Act.ENDED, reason="closed", seconds=1)
    here.home.streams.say(session.look, Act.CANDIDATES, candidates=())
    here.home.streams.say(session.look, Act.ENDED, reason="lease_over", seconds=86_400)
    ended = await here.end()
    # It is not over yet, whatever the home says.
    assert ended.about["reason"] == Over.NO_LONGER_AVAILABLE
    assert ended.about["seconds"] == 60
    assert await here.receipt() == (session.look, "ok", 60)
    assert len(await here.whole.entries(EntryKind.LOOK_ENDED)) == 1


async def test_no_home_ends_a_stream_that_is_not_its_own(here: Streaming) -> None:
    session, other = await here.open(), await here.whole.home(streaming=True)
    forget(here)
    word = Word(
        id="0" * 16,
        sender=other.identity.home,
        receiver=other.city.hub,
        session=session.look,
        act=Act.ENDED,
        issued=utcnow(),
        reason="stopping",
        seconds=1,
    )
    topic = replies(other.identity.home, session.look)
    await here.whole.hub.inbox.take(topic, sign_word(other.signer, word))
    assert await here.whole.entries(EntryKind.LOOK_ENDED) == []
