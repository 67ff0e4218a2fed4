"""Withdrawing: one action that ends everything, whether the city can be reached or not."""

import json
from datetime import timedelta
from typing import Any

import aiomqtt
import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.jackson_rtcc import consents as consent_records
from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.client import BrokerClient
from custom_components.jackson_rtcc.link import make_client
from custom_components.jackson_rtcc.protocol.consent import State, verify_consent
from custom_components.jackson_rtcc.protocol.tokens import Token
from tests.integration.cameras import FakeCamera
from tests.integration.city import City, problem
from tests.integration.conftest import share_data, subentry
from tests.integration.enrolled import OWNER, enrol
from tests.integration.waiting import until_told

DOMAIN = "jackson_rtcc"
CAMERA = "c0ffee00c0ffee00"


async def call(hass: HomeAssistant, name: str, entry_id: str, **options: Any) -> Any:
    return await hass.services.async_call(
        DOMAIN, name, {"config_entry_id": entry_id}, blocking=True, **options
    )


async def withdraw(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await call(hass, "withdraw", home.entry_id)
    await hass.async_block_till_done()


def reauths(hass: HomeAssistant) -> list[Any]:
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == "reauth"
    ]


async def test_record(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    answer = await call(hass, "consent_record", home.entry_id, return_response=True)
    record = answer["record"]
    assert record["record_metadata"]["schema_version"] == "ISO/IEC TS 27560:2023"
    assert record["party_identification"]["pii_principal"] == {"name": OWNER}
    assert record["pii_processing"]["privacy_notice"]["language"] == "en"
    assert record["event"]["event_state"] == "given"
    verifier = city.homes[home.data["home"]].verifier
    signed = verify_consent(answer["token"], verifier, verifier.kid, city.signer.kid, city.now)
    (kept,) = await city.consents(home.data["home"])
    assert signed.consent == kept
    json.dumps(answer)


async def test_record_in_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    city: City,
    home: MockConfigEntry,
) -> None:
    """All of it but who signed."""
    assert await async_setup_component(hass, "diagnostics", {})
    found = await get_diagnostics_for_config_entry(hass, hass_client, home)
    assert found["holds"] == []
    assert found["consent"]["told"] is True
    record = found["consent"]["record"]
    assert record["event"]["event_state"] == "given"
    assert record["pii_processing"]["rules"]["version"] == "1"
    assert OWNER not in json.dumps(found)
    await consent_records.forget(home.runtime_data.consents)
    home.runtime_data.consents.records.clear()
    found = await get_diagnostics_for_config_entry(hass, hass_client, home)
    assert found["consent"] is None


