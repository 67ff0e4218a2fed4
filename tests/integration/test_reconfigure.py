"""Reconfiguring: the hub has moved, which its key proves; or a new enrolment by a code."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.protocol.keys import to_jwk
from tests.integration.city import City, problem

CAMERA = "c0ffee00c0ffee00"
ACCEPTED = {"accepted_by": "Fannie Lou Hamer", "accept": True}


async def go_on(hass: HomeAssistant, result: Any, user_input: dict[str, Any]) -> Any:
    return await hass.config_entries.flow.async_configure(result["flow_id"], user_input)


async def move(hass: HomeAssistant, city: City) -> str:
    """Let the city serve at another address too, and return it."""
    await city.serve_again(city.authority.server(["127.0.0.1", "localhost"], city.now))
    return city.url


async def test_hub_moved(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    id_, before = home.data["home"], home.data["url"]
    grant = await city.until_granted(id_, CAMERA)
    url = await move(hass, city)
    result = await home.start_reconfigure_flow(hass)
    assert result["step_id"] == "reconfigure"
    result = await go_on(hass, result, {"url": url})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    assert home.state is ConfigEntryState.LOADED
    assert home.data["url"] == url != before
    assert (home.data["home"], home.unique_id) == (id_, id_)
    assert home.data["city"] == city.document
    await city.until_granted(id_, CAMERA, grant.seq)


async def test_broker_moved(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """The rules stay those that were accepted, whatever the hub shows on the way."""
    accepted = home.data["city"]["policy"]
    city.document["broker"] = {"host": "localhost", "port": city.broker.port}
    city.change_rules(waiver={"version": "2", "text": {"en": "Something else."}})
    result = await home.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": city.url})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert home.data["city"]["broker"]["host"] == "localhost"
    assert home.data["city"]["policy"] == accepted
    assert home.data["city"]["waiver"]["version"] == "1"
    await city.until_presence(home.data["home"], b"online")


async def test_broker_not_there(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    right = city.document["broker"]
    city.document["broker"] = {"host": "127.0.0.1", "port": 1}
    result = await home.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": city.url})
    assert result["errors"] == {"base": "broker_unreachable"}
    city.document["broker"] = right
    result = await go_on(hass, result, {"url": city.url})
    assert result["reason"] == "reconfigure_successful"


@pytest.mark.parametrize(
    ("url", "errors"),
    [
        ("http://x", {"url": "invalid_url"}),
        ("https://127.0.0.1:1", {"base": "cannot_connect"}),
    ],
)
async def test_wrong_address(
    hass: HomeAssistant, city: City, home: MockConfigEntry, url: str, errors: dict[str, str]
) -> None:
    result = await home.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": url})
    assert result["errors"] == errors
    result = await go_on(hass, result, {"url": city.url})
    assert result["reason"] == "reconfigure_successful"


async def test_another_hub(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """A server under the same CA with another key is another hub."""
    right = city.document["key"]
    city.document["key"] = to_jwk(Ed25519PrivateKey.generate().public_key())
    result = await home.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": city.url})
    assert result["errors"] == {"base": "wrong_city"}
    city.document["key"] = right
    result = await go_on(hass, result, {"url": city.url})
    assert result["reason"] == "reconfigure_successful"


async def test_unknown_there(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    city.answers["/api/v1/status"] = problem(404, "home-unknown")
    result = await home.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": city.url})
    assert result["errors"] == {"base": "home_unknown"}
    city.answers.clear()
    result = await go_on(hass, result, {"url": city.url})
    assert result["reason"] == "reconfigure_successful"


async def test_enrol_anew_with_a_code(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    old = home.data["home"]
    result = await home.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": city.url, "code": city.foreign_code()})
    assert result["step_id"] == "reconfigure"
    assert result["errors"] == {"base": "wrong_city"}
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    assert result["step_id"] == "city"
    city.answers["/api/v1/enrolments"] = problem(410, "code-expired")
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "reconfigure"
    assert result["errors"] == {"code": "code_expired"}
    city.answers.clear()
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    result = await go_on(hass, result, ACCEPTED)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert home.data["home"] != old
    (subentry,) = home.subentries.values()
    await city.until_granted(home.data["home"], subentry.data["camera"])
    assert city.registry.verifier(old) is None


async def test_the_old_city_is_told_later(
    hass: HomeAssistant, city: City, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = home.data["home"]
    monkeypatch.setattr("custom_components.jackson_rtcc.farewell._AGAIN_S", (0.0, 0.01))
    city.answers["/api/v1/consents"] = problem(503, "internal")
    result = await home.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    result = await go_on(hass, result, ACCEPTED)
    assert result["reason"] == "reconfigure_successful"
    assert city.registry.verifier(old) is not None
    city.answers.clear()
    await city.until(lambda: city.registry.verifier(old) is None or None)


async def test_keys_lost(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    """Without keys a home cannot say who it is; it takes a code."""
    await identities.destroy(hass, entry.data["home"])
    result = await entry.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": city.url})
    assert result["errors"] == {"code": "code_needed"}
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    result = await go_on(hass, result, ACCEPTED)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    await city.until_presence(entry.data["home"], b"online")


async def test_not_set_up(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    """What could not start is started with the new address."""
    url = await move(hass, city)
    result = await entry.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"url": url})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    await city.until_granted(entry.data["home"], CAMERA)
