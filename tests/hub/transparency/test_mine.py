"""What a home asks about itself: its own entries, all of them, proved, and nobody else's."""

import asyncio

from hub.protocol.entries import EntryKind
from hub.protocol.mine import PAGE, Mine, Question, sign_question
from hub.protocol.proofs import Seen
from hub.transparency.log import HUB
from tests.hub.conftest import until
from tests.hub.whole import Answer, ScriptedHome, WholeHub


async def asks(
    whole: WholeHub, home: ScriptedHome, since: int = 0, start: int = 0, name: str = ""
) -> Answer:
    """Ask as this home, signed with its key."""
    id_ = name or home.identity.home
    token = sign_question(
        home.signer, Question(since=since, start=start), id_, home.city.hub, "q1", whole.clock()
    )
    return await whole.ask("POST", "log/mine", {"home": id_, "token": token})


def proved(home: ScriptedHome, answer: Answer, seen: Seen | None = None) -> tuple[Mine, Seen]:
    """Read an answer and verify all of it."""
    assert answer.status == 200, answer.json
    mine = Mine.parse(answer.json)
    now = mine.advance.verify(home._verifier.key, home.city.hub, seen or Seen())
    for proof in mine.proofs:
        proof.verify(now)
        assert proof.entry.home == home.identity.home
    return mine, now


async def test_a_home_gets_its_own_entries_and_the_log_s_checkpoint(whole: WholeHub) -> None:
    home, neighbour = await whole.home(), await whole.home()
    incident = await whole.incident()
    for one in (home, neighbour, home):
        await whole.look(incident, one.identity.camera)
    await until(lambda: not len(whole.hub._receipts))
    mine, seen = proved(home, await asks(whole, home))
    assert [proof.entry.kind for proof in mine.proofs] == [
        "home", "home", "look", "look_ended", "look", "look_ended",
    ]  # fmt: skip
    assert not mine.more
    assert seen.size == len(whole.hub.log)
    # It goes on from there.
    await whole.look(incident, home.identity.camera)
    last = mine.proofs[-1].index
    home.seen = seen
    mine, _ = proved(home, await asks(whole, home, seen.size, last + 1), seen)
    assert [proof.entry.kind for proof in mine.proofs] == ["look", "look_ended"]


async def test_what_a_home_asked_for_is_where_its_next_proof_begins(whole: WholeHub) -> None:
    home = await whole.home()
    _, home.seen = proved(home, await asks(whole, home))
    await whole.look(await whole.incident(), home.identity.camera)
    assert home.counts["log_behind"] == 0
    assert home.asked.qsize() == 1


async def test_many_entries_come_in_pages(whole: WholeHub) -> None:
    home = await whole.home()
    async with whole.hub.log.writing() as page:
        for number in range(PAGE):
            page.add(
                EntryKind.EXPORT,
                actor=HUB,
                outcome="done",
                home=home.identity.home,
                about={"number": number},
            )
    first, seen = proved(home, await asks(whole, home))
    assert (len(first.proofs), first.more) == (PAGE, True)
    start = first.proofs[-1].index + 1
    second, _ = proved(home, await asks(whole, home, seen.size, start), seen)
    assert (len(second.proofs), second.more) == (2, False)


async def test_another_home_cannot_ask(whole: WholeHub) -> None:
    home, stranger = await whole.home(live=False), await whole.home(live=False)
    answer = await asks(whole, stranger, name=home.identity.home)
    assert (answer.status, answer.problem) == (400, "refused-statement")
    assert answer.json["reason"] == "unknown_key"
    absent = await asks(whole, home, name="0123456789abcdef")
    assert (absent.status, absent.problem) == (404, "home-unknown")


async def test_a_removed_home_has_no_such_right(whole: WholeHub) -> None:
    home = await whole.home(live=False)
    await whole.homes.remove(home.identity.home, whole.clock())
    await asyncio.gather(*whole.hub._forgetting)
    assert (await asks(whole, home)).problem == "home-unknown"


async def test_a_home_that_has_seen_more_than_there_is_raises_an_alarm(whole: WholeHub) -> None:
    home = await whole.home(live=False)
    answer = await asks(whole, home, since=10**9)
    assert Mine.parse(answer.json).advance.since == 0
    assert await whole.counted('rtcc_log_doubted_total{reason="log_behind"}') == 1
