"""A restored backup goes on where the hub is; a twin with the same keys is noticed."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import aiomqtt
import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.link import make_client
from custom_components.jackson_rtcc.memory import Memory
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.city import City as CityDocument
from custom_components.jackson_rtcc.protocol.grant import Revocation, sign_revocation
from tests.integration.city import City, problem
from tests.integration.repairing import begin_fix, go_on_fixing, issue, until_issue
from tests.integration.waiting import Log

CAMERA = "c0ffee00c0ffee00"
FAR = 4 * 10**12
"""A sequence number that no clock of ours has reached."""


def twin_issue(entry: MockConfigEntry) -> str:
    return f"twin_home_{entry.entry_id}"


async def say(hass: HomeAssistant, city: City, entry: MockConfigEntry, seq: int) -> None:
    """Revoke as another Home Assistant with the same keys; the broker ends the older link."""
    home = entry.data["home"]
    identity = await identities.load(hass, home)
    assert identity is not None
    context = await hass.async_add_executor_job(identities.tls_context, identity)
    token = sign_revocation(
        identity.signer,
        Revocation(
            home=home,
            hub=city.signer.kid,
            camera=CAMERA,
            jti=f"twin{seq}",
            seq=seq,
            issued=city.now,
        ),
    )
    client = make_client(home, CityDocument.parse(city.document).broker, context)

    def heard() -> bool:
        return (held := city.live.held(CAMERA)) is not None and held.seq >= seq

    while not heard():
        # The two end each other's links, so it may take more than one.
        with suppress(aiomqtt.MqttError):
            async with client:
                await client.publish(topics.grants(home, CAMERA), token, qos=1, retain=True)
                await city.until(lambda: heard() or None)
        forgive(client)


def patient_no_more(entry: MockConfigEntry, waits: list[tuple[float, float]]) -> None:
    """Note how long the link would wait, and let it not."""

    class Random:
        def uniform(self, least: float, most: float) -> float:
            waits.append((least, most))
            return 0.0

    entry.runtime_data.link._backoff.random = Random()


async def test_restored_backup(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    """The hub has heard more than this home remembers: it goes on above, without a word."""
    await say(hass, city, entry, FAR)
    assert await hass.config_entries.async_setup(entry.entry_id)
    grant = await city.until_granted(entry.data["home"], CAMERA, FAR)
    await city.until(lambda: city.live.live(CAMERA, city.now))
    assert grant.seq > FAR
    assert entry.runtime_data._memory.seq >= grant.seq
    assert issue(hass, twin_issue(entry)) is None
    # Grants waited for the answer, so the hub had to refuse none.
    assert city.refused == []


async def test_revocations_do_not_wait(
    hass: HomeAssistant, city: City, entry: MockConfigEntry, monkeypatch: Any
) -> None:
    """What is switched off is revoked at once, and again above what the hub has seen."""
    await say(hass, city, entry, FAR)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await entry.runtime_data.shares.set_home(False)
    await city.until(lambda: ((held := city.live.held(CAMERA)) and held.seq > FAR) or None)
    held = city.live.held(CAMERA)
    assert held is not None
    assert held.grant is None


async def test_city_silent(
    hass: HomeAssistant, city: City, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Grants wait for the answer for a moment only; when it comes, they are said anew."""
    monkeypatch.setattr("custom_components.jackson_rtcc.home.BEFORE_GRANTS_S", 0)
    await say(hass, city, entry, FAR)
    assert await hass.config_entries.async_setup(entry.entry_id)
    grant = await city.until_granted(entry.data["home"], CAMERA, FAR)
    assert grant.seq > FAR


async def test_city_cannot_be_asked(
    hass: HomeAssistant, city: City, entry: MockConfigEntry
) -> None:
    city.answers["/api/v1/status"] = problem(503, "internal")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_granted(entry.data["home"], CAMERA)


