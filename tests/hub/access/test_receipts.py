"""Receipts: sent until the home has signed for them, whatever happens in between."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hub.access import receipts as module
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.messaging.child import Broker
from hub.protocol.proofs import Seen
from hub.protocol.receipt import Acknowledgement
from hub.protocol.topics import OFFLINE, presence, replies
from hub.store.tables import homes, receipts
from tests.hub.conftest import until
from tests.hub.waiting import LIMIT
from tests.hub.whole import CAPITOL, ScriptedHome, WholeHub, whole_hub


async def kept(whole: WholeHub) -> int:
    """Return how many receipts the store holds."""
    async with whole.engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(receipts)) or 0)


async def gone(whole: WholeHub) -> None:
    """Wait until nothing is left to be acknowledged."""
    await until(lambda: not len(whole.hub._receipts))
    assert await kept(whole) == 0


async def looked(whole: WholeHub, home: ScriptedHome) -> str:
    """Look once, and return the look's id."""
    answer = await whole.look(await whole.incident(), home.identity.camera)
    assert answer.status == 200, answer.json
    return answer.headers["RTCC-Look"]


def silent(_word: Acknowledgement) -> None:
    """Say nothing to a receipt."""


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send again soon."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.05)


async def test_a_look_ends_with_a_receipt(whole: WholeHub) -> None:
    home = await whole.home()
    look = await looked(whole, home)
    await gone(whole)
    (receipt,) = home.receipts
    assert (receipt.look, receipt.outcome, receipt.seconds) == (look, "ok", 0)
    assert (receipt.home, receipt.camera) == (home.identity.home, home.identity.camera)
    assert receipt.log.proof.entry.about["look"] == look
    assert home.seen.size == len(whole.hub.log)
    assert await whole.counted("rtcc_receipts_pending") == 0


