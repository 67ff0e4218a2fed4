"""The city's access log (rule 4): no look without its line, whatever the city shows of its log."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.storage import Store
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.jackson_rtcc import ledger, log_watch
from custom_components.jackson_rtcc.log_watch import Health
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.entries import EntryKind
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.keys import to_jwk
from custom_components.jackson_rtcc.protocol.proofs import Logged, bind
from custom_components.jackson_rtcc.protocol.request import REQUEST, Request, sign_request
from custom_components.jackson_rtcc.protocol.tokens import Signer
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Role, Scope
from tests.integration.cameras import FakeCamera
from tests.integration.city import City
from tests.integration.city_log import look_entry
from tests.integration.repairing import begin_fix, go_on_fixing, issue, until_issue
from tests.integration.waiting import LIMIT_S, until_idle, until_state

CAMERA = "c0ffee00c0ffee00"
SENSOR = "binary_sensor.city_of_jackson_access_log"


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


def wrong(home: MockConfigEntry) -> str:
    return f"log_wrong_{home.entry_id}"


async def outcome(city: City, request: Request) -> tuple[Outcome, str | None]:
    await city.ask(request)
    reply = await city.reply(request)
    return reply.outcome, reply.reason


async def restart(hass: HomeAssistant, city: City, home: MockConfigEntry) -> Grant:
    """Load the home again and return its grant."""
    id_ = home.data["home"]
    city.messages.clear()
    assert await hass.config_entries.async_reload(home.entry_id)
    grant = await city.until_granted(id_, CAMERA)
    await until_idle(home.runtime_data)
    return grant


async def test_a_look_moves_the_pin(city: City, home: MockConfigEntry, grant: Grant) -> None:
    before = home.runtime_data.watch.seen.size
    reply = await city.look(grant)
    assert reply.outcome is Outcome.OK
    assert reply.log_size == home.runtime_data.watch.seen.size == len(city.book) > before
    (look,) = home.runtime_data.ledger.looks
    assert look.log_index == len(city.book) - 1


async def test_the_pin_outlives_a_crash(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """What was answered for is kept before the answer is out, not some seconds later."""
    reply = await city.look(grant)
    stored = await log_watch.load(
        hass, home.entry_id, home.data["home"], home.runtime_data.enrolment.city
    )
    assert stored.seen.size == reply.log_size


async def test_the_record_outlives_a_crash(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """Or the city's log would tell of a look that this home knows nothing of."""
    await city.look(grant)
    # The reply is out; the task that sent it ends with the record on disk.
    await asyncio.wait_for(asyncio.gather(*home.runtime_data.looks._tasks), LIMIT_S)
    kept = await ledger.load(hass, home.entry_id)
    assert [look.outcome for look in kept.looks] == [Outcome.OK]


# What does not add up is refused, asks no camera, and is shown to the owner.

type Lie = Callable[[City, Request], Logged]


def no_such_entry(city: City, request: Request) -> Logged:
    """Prove an entry with the path of another."""
    return city.book.prove(look_entry(request), 0, city.book.known[request.home])


def other_key(city: City, request: Request) -> Logged:
    """Show a log that somebody else signed."""
    entry, fork = look_entry(request), city.book.fork(len(city.book))
    index = fork.add(entry)
    book = bind(fork._tree, Ed25519PrivateKey.generate(), request.hub)
    return book.logged(entry, index, city.book.known[request.home])


def forked(city: City, request: Request) -> Logged:
    """Show a log that tells the past in another way."""
    entry, fork = look_entry(request), city.book.fork(1)
    while len(fork._tree) < len(city.book) + 2:
        index = fork.add(entry)
    return fork.logged(entry, index, city.book.known[request.home])


def forked_at_the_same_size(city: City, request: Request) -> Logged:
    entry, fork = look_entry(request), city.book.fork(1)
    while len(fork._tree) < city.book.known[request.home]:
        index = fork.add(entry)
    return fork.logged(entry, index, 0)


def shorter(city: City, request: Request) -> Logged:
    """Show a log that has lost its end, and claim that it continues what was seen."""
    entry, fork = look_entry(request), city.book.fork(1)
    logged = fork.logged(entry, fork.add(entry), 0)
    return replace(logged, advance=replace(logged.advance, since=city.book.known[request.home]))


def entered(**changes: Any) -> Lie:
    """Enter another story than the request tells."""

    def lie(city: City, request: Request) -> Logged:
        entry, fork = look_entry(request, **changes), city.book.fork(len(city.book))
        return fork.logged(entry, fork.add(entry), city.book.known[request.home])

    return lie


def told(**changes: Any) -> Lie:
    """Enter the look as another request would tell it."""

    def lie(city: City, request: Request) -> Logged:
        values = {
            name: value(request) if callable(value) else value for name, value in changes.items()
        }
        return entered()(city, replace(request, **values))

    return lie