async def test_twin(hass: HomeAssistant, city: City, home: MockConfigEntry, log: Log) -> None:
    """Another with our keys is named, and the two do not take the link from each other for ever."""
    id_ = home.data["home"]
    waits: list[tuple[float, float]] = []
    patient_no_more(home, waits)
    await say(hass, city, home, FAR)
    await until_issue(hass, twin_issue(home))
    found = issue(hass, twin_issue(home))
    assert found is not None
    assert found.is_fixable
    # It goes on above, because the owner's word counts here too.
    await city.until_granted(id_, CAMERA, FAR)

    waits.clear()
    await say(hass, city, home, 2 * FAR)
    await city.until_granted(id_, CAMERA, 2 * FAR)
    assert (300.0, 900.0) in waits

    # The other is gone: the next answer holds nothing that we did not say.
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=1, minutes=1))
    await until_issue(hass, twin_issue(home), there=False)


async def test_twin_is_asked_about_again(
    hass: HomeAssistant, city: City, home: MockConfigEntry, freezer: Any
) -> None:
    patient_no_more(home, [])
    await say(hass, city, home, FAR)
    await until_issue(hass, twin_issue(home))
    freezer.tick(timedelta(minutes=16))
    async_fire_time_changed(hass)
    await until_issue(hass, twin_issue(home), there=False)


async def test_short_links_wait_longer_each_time(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """Even if the city cannot be asked who the other is."""
    id_ = home.data["home"]
    city.answers["*"] = problem(503, "internal")
    waits: list[tuple[float, float]] = []
    patient_no_more(home, waits)
    for turn in range(4):
        connections = home.runtime_data.link.connections
        await kick(hass, city, home)
        await city.until(
            lambda before=connections: home.runtime_data.link.connections > before or None
        )
        await city.until_presence(id_, b"online")
        assert len(waits) == turn + 1
    longest = [most for _, most in waits]
    assert longest == [1, 2, 4, 8]


async def kick(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    """Take the link away, as another with the same keys does by connecting."""
    home = entry.data["home"]
    identity = await identities.load(hass, home)
    assert identity is not None
    context = await hass.async_add_executor_job(identities.tls_context, identity)
    broker = CityDocument.parse(city.document).broker
    client = make_client(home, broker, context)
    with suppress(aiomqtt.MqttError):
        async with client:
            pass
    forgive(client)


def forgive(client: aiomqtt.Client) -> None:
    """Take note that the link was ended, which else is an error in the log."""
    if client._disconnected.done():
        client._disconnected.exception()


async def test_twin_fixed_by_a_new_enrolment(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    old = home.data["home"]
    identity = await identities.load(hass, old)
    assert identity is not None
    patient_no_more(home, [])
    await say(hass, city, home, FAR)
    await until_issue(hass, twin_issue(home))
    result = await begin_fix(hass, twin_issue(home))
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "confirm")
    assert result["description_placeholders"] == {"city": "City of Jackson"}
    result = await go_on_fixing(hass, result, {})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "enrol_anew")
    # Until that is done the issue stays.
    assert issue(hass, twin_issue(home))
    kind, flow_id = result["next_flow"]
    assert kind == "config_flow"
    again = await go_on_fixing(hass, await begin_fix(hass, twin_issue(home)), {})
    assert again["next_flow"][1] == flow_id

    flows = hass.config_entries.flow
    await flows.async_configure(flow_id, {"url": city.url, "code": await city.code()})
    done = await flows.async_configure(flow_id, {"accepted_by": "Medgar", "accept": True})
    assert done["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert home.state is ConfigEntryState.LOADED
    assert issue(hass, twin_issue(home)) is None
    # The twin's keys are worth nothing any more.
    context = await hass.async_add_executor_job(identities.tls_context, identity)
    broker = CityDocument.parse(city.document).broker
    with pytest.raises(aiomqtt.MqttError):
        async with make_client(old, broker, context) as client:
            await client.publish(topics.presence(old), topics.ONLINE, qos=1, timeout=5)
    await city.until_presence(home.data["home"], b"online")


def test_seq_only_grows() -> None:
    class Store:
        def async_delay_save(self, *_: Any) -> None:
            pass

    memory = Memory(Store(), seq=5)  # type: ignore[arg-type]
    memory.raise_seq(4)
    assert memory.seq == 5
    memory.raise_seq(FAR)
    assert memory.next_seq(dt_util.utcnow()) == FAR + 1
