"""What the city holds about this home: asked for, or demanded to be deleted, by its own key."""

from typing import Any, cast
from uuid import uuid4

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from . import consents as consent_records
from . import identity as identities
from .const import DOMAIN
from .enrol import CityClient, CityError
from .farewell import withdraw
from .home import Enrolment, HomeConfigEntry
from .protocol.owner import Demand, sign_demand


async def city_record(hass: HomeAssistant, entry: HomeConfigEntry) -> JsonObjectType:
    """Return everything that the city says it holds about this home.

    Raises:
        ServiceValidationError: if the keys are not here.
        HomeAssistantError: if the city cannot be reached or refuses to tell.

    """
    return cast("JsonObjectType", await _demand(hass, entry, Demand.RECORD))


async def delete_from_city(hass: HomeAssistant, entry: HomeConfigEntry) -> None:
    """Have the city delete what tells whose home it was, and withdraw, if that is still to do.

    The demand comes first: once the city knows of a withdrawal, the keys that prove it are gone.

    Raises:
        ServiceValidationError: if the keys are not here.
        HomeAssistantError: if the city cannot be reached or refuses; it is withdrawn all the same.

    """
    consents = await consent_records.load(hass, Enrolment.parse(entry.data).home)
    try:
        await _demand(hass, entry, Demand.DELETION)
    finally:
        if not consents.withdrawn:
            await withdraw(hass, entry)


async def _demand(hass: HomeAssistant, entry: HomeConfigEntry, demand: Demand) -> dict[str, Any]:
    enrolment = Enrolment.parse(entry.data)
    if (identity := await identities.load(hass, enrolment.home)) is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="keys_lost")
    token = sign_demand(
        identity.signer,
        demand,
        enrolment.home,
        enrolment.city.hub,
        uuid4().hex,
        dt_util.utcnow(),
    )
    try:
        client = await CityClient.open(hass, enrolment.url, identity.ca)
        return await client.demand(demand, enrolment.home, token)
    except CityError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="city_untold",
            translation_placeholders={"why": str(err)},
        ) from err