async def test_no_record(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    with pytest.raises(ServiceValidationError) as err:
        await call(hass, "consent_record", "another", return_response=True)
    assert err.value.translation_key == "no_such_home"
    await consent_records.forget(home.runtime_data.consents)
    with pytest.raises(ServiceValidationError) as err:
        await call(hass, "consent_record", home.entry_id, return_response=True)
    assert err.value.translation_key == "no_record"


async def test_withdraw(
    hass: HomeAssistant, hass_storage: dict[str, Any], city: City, home: MockConfigEntry
) -> None:
    id_ = home.data["home"]
    await withdraw(hass, home)
    await city.until_revoked(id_, CAMERA)
    await city.until_presence(id_, b"offline")
    given, withdrawn = await city.consents(id_)
    assert (given.state, withdrawn.state) == (State.GIVEN, State.WITHDRAWN)
    assert withdrawn.name == OWNER
    assert city.registry.verifier(id_) is None
    assert not city.live.count(city.now)

    assert home.state is ConfigEntryState.SETUP_ERROR
    assert home.error_reason_translation_key == "withdrawn"
    assert [flow["step_id"] for flow in reauths(hass)] == ["reauth_confirm"]
    assert await identities.load(hass, id_) is None
    answer = await call(hass, "consent_record", home.entry_id, return_response=True)
    assert answer["record"]["event"]["event_state"] == "withdrawn"
    with pytest.raises(ServiceValidationError) as err:
        await call(hass, "withdraw", home.entry_id)
    assert err.value.translation_key == "withdrawn"

    asked = len(city.asked)
    assert await hass.config_entries.async_remove(home.entry_id)
    assert len(city.asked) == asked
    await hass.async_block_till_done()
    assert not [key for key in hass_storage if key.startswith("jackson_rtcc.")]


async def test_revoked_before_the_city_is_told(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """The revocation is on its way when the record is."""
    live_when_told: list[bool] = []
    remove = city.registry.on_removed

    def on_removed(id_: str) -> None:
        live_when_told.append(city.live.live(CAMERA, city.now) is not None)
        remove(id_)

    city.registry.on_removed = on_removed
    await withdraw(hass, home)
    assert live_when_told == [False]


async def test_city_away(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """Nothing is granted any more, and the city is told when it is there again."""
    id_ = home.data["home"]
    city.answers["*"] = problem(503, "internal")
    await city.stop_broker()
    city.history.clear()
    await withdraw(hass, home)
    assert home.state is ConfigEntryState.SETUP_RETRY
    assert home.error_reason_translation_key == "withdrawal_untold"
    assert [consent.state for consent in await city.consents(id_)] == [State.GIVEN]

    await city.broker.start()
    await city.connect()
    city.answers.clear()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2))
    await until_told(
        home.async_on_state_change,
        lambda: home.state is ConfigEntryState.SETUP_ERROR,
    )
    await city.until_revoked(id_, CAMERA)
    assert [consent.state for consent in await city.consents(id_)][-1] is State.WITHDRAWN
    assert city.registry.verifier(id_) is None
    assert not [
        payload for topic, payload in city.history if "/grants/" in topic and grant(payload)
    ]


def grant(payload: bytes) -> bool:
    return Token.parse(payload).header["typ"] == "rtcc-grant+jwt"


async def test_told_much_later(
    hass: HomeAssistant, city: City, home: MockConfigEntry, freezer: Any
) -> None:
    """A record that is too old for its way is signed anew."""
    id_ = home.data["home"]
    city.answers["/api/v1/consents"] = problem(503, "internal")
    await withdraw(hass, home)
    assert home.state is ConfigEntryState.SETUP_RETRY
    freezer.tick(timedelta(hours=2))
    del city.answers["/api/v1/consents"]
    await hass.config_entries.async_reload(home.entry_id)
    assert home.state is ConfigEntryState.SETUP_ERROR
    consents = await consent_records.load(hass, id_)
    assert len(consents.records) == 3
    assert consents.told
    assert city.registry.verifier(id_) is None


async def test_tries_leave_no_records(
    hass: HomeAssistant, city: City, home: MockConfigEntry, freezer: Any
) -> None:
    city.answers["/api/v1/consents"] = problem(503, "internal")
    await withdraw(hass, home)
    for _ in range(3):
        freezer.tick(timedelta(hours=2))
        await hass.config_entries.async_reload(home.entry_id)
    assert home.state is ConfigEntryState.SETUP_RETRY
    consents = await consent_records.load(hass, home.data["home"])
    assert len(consents.records) == 2
    assert consents.withdrawn


async def test_broker_stalls(
    hass: HomeAssistant, city: City, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A farewell that fails in the middle leaves no connection behind."""
    made: list[BrokerClient] = []

    def make(*args: Any) -> BrokerClient:
        made.append(make_client(*args))
        return made[-1]

    async def publish(*_: Any, **__: Any) -> None:
        raise aiomqtt.MqttError("no answer")

    assert await hass.config_entries.async_unload(home.entry_id)
    monkeypatch.setattr("custom_components.jackson_rtcc.farewell.make_client", make)
    monkeypatch.setattr(BrokerClient, "publish", publish)
    assert await hass.config_entries.async_remove(home.entry_id)
    (client,) = made
    assert not client._client.is_connected()
    monkeypatch.undo()


async def test_not_set_up(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    id_ = home.data["home"]
    assert await hass.config_entries.async_unload(home.entry_id)
    await withdraw(hass, home)
    await city.until_revoked(id_, CAMERA)
    assert city.registry.verifier(id_) is None


async def test_keys_lost(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    await identities.destroy(hass, entry.data["home"])
    assert not await hass.config_entries.async_setup(entry.entry_id)
    with pytest.raises(ServiceValidationError) as err:
        await call(hass, "withdraw", entry.entry_id)
    assert err.value.translation_key == "keys_lost"


async def test_unknown_to_the_city(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """Where the city does not know the home any more there is nothing to tell."""
    await city.registry.remove(home.data["home"], city.now)
    await withdraw(hass, home)
    assert home.error_reason_translation_key == "withdrawn"


async def test_removed_entry_withdraws(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    id_ = home.data["home"]
    assert await hass.config_entries.async_remove(home.entry_id)
    await city.until_revoked(id_, CAMERA)
    assert [consent.state for consent in await city.consents(id_)][-1] is State.WITHDRAWN
    assert city.registry.verifier(id_) is None


async def test_removed_while_the_city_is_away(
    hass: HomeAssistant, city: City, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys go at once; the city hears of it as soon as it is back."""
    id_ = home.data["home"]
    monkeypatch.setattr("custom_components.jackson_rtcc.farewell._AGAIN_S", (0.0, 0.01))
    city.answers["/api/v1/consents"] = problem(503, "internal")
    assert await hass.config_entries.async_remove(home.entry_id)
    assert await identities.load(hass, id_) is None
    await city.until_asked("consents", 3)
    assert city.registry.verifier(id_) is not None
    del city.answers["/api/v1/consents"]
    await city.until(lambda: city.registry.verifier(id_) is None or None)
    assert [consent.state for consent in await city.consents(id_)][-1] is State.WITHDRAWN
    asked = city.asked.count("/api/v1/consents")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert city.asked.count("/api/v1/consents") == asked


async def test_a_city_that_stays_away_is_given_up(
    hass: HomeAssistant, city: City, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.jackson_rtcc.farewell._AGAIN_S", (0.0, 0.01))
    monkeypatch.setattr("custom_components.jackson_rtcc.farewell._LONGEST_FAREWELL", timedelta())
    city.answers["/api/v1/consents"] = problem(503, "internal")
    assert await hass.config_entries.async_remove(home.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert city.asked.count("/api/v1/consents") == 1


async def test_two_homes(hass: HomeAssistant, city: City, camera: FakeCamera) -> None:
    """One home's withdrawal leaves the other alone."""
    one = await enrol(hass, city, [subentry(share_data(hass))])
    other = await enrol(hass, city, [subentry(share_data(hass, camera="feedfacefeedface"))])
    assert await hass.config_entries.async_setup(one.entry_id)
    await hass.async_block_till_done()
    for entry, id_ in ((one, CAMERA), (other, "feedfacefeedface")):
        await city.until_granted(entry.data["home"], id_)
    await withdraw(hass, one)
    await city.until_revoked(one.data["home"], CAMERA)
    assert other.state is ConfigEntryState.LOADED
    assert city.live.live("feedfacefeedface", city.now)
