"""What the city holds about this home: asked for, and deleted."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import identity as identities
from tests.integration.city import City, problem
from tests.integration.enrolled import OWNER
from tests.integration.test_withdraw import call, withdraw


async def record(hass: HomeAssistant, home: MockConfigEntry) -> Any:
    return await call(hass, "city_record", home.entry_id, return_response=True)


async def delete(hass: HomeAssistant, home: MockConfigEntry) -> None:
    await call(hass, "delete_from_city", home.entry_id)
    await hass.async_block_till_done()


async def test_the_owner_sees_what_the_city_holds(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    held = await record(hass, home)
    assert held["home"] == home.data["home"]
    assert held["name"] == OWNER
    assert [one["state"] for one in held["consents"]] == ["given"]
    assert held["removed"] is None


async def test_deleting_withdraws_first_and_leaves_no_name(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    await delete(hass, home)
    assert home.data["home"] not in city.homes or city.registry.verifier(home.data["home"]) is None
    held = await record(hass, home)
    assert held["name"] == ""
    assert held["deleted"] is not None
    assert {one["token"] for one in held["consents"]} == {""}
    assert [one["state"] for one in held["consents"]].count("withdrawn") == 1


async def test_after_withdrawing_it_can_still_be_deleted(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    await withdraw(hass, home)
    assert (await record(hass, home))["name"] == OWNER
    await delete(hass, home)
    assert (await record(hass, home))["name"] == ""


@pytest.mark.parametrize("action", ["city_record", "delete_from_city"])
async def test_a_city_that_says_no_is_told_to_the_owner(
    hass: HomeAssistant, city: City, home: MockConfigEntry, action: str
) -> None:
    await withdraw(hass, home)
    city.answers["/api/v1/homes/record"] = problem(503, "store-failed")
    city.answers["/api/v1/homes/deletion"] = problem(503, "store-failed")
    with pytest.raises(HomeAssistantError, match="could not be asked"):
        await call(hass, action, home.entry_id, return_response=action == "city_record")


async def test_without_its_keys_a_home_can_prove_nothing(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    await identities.destroy(hass, home.data["home"])
    with pytest.raises(ServiceValidationError):
        await record(hass, home)
