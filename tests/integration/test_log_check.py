"""Catching up with the log: what a home that was away learns, and what it finds missing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.jackson_rtcc import log_check
from custom_components.jackson_rtcc.log_watch import Health
from custom_components.jackson_rtcc.protocol.entries import EntryKind
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.proofs import Proof
from custom_components.jackson_rtcc.protocol.request import Request
from tests.integration.city import City, problem
from tests.integration.repairing import begin_fix, go_on_fixing, issue, until_issue
from tests.integration.waiting import until_idle, until_state, until_told

CAMERA = "c0ffee00c0ffee00"
SENSOR = "binary_sensor.city_of_jackson_access_log"


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    # Looks of before are none that this record would hold.
    home.runtime_data.ledger.began -= timedelta(hours=1)
    return await city.until_granted(home.data["home"], CAMERA)


def wrong(home: MockConfigEntry) -> str:
    return f"log_wrong_{home.entry_id}"


def extra(home: MockConfigEntry) -> str:
    return f"log_extra_{home.entry_id}"


async def looked(city: City, grant: Grant, **changes: Any) -> Request:
    """Return a request that was answered with a picture."""
    request = city.request(grant, **changes)
    await city.ask(request)
    await city.reply(request)
    return request


async def check(home: MockConfigEntry) -> None:
    await home.runtime_data.log_check.check()


async def later(home: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Check when what was is settled."""
    freezer.tick(timedelta(minutes=3))
    await check(home)


async def test_on_each_connection(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """Beside the grants, which do not wait for it."""
    await city.book.write_others(5)
    city.messages.clear()
    assert await hass.config_entries.async_reload(home.entry_id)
    await city.until_granted(grant.home, CAMERA)
    running = home.runtime_data
    await until_told(running.subscribe, lambda: running.watch.seen.size == len(city.book))
    await until_state(hass, SENSOR, "off")


async def test_each_day(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    asked = city.asked.count("/api/v1/log/mine")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=1, minutes=1))
    await city.until_asked("log/mine", asked + 1)


async def test_the_city_cannot_be_asked(
    hass: HomeAssistant, city: City, entry: MockConfigEntry
) -> None:
    """Grants go out all the same; nothing is said of the log."""
    city.answers["/api/v1/log/mine"] = problem(503, "internal")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_granted(entry.data["home"], CAMERA)
    await city.until_asked("log/mine")
    await until_idle(entry.runtime_data)
    assert entry.runtime_data.watch.health is Health.UNCHECKED
    await until_state(hass, SENSOR, "unknown")


