"""Actions and buttons: what an owner or an automation does about looks."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome
from tests.integration.city import City

CAMERA = "c0ffee00c0ffee00"
PORCH = "switch.porch_sharing"
HOME = "switch.city_of_jackson_sharing"


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


def switch_of(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


async def listed(hass: HomeAssistant, entity_id: str, **data: Any) -> Any:
    found = await hass.services.async_call(
        "jackson_rtcc",
        "list_looks",
        {"entity_id": entity_id} | data,
        blocking=True,
        return_response=True,
    )
    assert found is not None
    answer = found[entity_id]
    assert isinstance(answer, dict)
    return answer["looks"]


async def test_list_looks(hass: HomeAssistant, city: City, grant: Grant) -> None:
    reply = await city.look(grant)
    await city.look(grant, camera="0123456789abcdef")
    (found,) = await listed(hass, PORCH)
    assert found == {
        "name": "Porch",
        "action": "snapshot",
        "operator": "o1",
        "operator_role": "officer",
        "incident_kind": "robbery",
        "incident_reference": "CAD-1",
        "outcome": "ok",
        "reason": None,
        "requested_at": found["requested_at"],
        "answered_at": found["answered_at"],
        "log_index": len(city.book) - 2,
        "seconds": None,
    }
    assert found["answered_at"][:19] == reply.issued.isoformat()[:19]
    everything = await listed(hass, HOME)
    assert [look["reason"] for look in everything] == ["not_granted", None]
    assert everything[0]["name"] is None


async def test_list_looks_since_and_at_most(hass: HomeAssistant, city: City, grant: Grant) -> None:
    for _ in range(3):
        await city.look(grant)
    assert len(await listed(hass, PORCH, limit=2)) == 2
    soon = dt_util.now() + timedelta(minutes=1)
    # Without a time zone it is meant where the home is.
    assert await listed(hass, PORCH, since=soon.replace(tzinfo=None).isoformat()) == []
    ago = dt_util.utcnow() - timedelta(minutes=1)
    assert len(await listed(hass, PORCH, since=ago.isoformat())) == 3


async def test_revoke_all(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    await hass.services.async_call("jackson_rtcc", "revoke_all", {}, blocking=True)
    await city.until_revoked(home.data["home"], CAMERA)
    assert switch_of(hass, HOME) == "off"
    assert switch_of(hass, PORCH) == "on"


async def test_revoke_all_of_one_home(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    data = {"config_entry_id": home.entry_id}
    await hass.services.async_call("jackson_rtcc", "revoke_all", data, blocking=True)
    await city.until_revoked(home.data["home"], CAMERA)


@pytest.mark.parametrize(
    ("data", "domain", "key"),
    [
        ({}, "jackson_rtcc", "no_home"),
        ({"config_entry_id": "another"}, "homeassistant", "service_config_entry_not_found"),
    ],
)
async def test_nothing_to_revoke(
    hass: HomeAssistant, home: MockConfigEntry, data: dict[str, str], domain: str, key: str
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call("jackson_rtcc", "revoke_all", data, blocking=True)
    assert caught.value.translation_domain == domain
    assert caught.value.translation_key == key


@pytest.mark.parametrize(
    ("button", "switch"),
    [
        ("button.porch_revoke", PORCH),
        ("button.city_of_jackson_revoke_everything", HOME),
    ],
)
async def test_buttons(
    hass: HomeAssistant, city: City, home: MockConfigEntry, button: str, switch: str
) -> None:
    await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    await city.until_revoked(home.data["home"], CAMERA)
    assert switch_of(hass, switch) == "off"


@pytest.mark.parametrize("target", [PORCH, HOME])
async def test_what_is_taken_back_stays_back(
    hass: HomeAssistant, city: City, home: MockConfigEntry, target: str
) -> None:
    """Through a reload, a new window and a lost line; until something turns it on."""
    data = {"entity_id": target}
    await hass.services.async_call("jackson_rtcc", "revoke", data, blocking=True)
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    assert await hass.config_entries.async_reload(home.entry_id)
    await city.until_presence(home.data["home"], b"online")
    await hass.async_block_till_done()
    assert switch_of(hass, target) == "off"
    again = await city.until_revoked(home.data["home"], CAMERA)
    assert again.seq >= revocation.seq
    await hass.services.async_call("switch", "turn_on", data, blocking=True)
    grant = await city.until_granted(home.data["home"], CAMERA, again.seq)
    assert (await city.look(grant)).outcome is Outcome.OK


async def test_what_was_taken_back_is_forgotten(
    hass: HomeAssistant, hass_storage: dict[str, Any], city: City, home: MockConfigEntry
) -> None:
    """A power cut may cost the file that says so: then nothing is shared until switched on."""
    id_ = home.data["home"]
    await hass.services.async_call("switch", "turn_off", {"entity_id": PORCH}, blocking=True)
    revocation = await city.until_revoked(id_, CAMERA)
    assert await hass.config_entries.async_unload(home.entry_id)
    del hass_storage[f"jackson_rtcc.{id_}.state"]
    assert await hass.config_entries.async_setup(home.entry_id)
    await city.until_presence(id_, b"online")
    assert switch_of(hass, HOME) == "off"
    await hass.services.async_call("switch", "turn_on", {"entity_id": HOME}, blocking=True)
    await city.until_granted(id_, CAMERA, revocation.seq)
