"""Enrolling anew, when the city does not accept the home any more: new keys, the same settings."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.jackson_rtcc import consents as consent_records
from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.protocol.consent import State
from tests.integration.city import City, problem
from tests.integration.waiting import until_idle, until_told

DOMAIN = "jackson_rtcc"
CAMERA = "c0ffee00c0ffee00"
ACCEPTED = {"accepted_by": "Fannie Lou Hamer", "accept": True}
DAY = timedelta(days=1, minutes=1)


def reauths(hass: HomeAssistant) -> list[Any]:
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == "reauth"
    ]


async def until_reauth(hass: HomeAssistant) -> Any:
    # Home Assistant raises an issue of its own with each.
    await until_told(
        lambda tell: hass.bus.async_listen(
            ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, callback(lambda _event: tell())
        ),
        lambda: bool(reauths(hass)),
    )
    return reauths(hass)[0]


async def go_on(hass: HomeAssistant, result: Any, user_input: dict[str, Any]) -> Any:
    return await hass.config_entries.flow.async_configure(result["flow_id"], user_input)


def camera_of(entry: MockConfigEntry) -> str:
    (subentry,) = entry.subentries.values()
    return str(subentry.data["camera"])


async def test_enrol_anew(
    hass: HomeAssistant, hass_storage: dict[str, Any], city: City, home: MockConfigEntry
) -> None:
    old = home.data["home"]
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": "switch.porch_sharing"}, blocking=True
    )
    registry = er.async_get(hass)
    before = {e.unique_id: e.entity_id for e in registry.entities.values() if e.platform == DOMAIN}
    devices = {d.id for d in dr.async_entries_for_config_entry(dr.async_get(hass), home.entry_id)}
    (shared,) = home.subentries.values()
    settings = {key: value for key, value in shared.data.items() if key != "camera"}

    result = await home.start_reauth_flow(hass)
    assert result["step_id"] == "reauth_confirm"
    result = await go_on(hass, result, {"url": city.url, "code": "ABC"})
    assert result["step_id"] == "reauth_confirm"
    assert result["errors"] == {"code": "code_malformed"}
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    assert result["step_id"] == "city"
    result = await go_on(hass, result, ACCEPTED)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()

    assert home.state is ConfigEntryState.LOADED
    new = home.data["home"]
    assert new != old
    assert home.unique_id == new
    assert home.data["accepted_by"] == "Fannie Lou Hamer"
    assert camera_of(home) != CAMERA
    (shared,) = home.subentries.values()
    assert {key: value for key, value in shared.data.items() if key != "camera"} == settings
    after = {e.unique_id: e.entity_id for e in registry.entities.values() if e.platform == DOMAIN}
    assert after == before
    assert devices == {
        d.id for d in dr.async_entries_for_config_entry(dr.async_get(hass), home.entry_id)
    }
    # The old home has left the city, and its keys are gone.
    await city.until_revoked(old, CAMERA)
    assert [consent.state for consent in await city.consents(old)][-1] is State.WITHDRAWN
    assert city.registry.verifier(old) is None
    assert await identities.load(hass, old) is None
    assert not [key for key in hass_storage if key.startswith(f"jackson_rtcc.{old}")]
    assert len((await consent_records.load(hass, new)).records) == 3

    # What was switched off stays off.
    state = hass.states.get("switch.porch_sharing")
    assert state is not None
    assert state.state == "off"
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.porch_sharing"}, blocking=True
    )
    await city.until_granted(new, camera_of(home))
    await city.until(lambda: city.live.live(camera_of(home), city.now))


async def test_city_forgot_the_home(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """A home that the city removed is told so, and may enrol again."""
    await city.registry.remove(home.data["home"], city.now)
    async_fire_time_changed(hass, dt_util.utcnow() + DAY)
    flow = await until_reauth(hass)
    asked = city.asked.count("/api/v1/status")
    await until_idle(home.runtime_data)
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * DAY)
    await city.until_asked("status", asked + 1)
    assert [each["flow_id"] for each in reauths(hass)] == [flow["flow_id"]]
    assert not home.runtime_data.shares.grant(next(iter(home.subentries)))
    result = await go_on(hass, flow, {"url": city.url, "code": await city.code()})
    result = await go_on(hass, result, ACCEPTED)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await city.until_granted(home.data["home"], camera_of(home))


async def test_broker_refuses(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    city.revoke_certificate(entry.data["home"])
    await city.restart_broker()
    assert await hass.config_entries.async_setup(entry.entry_id)
    flow = await until_reauth(hass)
    assert flow["step_id"] == "reauth_confirm"
    # It was a mistake of the city's.
    city.authority.write_crl([], city.now)
    await city.restart_broker()
    entry.runtime_data.link._backoff.random.uniform = lambda _least, _most: 0.0
    assert await hass.config_entries.async_reload(entry.entry_id)
    await city.until_granted(entry.data["home"], CAMERA)


async def test_accepted_again(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """A refusal that was a mistake is over when the broker takes the home again."""
    home.runtime_data._on_refused()
    flow = await until_reauth(hass)
    await city.restart_broker()
    await city.until_presence(home.data["home"], b"online")
    await hass.async_block_till_done()
    assert flow["flow_id"] not in [each["flow_id"] for each in reauths(hass)]


async def test_keys_are_gone(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    """As after a backup that was restored without them."""
    old = entry.data["home"]
    await identities.destroy(hass, old)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    flow = await until_reauth(hass)
    result = await go_on(hass, flow, {"url": city.url, "code": await city.code()})
    result = await go_on(hass, result, ACCEPTED)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await city.until_granted(entry.data["home"], camera_of(entry))


async def test_after_withdrawing(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    await hass.services.async_call(
        DOMAIN, "withdraw", {"config_entry_id": home.entry_id}, blocking=True
    )
    await hass.async_block_till_done()
    flow = await until_reauth(hass)
    result = await go_on(hass, flow, {"url": city.url, "code": await city.code()})
    result = await go_on(hass, result, ACCEPTED)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert home.state is ConfigEntryState.LOADED
    await city.until_granted(home.data["home"], camera_of(home))


@pytest.mark.parametrize("slug", ["code-unknown", "code-used"])
async def test_code_refused(
    hass: HomeAssistant, city: City, home: MockConfigEntry, slug: str
) -> None:
    result = await home.start_reauth_flow(hass)
    result = await go_on(hass, result, {"url": "127.0.0.1:1", "code": await city.code()})
    assert result["errors"] == {"base": "cannot_connect"}
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    city.answers["/api/v1/enrolments"] = problem(409, slug)
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "reauth_confirm"
    assert result["errors"] == {"code": slug.replace("-", "_")}
    assert home.state is ConfigEntryState.LOADED
