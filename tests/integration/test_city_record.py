"""What the city holds about this home: asked for, and deleted."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import select

from custom_components.jackson_rtcc import consents as consent_records
from custom_components.jackson_rtcc import identity as identities
from hub.store.tables import homes
from tests.integration.city import City, problem
from tests.integration.enrolled import OWNER
from tests.integration.test_withdraw import call


async def record(hass: HomeAssistant, home: MockConfigEntry) -> Any:
    return await call(hass, "city_record", home.entry_id, return_response=True)


async def delete(hass: HomeAssistant, home: MockConfigEntry) -> None:
    try:
        await call(hass, "delete_from_city", home.entry_id)
    finally:
        await hass.async_block_till_done()


async def kept(city: City, home: MockConfigEntry) -> Any:
    """Return the hub's row of the home."""
    async with city.engine.connect() as connection:
        found = await connection.execute(select(homes).where(homes.c.home == home.data["home"]))
        return found.one()


async def withdrawn(hass: HomeAssistant, home: MockConfigEntry) -> bool:
    return (await consent_records.load(hass, home.data["home"])).withdrawn


async def test_the_owner_sees_what_the_city_holds(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    held = await record(hass, home)
    assert held["home"] == home.data["home"]
    assert held["name"] == OWNER
    assert [one["state"] for one in held["consents"]] == ["given"]
    assert held["removed"] is None


async def test_deleting_leaves_no_name_and_withdraws(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    assert (await kept(city, home)).name == OWNER
    await delete(hass, home)
    row = await kept(city, home)
    assert row.name == ""
    assert row.deleted is not None
    assert row.removed is not None
    assert await withdrawn(hass, home)
    with pytest.raises(ServiceValidationError, match="keys of this home"):
        await record(hass, home)


async def test_if_the_city_says_no_it_is_withdrawn_all_the_same(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    city.answers["/api/v1/homes/deletion"] = problem(503, "store-failed")
    with pytest.raises(HomeAssistantError, match="could not be asked"):
        await delete(hass, home)
    assert await withdrawn(hass, home)
    row = await kept(city, home)
    assert row.removed is not None
    assert row.deleted is None


async def test_a_withdrawn_home_is_deleted_as_long_as_its_keys_are_here(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    city.answers["/api/v1/consents"] = problem(503, "store-failed")
    await call(hass, "withdraw", home.entry_id)
    await hass.async_block_till_done()
    await delete(hass, home)
    assert (await kept(city, home)).name == ""


async def test_a_city_that_does_not_tell_is_an_error(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    city.answers["/api/v1/homes/record"] = problem(503, "store-failed")
    with pytest.raises(HomeAssistantError, match="could not be asked"):
        await record(hass, home)


async def test_without_its_keys_a_home_can_prove_nothing(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    await identities.destroy(hass, home.data["home"])
    with pytest.raises(ServiceValidationError, match="keys of this home"):
        await record(hass, home)