LIES: dict[str, tuple[Lie, str]] = {
    "not in the log": (no_such_entry, "log_inclusion"),
    "another key": (other_key, "log_checkpoint"),
    "a fork": (forked, "log_consistency"),
    "a fork of the same size": (forked_at_the_same_size, "log_consistency"),
    "a shorter log": (shorter, "log_consistency"),
    "another camera": (told(camera="0123456789abcdef"), "log_entry"),
    "another operator": (entered(actor="o2"), "log_entry"),
    "another role": (entered(role=Role.SUPERVISOR), "log_entry"),
    "another home": (entered(home="another"), "log_entry"),
    "another look": (told(id="another"), "log_entry"),
    "another grant": (told(grant="another"), "log_entry"),
    "another scope": (told(action=Scope.STREAM), "log_entry"),
    "another policy": (told(policy="another"), "log_entry"),
    "another circle": (
        told(
            incident=lambda request: replace(
                request.incident, circle=replace(request.incident.circle, radius_m=501.0)
            )
        ),
        "log_entry",
    ),
    "a refused look": (entered(outcome="refused"), "log_entry"),
    "no look": (entered(kind=EntryKind.EXPORT), "log_entry"),
    "backdated": (told(issued=lambda request: request.issued - timedelta(minutes=2)), "log_entry"),
}


@pytest.mark.parametrize(("lie", "reason"), LIES.values(), ids=LIES)
async def test_lies(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    camera: FakeCamera,
    lie: Lie,
    reason: str,
) -> None:
    assert issue(hass, wrong(home)) is None
    request = city.request(grant)
    result = await outcome(city, replace(request, log=lie(city, request)))
    assert result == (Outcome.REFUSED, reason)
    assert camera.times == 0
    found = issue(hass, wrong(home))
    assert found is not None
    assert found.is_fixable
    assert (found.translation_placeholders or {})["reason"] == reason
    watch = home.runtime_data.watch
    assert watch.health is Health.WRONG
    (evidence,) = watch.evidence
    assert evidence.reason == reason
    assert evidence.shown["checkpoint"]
    # The owner sees that it was tried.
    (look,) = home.runtime_data.ledger.looks
    assert (look.reason, look.log_index) == (reason, None)