async def test_a_shorter_log(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """A hub that was put back in time, and forgot."""
    await looked(city, grant)
    city.book.told = city.book.fork(2)
    await check(home)
    assert issue(hass, wrong(home))
    evidence = home.runtime_data.watch.evidence[-1]
    assert (evidence.source, evidence.reason) == ("check", "log_consistency")


async def test_a_forked_log(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    request = await looked(city, grant)
    size = home.runtime_data.watch.seen.size
    city.book.told = city.book.fork(2)
    entry, _ = await city.book.write_end(request)
    for _ in range(size):
        city.book.told.add(entry)
    await check(home)
    assert home.runtime_data.watch.evidence[-1].reason == "log_consistency"
    assert home.runtime_data.watch.seen.size == size


async def test_a_shorter_log_is_noticed_by_a_look(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """The home cannot follow its proof, so it asks, and finds out why."""
    city.patient = False
    await looked(city, grant)
    city.book.told = city.book.fork(2)
    request = city.request(grant)
    entry, _ = await city.book.write_look(request)
    fork = city.book.fork(2)
    await city.ask(replace(request, log=fork.logged(entry, fork.add(entry), 0)))
    assert (await city.reply(request)).reason == "log_behind"
    await until_issue(hass, wrong(home))


async def test_asked_while_away(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The owner sees it, once; nobody is accused."""
    request = city.request(grant)
    stranger = city.request(grant, camera="0123456789abcdef")
    for one in (request, stranger):
        await city.book.write_look(one)
        await city.book.write_end(one, "silent")
    await check(home)
    assert home.runtime_data.ledger.looks == []
    for _ in range(2):
        await later(home, freezer)
        looks = home.runtime_data.ledger.looks
        assert {look.id: (look.name, look.reason) for look in looks} == {
            request.id: ("Porch", "away"),
            stranger.id: (None, "away"),
        }
    assert looks[0].end == "silent"
    assert issue(hass, extra(home)) is None
    await hass.async_block_till_done(wait_background_tasks=False)
    state = hass.states.get("event.porch_access")
    assert state is not None
    assert state.attributes["reason"] == "away"


async def test_a_look_that_this_home_knows_nothing_of(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Somebody else has handed over a picture in this home's name."""
    request = city.request(grant)
    await city.book.write_look(request)
    await city.book.write_end(request, "ok")
    await check(home)
    assert issue(hass, extra(home)) is None
    await later(home, freezer)
    found = issue(hass, extra(home))
    assert found is not None
    looks = (found.translation_placeholders or {})["looks"]
    assert looks.startswith("- 20")
    assert looks.endswith(": Robbery, CAD-1 (o1)")
    assert home.runtime_data.watch.health is Health.WRONG
    result = await begin_fix(hass, extra(home))
    result = await go_on_fixing(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert home.runtime_data.watch.health is Health.OK
    # It is told once.
    await later(home, freezer)
    assert issue(hass, extra(home)) is None


async def test_unknown_looks_are_bounded(
    city: City, home: MockConfigEntry, grant: Grant, freezer: FrozenDateTimeFactory
) -> None:
    for _ in range(103):
        request = city.request(grant)
        await city.book.write_look(request)
        await city.book.write_end(request, "ok")
    await later(home, freezer)
    assert len(home.runtime_data.watch.unknown) == 100


async def test_a_look_that_is_kept_from_this_home(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """It was proved when it was asked for, so it is in the log, and must be told of."""
    await looked(city, grant)
    index = home.runtime_data.ledger.looks[0].log_index
    await check(home)
    assert issue(hass, wrong(home)) is None
    city.book.hidden.add(index)
    await check(home)
    assert issue(hass, wrong(home))
    (evidence,) = home.runtime_data.watch.evidence
    assert (evidence.reason, evidence.shown["missing"]) == ("log_missing", [index])
    # Once.
    await check(home)
    assert len(home.runtime_data.watch.evidence) == 1


async def test_a_receipt_that_was_lost(city: City, home: MockConfigEntry, grant: Grant) -> None:
    """The log tells how the look ended, too; from there on it is settled."""
    request = await looked(city, grant)
    await check(home)
    assert home.runtime_data.watch.start == home.runtime_data.ledger.looks[0].log_index
    await city.book.write_end(request, "ok", 12)
    await check(home)
    (look,) = home.runtime_data.ledger.looks
    assert (look.seconds, look.end) == (12, "ok")
    assert home.runtime_data.watch.start == len(city.book)
    assert home.runtime_data.watch.indices == set()


async def test_pages(city: City, home: MockConfigEntry, grant: Grant) -> None:
    city.book.page = 2
    for _ in range(5):
        request = await looked(city, grant)
        await city.book.write_end(request, "ok", 7)
    await check(home)
    assert [look.seconds for look in home.runtime_data.ledger.looks] == [7] * 5


async def test_the_log_grows_while_it_is_asked(
    city: City, home: MockConfigEntry, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look moves the pin while the answer is on its way: it is asked again from there."""
    mine, turns = city.book.mine, []

    async def answer(*arguments: Any) -> Any:
        answered = await mine(*arguments)
        turns.append(answered)
        if len(turns) == 1:
            await looked(city, grant)
        return answered

    monkeypatch.setattr(city.book, "mine", answer)
    await check(home)
    assert len(turns) == 2
    assert home.runtime_data.watch.seen.size == len(city.book)
    assert home.runtime_data.watch.health is Health.OK


async def test_entries_of_another(
    hass: HomeAssistant, city: City, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, index = await city.book.write(EntryKind.HOME, home="another")
    mine = city.book.mine

    async def answer(*arguments: Any) -> Any:
        proof = city.book.prove(entry, index, 0).proof
        return replace(await mine(*arguments), proofs=(proof,))

    monkeypatch.setattr(city.book, "mine", answer)
    await check(home)
    assert home.runtime_data.watch.evidence[-1].detail == "an entry is not about this home"


async def test_an_entry_that_is_not_there(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await looked(city, grant)
    mine = city.book.mine

    async def answer(*arguments: Any) -> Any:
        answered = await mine(*arguments)
        (proof,) = answered.proofs[-1:]
        forged = replace(proof, entry=replace(proof.entry, actor="o2"))
        return replace(answered, proofs=(*answered.proofs[:-1], forged))

    monkeypatch.setattr(city.book, "mine", answer)
    await check(home)
    evidence = home.runtime_data.watch.evidence[-1]
    assert evidence.reason == "log_inclusion"
    assert '"actor":"o2"' in evidence.shown["entry"]


def reversed_order(proofs: tuple[Proof, ...]) -> dict[str, Any]:
    return {"proofs": proofs[::-1]}


def twice(proofs: tuple[Proof, ...]) -> dict[str, Any]:
    return {"proofs": proofs + proofs[-1:]}


def more_of_nothing(_proofs: tuple[Proof, ...]) -> dict[str, Any]:
    return {"proofs": (), "more": True}


def without_end(_proofs: tuple[Proof, ...]) -> dict[str, Any]:
    return {"more": True}


@pytest.mark.parametrize("odd", [reversed_order, twice, more_of_nothing, without_end])
async def test_not_an_answer(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    monkeypatch: pytest.MonkeyPatch,
    odd: Any,
) -> None:
    """A page in disorder, before where it was asked from, or without end is no answer."""
    monkeypatch.setattr(log_check, "_MOST_PAGES", 1)
    for _ in range(2):
        await looked(city, grant)
    mine, checked = city.book.mine, home.runtime_data.watch.checked

    async def answer(*arguments: Any) -> Any:
        answered = await mine(*arguments)
        return replace(answered, **odd(answered.proofs))

    monkeypatch.setattr(city.book, "mine", answer)
    await check(home)
    assert home.runtime_data.watch.checked == checked
    assert issue(hass, wrong(home)) is None


@pytest.mark.parametrize("body", [{}, {"log": {}, "entries": [], "more": False}])
async def test_rubbish(city: City, home: MockConfigEntry, body: dict[str, Any]) -> None:
    city.answers["/api/v1/log/mine"] = web.json_response(body)
    checked = home.runtime_data.watch.checked
    await check(home)
    assert home.runtime_data.watch.checked == checked


async def test_not_for_each_message(city: City, home: MockConfigEntry) -> None:
    asked = city.asked.count("/api/v1/log/mine")
    for _ in range(3):
        await home.runtime_data.log_check.suspect()
    assert city.asked.count("/api/v1/log/mine") == asked + 1
    home.runtime_data.log_check._suspected -= timedelta(minutes=6)
    await home.runtime_data.log_check.suspect()
    assert city.asked.count("/api/v1/log/mine") == asked + 2
