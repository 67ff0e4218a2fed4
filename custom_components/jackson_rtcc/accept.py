"""Accept the rules that the city has now: signed by the home, told to the city, kept here."""

from typing import Any
from uuid import uuid4

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_ACCEPTED_BY, CONF_CITY
from .enrol import CityClient, CityError, Trouble
from .home import HomeConfigEntry
from .protocol.city import City
from .protocol.consent import accepted, sign_consent


async def accept_rules(
    hass: HomeAssistant, entry: HomeConfigEntry, document: dict[str, Any], name: str
) -> None:
    """Accept a city document in the owner's name; the home starts anew under it.

    Raises:
        CityError: if the city could not be told; of rules that changed meanwhile the newest are
            offered after that.

    """
    home = entry.runtime_data
    consent = accepted(
        City.parse(document),
        id_=uuid4().hex,
        principal=home.enrolment.home,
        name=name,
        language=hass.config.language,
        now=dt_util.utcnow(),
    )
    signed = sign_consent(home.identity.signer, consent)
    client = await CityClient.open(hass, home.enrolment.url, home.identity.ca)
    try:
        await client.consent(home.enrolment.home, signed.token)
    except CityError as err:
        if err.trouble is Trouble.RULES_CHANGED:
            await home.standing.check()
        raise
    await home.consents.add(signed, told=True)
    hass.config_entries.async_update_entry(
        entry, data=entry.data | {CONF_CITY: document, CONF_ACCEPTED_BY: name}
    )