async def test_what_never_reached_a_home_gives_no_receipt(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident(lat=CAPITOL.lat + 0.02)
    assert (await whole.look(incident, home.identity.camera)).status == 404
    assert await kept(whole) == 0


@pytest.mark.usefixtures("quickly")
async def test_it_is_sent_again_until_it_is_acknowledged(whole: WholeHub) -> None:
    home = await whole.home()
    home.word = silent
    await looked(whole, home)
    first, second, third = [await asyncio.wait_for(home.receipted.get(), LIMIT) for _ in range(3)]
    assert first == second == third
    assert await kept(whole) == 1
    assert await whole.counted("rtcc_receipts_pending") == 1
    home.word = lambda word: word
    await gone(whole)


async def test_it_is_sent_when_the_home_comes_back(whole: WholeHub) -> None:
    home = await whole.home()
    home.word = silent
    await looked(whole, home)
    before = await asyncio.wait_for(home.receipted.get(), LIMIT)
    home.publish(presence(home.identity.home), OFFLINE)
    await whole.until_live(home, live=False)
    whole.tasks.pop().cancel()
    home.word = lambda word: word
    whole.tasks.append(asyncio.create_task(home.run()))
    assert await asyncio.wait_for(home.receipted.get(), LIMIT) == before
    await gone(whole)


async def test_it_outlives_the_hub(
    folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    async with whole_hub(folder, authority, broker) as whole:
        home = await whole.home()
        home.word = silent
        look = await looked(whole, home)
        before = await asyncio.wait_for(home.receipted.get(), LIMIT)
    home.word = lambda word: word
    async with whole_hub(folder, authority, broker) as whole:
        assert await kept(whole) == 1
        whole.tasks.append(asyncio.create_task(home.run()))
        assert await asyncio.wait_for(home.receipted.get(), LIMIT) == before
        await gone(whole)
    assert {receipt.look for receipt in home.receipts} == {look}


async def test_a_home_that_has_seen_less_gets_another_proof_at_once(whole: WholeHub) -> None:
    home = await whole.home()
    home.script = lambda _request, reply: (setattr(home, "seen", Seen()), reply)[1]
    await looked(whole, home)
    await gone(whole)
    assert (home.counts["log_behind"], home.counts["receipt"]) == (1, 1)
    async with whole.engine.connect() as connection:
        assert await connection.scalar(select(homes.c.log_size)) == home.seen.size


async def test_a_home_that_is_always_behind_is_not_written_to_without_end(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await whole.home()
    home.word = lambda word: replace(word, log_size=0, reason="log_behind")
    await looked(whole, home)
    for _ in range(2):
        await asyncio.wait_for(home.receipted.get(), LIMIT)
    # The next turn would be in ten seconds; only then it may have two tries again.
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.05)
    await whole.live()
    assert home.receipted.empty()
    assert await kept(whole) == 1


@pytest.mark.usefixtures("quickly")
async def test_after_a_pause_it_may_be_behind_once_more(whole: WholeHub) -> None:
    home = await whole.home()
    home.word = lambda word: replace(word, log_size=0, reason="log_behind")
    await looked(whole, home)
    for _ in range(4):
        await asyncio.wait_for(home.receipted.get(), LIMIT)
    assert await kept(whole) == 1


async def test_a_receipt_that_does_not_add_up_raises_an_alarm(
    whole: WholeHub, caplog: pytest.LogCaptureFixture
) -> None:
    home = await whole.home()
    home.word = lambda word: replace(word, reason="log_entry")
    await looked(whole, home)
    await gone(whole)
    assert await whole.counted('rtcc_log_doubted_total{reason="log_entry"}') == 1
    assert any(record.levelname == "CRITICAL" for record in caplog.records)


async def test_a_home_that_has_seen_more_than_there_is_raises_an_alarm(whole: WholeHub) -> None:
    home = await whole.home()
    home.word = lambda word: replace(word, log_size=10**6, reason="log_behind")
    await looked(whole, home)
    await asyncio.wait_for(home.receipted.get(), LIMIT)

    await whole.until_counted('rtcc_log_doubted_total{reason="log_behind"}')
    assert await kept(whole) == 1


async def test_a_receipt_that_a_home_does_not_want_is_not_sent_again(
    whole: WholeHub, caplog: pytest.LogCaptureFixture
) -> None:
    home = await whole.home()
    home.word = lambda word: replace(word, reason="no_such_camera")
    await looked(whole, home)
    await gone(whole)
    assert any("no_such_camera" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("what", "reason"),
    [("nonsense", "malformed"), ("another receipt", "wrong_topic"), ("a stranger", "unknown_key")],
)
async def test_only_the_home_s_own_word_counts(whole: WholeHub, what: str, reason: str) -> None:
    home, stranger = await whole.home(), await whole.home(live=False)

    def word(word: Acknowledgement) -> Acknowledgement | bytes | None:
        match what:
            case "nonsense":
                return b"yes"
            case "another receipt":
                return replace(word, receipt="another")
        home.signer = stranger.signer
        return word

    home.word = word
    await looked(whole, home)

    await whole.until_counted(f'rtcc_messages_refused_total{{reason="{reason}"}}')
    assert await kept(whole) == 1


async def test_another_home_cannot_sign_for_it(whole: WholeHub) -> None:
    home, stranger = await whole.home(), await whole.home(live=False)
    home.word = silent
    await looked(whole, home)
    receipt = await asyncio.wait_for(home.receipted.get(), LIMIT)
    word = Acknowledgement(receipt=receipt, log_size=1)
    signed = stranger.acknowledgement(word, whole.clock())
    assert signed is not None
    stranger.publish(replies(stranger.identity.home, receipt), signed, retain=False)

    await whole.until_counted('rtcc_messages_refused_total{reason="wrong_topic"}')
    assert await kept(whole) == 1


async def test_after_thirty_days_it_is_given_up(whole: WholeHub) -> None:
    home = await whole.home()
    home.word = silent
    await looked(whole, home)
    now = whole.clock()
    await whole.hub._receipts.sweep(now + timedelta(days=29))
    assert await kept(whole) == 1
    await whole.hub._receipts.sweep(now + timedelta(days=31))
    await gone(whole)


async def test_a_removed_home_gets_none(whole: WholeHub) -> None:
    home = await whole.home()
    home.word = silent
    await looked(whole, home)
    receipt = await asyncio.wait_for(home.receipted.get(), LIMIT)
    await whole.homes.remove(home.identity.home, whole.clock())
    await asyncio.gather(*whole.hub._forgetting)
    await gone(whole)
    assert not whole.hub._receipts.awaits(home.identity.home, receipt)


async def test_a_word_that_comes_while_its_home_is_removed_is_none(whole: WholeHub) -> None:
    home = await whole.home()
    home.word = silent
    await looked(whole, home)
    receipt = await asyncio.wait_for(home.receipted.get(), LIMIT)
    whole.homes._verifiers.pop(home.identity.home)
    await whole.hub.inbox.take(replies(home.identity.home, receipt), b"anything")
    assert await whole.counted('rtcc_messages_refused_total{reason="unknown_home"}') == 1
    assert await kept(whole) == 1


async def test_without_a_broker_nothing_is_sent_and_nothing_lost(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await whole.home()
    home.word = silent
    await looked(whole, home)
    await asyncio.wait_for(home.receipted.get(), LIMIT)
    monkeypatch.setattr(type(whole.hub._receipts._bus), "connected", property(lambda _: False))
    whole.hub._receipts.set_online(home.identity.home, online=True)
    await asyncio.sleep(0)
    whole.hub.inbox.link(False)
    assert await kept(whole) == 1
    monkeypatch.undo()
    assert home.receipted.empty()