async def test_an_honest_look_after_a_lie(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """It is answered, because it is proved; the owner is told of the lie all the same."""
    request = city.request(grant)
    await outcome(city, replace(request, log=forked(city, request)))
    assert (await city.look(grant)).outcome is Outcome.OK
    assert issue(hass, wrong(home))
    # The id of the lie is used up, with a good proof too.
    city.messages.clear()
    assert await outcome(city, request) == (Outcome.REFUSED, "replayed")


async def test_a_request_without_its_line(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, camera: FakeCamera
) -> None:
    """It is not answered, as any that is out of shape; the owner is told."""
    topic, seen = topics.requests(grant.home), home.runtime_data.watch.seen
    for claims in ({}, {"log": {"entry": "{}"}}):
        await city.publish(topic, without_log(city, city.request(grant), claims))
    await until_issue(hass, wrong(home))
    assert home.runtime_data.watch.evidence[0].detail.endswith("not an object")
    assert home.runtime_data.watch.seen == seen
    assert camera.times == 0


@pytest.mark.parametrize("claims", [{"log": ...}, {"iat": 1, "exp": 20}, {"aud": "another"}])
async def test_others_out_of_shape_say_nothing_about_the_log(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, claims: dict[str, Any]
) -> None:
    """Out of shape with a good line, long ended, or meant for another."""
    request = await city.enter(city.request(grant))
    if claims == {"log": ...}:
        claims = {"log": request.log.claims(), "policy": 7}
    await city.publish(topics.requests(grant.home), without_log(city, request, claims))
    assert (await city.look(grant)).outcome is Outcome.OK
    assert issue(hass, wrong(home)) is None


def without_log(city: City, request: Request, claims: dict[str, Any]) -> str:
    """Return a request that the hub signed, without its line in the log."""
    taken: dict[str, Any] = {}

    class Taking(Signer):
        def sign(self, typ: str, claims: Any) -> str:
            taken.update(claims)
            return super().sign(typ, claims)

    sign_request(Taking(city.signer.key), request)
    del taken["log"]
    return city.signer.sign(REQUEST, taken | claims)


# A proof from elsewhere is no verdict.


async def test_behind(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, camera: FakeCamera
) -> None:
    """A proof from elsewhere is asked for again: no line, no repair, and the id is still good."""
    city.patient = False
    request = city.request(grant)
    written = await city.book.write_look(request)
    await city.ask(replace(request, log=city.book.prove(*written, 1)))
    reply = await city.reply(request)
    assert (reply.outcome, reply.reason) == (Outcome.REFUSED, "log_behind")
    assert home.runtime_data.ledger.looks == []
    assert issue(hass, wrong(home)) is None
    city.messages.clear()
    again = replace(request, log=city.book.prove(*written, reply.log_size))
    assert await outcome(city, again) == (Outcome.OK, None)
    assert camera.times == 1


async def test_several_looks_at_once(city: City, grant: Grant) -> None:
    """All are proved from the same place; the hub asks again for those that came too late."""
    requests = [await city.enter(city.request(grant)) for _ in range(3)]
    for request in requests:
        await city.ask(request)
    for request in requests:
        assert (await city.reply(request)).outcome is Outcome.OK


async def test_a_restored_backup_goes_on(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """A home that has forgotten is proved everything again, and accuses nobody of its own looks."""
    watch = home.runtime_data.watch
    old = watch._stored()
    looks = home.runtime_data.ledger._stored()
    for _ in range(3):
        await city.look(grant)
    await hass.config_entries.async_unload(home.entry_id)
    await log_watch._store(hass, home.entry_id).async_save(old)
    store: Store[Any] = Store(hass, 1, f"jackson_rtcc.{home.entry_id}.looks", private=True)
    await store.async_save(looks)
    state: Store[Any] = Store(hass, 1, f"jackson_rtcc.{home.data['home']}.state", private=True)
    await state.async_save({**(await state.async_load() or {}), "seq": 1})
    # The hub believes that the home is further than it remembers.
    city.messages.clear()
    assert await hass.config_entries.async_setup(home.entry_id)
    renewed = await city.until_granted(home.data["home"], CAMERA)
    assert (await city.look(renewed)).outcome is Outcome.OK
    await until_idle(home.runtime_data)
    assert home.runtime_data.watch.seen.size == len(city.book)
    assert issue(hass, wrong(home)) is None
    assert issue(hass, f"log_extra_{home.entry_id}") is None


async def test_a_fork_after_a_restart(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    await city.look(grant)
    city.book.told = city.book.fork(len(city.book))
    renewed = await restart(hass, city, home)
    assert issue(hass, wrong(home)) is None
    request = city.request(renewed)
    result = await outcome(city, replace(request, log=forked(city, request)))
    assert result == (Outcome.REFUSED, "log_consistency")


async def test_another_city_is_another_log(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    """What was seen outlives a new enrolment with the same hub, and counts for no other hub."""
    await city.look(grant)
    watch, document = home.runtime_data.watch, home.runtime_data.enrolment.city
    await watch.save()
    anew = await log_watch.load(hass, home.entry_id, "another", document)
    assert anew.seen == watch.seen
    assert (anew.start, anew.indices) == (watch.seen.size, set())
    other = replace(document, key=to_jwk(Ed25519PrivateKey.generate().public_key()))
    assert (await log_watch.load(hass, home.entry_id, grant.home, other)).seen.size == 0


# What the owner sees of it.


async def test_read_and_gone(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
) -> None:
    """It stays through a restart until the owner has read it; the pin and the evidence stay."""
    request = city.request(grant)
    await outcome(city, replace(request, log=forked(city, request)))
    await until_state(hass, SENSOR, "on")
    await restart(hass, city, home)
    assert issue(hass, wrong(home))
    seen = home.runtime_data.watch.seen
    result = await begin_fix(hass, wrong(home))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "confirm")
    assert set(result["description_placeholders"]) == {"city", "when", "reason"}
    result = await go_on_fixing(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert issue(hass, wrong(home)) is None
    assert home.runtime_data.watch.seen == seen
    await until_state(hass, SENSOR, "off")
    found: Any = await get_diagnostics_for_config_entry(hass, hass_client, home)
    log = found["access_log"]
    assert (log["health"], log["size"]) == ("ok", seen.size)
    (evidence,) = log["evidence"]
    assert evidence["reason"] == "log_consistency"
    assert evidence["source"] == "request"
    # Both that the hub signed, so that anybody can see that they contradict each other.
    assert evidence["shown"]["checkpoint"] != evidence["seen"]["checkpoint"]
    assert "entry" not in evidence["shown"]
    # The next one is told again.
    renewed = await city.until_granted(grant.home, CAMERA)
    request = city.request(renewed)
    await outcome(city, replace(request, log=forked(city, request)))
    assert issue(hass, wrong(home))


async def test_not_running(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    home.runtime_data.watch.miss_proof("no line")
    result = await begin_fix(hass, wrong(home))
    await hass.config_entries.async_unload(home.entry_id)
    result = await go_on_fixing(hass, result, {})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_removed_with_the_home(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant
) -> None:
    document = home.runtime_data.enrolment.city
    home.runtime_data.watch.miss_proof("no line")
    await hass.config_entries.async_remove(home.entry_id)
    assert issue(hass, wrong(home)) is None
    watch = await log_watch.load(hass, home.entry_id, grant.home, document)
    assert (watch.seen.size, watch.evidence) == (0, [])


def test_the_first_lies_are_kept(home: MockConfigEntry) -> None:
    """However many follow."""
    watch = home.runtime_data.watch
    for number in range(25):
        watch.miss_proof(f"number {number}")
    assert [evidence.detail for evidence in watch.evidence] == [
        *(f"number {number}" for number in range(9)),
        "number 24",
    ]
