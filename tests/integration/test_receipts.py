"""Receipts: how a look ended, proved, kept once, acknowledged each time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc.ledger import Look
from custom_components.jackson_rtcc.log_watch import Health
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.receipt import Receipt, sign_receipt
from custom_components.jackson_rtcc.protocol.request import Request
from custom_components.jackson_rtcc.protocol.tokens import Signer
from tests.integration.city import City
from tests.integration.repairing import issue
from tests.integration.waiting import until_idle

CAMERA = "c0ffee00c0ffee00"


@pytest.fixture
async def looked(city: City, home: MockConfigEntry) -> Request:
    """Return a request that was answered with a picture."""
    request = city.request(await city.until_granted(home.data["home"], CAMERA))
    await city.ask(request)
    await city.reply(request)
    return request


def line(home: MockConfigEntry) -> Look:
    (look,) = home.runtime_data.ledger.looks
    assert isinstance(look, Look)
    return look


async def sent(city: City, receipt: Receipt) -> str | None:
    """Send a receipt and return the reason in its acknowledgement."""
    await city.send_receipt(receipt)
    acknowledgement = await city.acknowledged(receipt)
    assert acknowledgement.receipt == receipt.id
    return acknowledgement.reason


async def test_the_end_of_a_look(city: City, home: MockConfigEntry, looked: Request) -> None:
    receipt = await city.receipt(looked, seconds=42)
    assert await sent(city, receipt) is None
    assert (line(home).seconds, line(home).end) == (42, "ok")
    assert line(home).end_index == receipt.log.proof.index
    assert (await city.acknowledged(receipt)).log_size == home.runtime_data.watch.seen.size


async def test_twice(city: City, home: MockConfigEntry, looked: Request) -> None:
    """Acknowledged again, under whatever log; nothing changes."""
    receipt = await city.receipt(looked, seconds=42)
    assert await sent(city, receipt) is None
    await city.book.write_others(2)
    before = line(home)
    again = replace(receipt, log=city.book.prove(receipt.log.proof.entry, 5, 0))
    for one in (receipt, again):
        assert await sent(city, one) is None
        assert line(home) == before
    assert home.runtime_data.watch.health is Health.OK


async def test_out_of_order(city: City, home: MockConfigEntry, looked: Request) -> None:
    """The later one moves the pin; the earlier one is asked for again, and then kept."""
    early = await city.receipt(looked, seconds=3)
    grant = await city.until_granted(home.data["home"], CAMERA)
    second = city.request(grant)
    await city.ask(second)
    await city.reply(second)
    late = await city.receipt(second, seconds=4)
    assert await sent(city, late) is None
    assert await sent(city, early) == "log_behind"
    size = (await city.acknowledged(early)).log_size
    proof = early.log.proof
    again = replace(early, log=city.book.prove(proof.entry, proof.index, size))
    assert await sent(city, again) is None
    assert [look.seconds for look in home.runtime_data.ledger.looks] == [4, 3]
    await until_idle(home.runtime_data)


async def test_a_look_ends_once(city: City, home: MockConfigEntry, looked: Request) -> None:
    assert await sent(city, await city.receipt(looked, seconds=3)) is None
    assert await sent(city, await city.receipt(looked, seconds=9)) is None
    assert line(home).seconds == 3


@pytest.mark.parametrize(
    "changes",
    [{"seconds": 7}, {"outcome": "silent"}, {"look": "another"}],
)
async def test_another_end_than_the_log_tells(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    looked: Request,
    changes: dict[str, Any],
) -> None:
    receipt = replace(await city.receipt(looked, seconds=5), **changes)
    assert await sent(city, receipt) == "log_entry"
    assert line(home).seconds is None
    assert issue(hass, f"log_wrong_{home.entry_id}")
    assert home.runtime_data.watch.evidence[0].source == "receipt"
    # It was not taken: a right one under the same id is.
    right = await city.receipt(looked, seconds=5)
    assert await sent(city, replace(right, id=receipt.id)) is None


async def test_proved_by_something_else(
    hass: HomeAssistant, city: City, home: MockConfigEntry, looked: Request
) -> None:
    """The entry of the look is not that of its end."""
    receipt = await city.receipt(looked)
    entry, index = await city.book.write_look(looked)
    size = city.book.known[looked.home]
    assert await sent(city, replace(receipt, log=city.book.prove(entry, index, size))) == (
        "log_entry"
    )
    # Nor is one that names no look.
    nameless = replace(receipt.log.proof.entry, about={})
    fork = city.book.fork(len(city.book))
    logged = fork.logged(nameless, fork.add(nameless), home.runtime_data.watch.seen.size)
    assert await sent(city, replace(receipt, log=logged)) == "log_entry"


async def test_not_believed(
    city: City, home: MockConfigEntry, looked: Request, caplog: pytest.LogCaptureFixture
) -> None:
    """By a stranger, for another, of another time, or rubbish: not kept and not acknowledged."""
    receipt = await city.receipt(looked, seconds=5)
    now = city.now
    stranger = Signer(Ed25519PrivateKey.generate())
    bad = [
        sign_receipt(stranger, receipt),
        sign_receipt(city.signer, replace(receipt, home="another")),
        sign_receipt(city.signer, replace(receipt, hub="another")),
        sign_receipt(city.signer, replace(receipt, issued=now - timedelta(minutes=11))),
        "rubbish",
    ]
    for token in bad * 2:
        await city.publish(topics.receipts(looked.home), token)
    assert await sent(city, receipt) is None
    replies = [topic for topic, _ in city.history if topic.endswith(receipt.id)]
    assert len(replies) == 1
    counts = home.runtime_data.receipts.counts
    for reason in ("unknown_key", "wrong_audience", "wrong_issuer", "expired", "malformed"):
        assert counts[reason] == 2
        # Once for each reason and minute.
        assert caplog.text.count(f"A receipt was not believed: {reason}") == 1


async def test_of_a_look_that_is_not_known(city: City, home: MockConfigEntry, grant: Grant) -> None:
    """It is kept, and the log is asked what that was."""
    asked = city.asked.count("/api/v1/log/mine")
    receipt = await city.receipt(city.request(grant), outcome="silent")
    assert await sent(city, receipt) is None
    await city.until_asked("log/mine", asked + 1)
    await until_idle(home.runtime_data)
    assert home.runtime_data.ledger.looks == []


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


async def test_the_memory_of_receipts_is_bounded(home: MockConfigEntry) -> None:
    watch = home.runtime_data.watch
    for number in range(502):
        watch.keep_receipt(f"r{number}")
    assert not watch.has_receipt("r1")
    assert watch.has_receipt("r2")
