"""Enrolment without the config flow, for tests of what comes after it."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.identity import Identity, Keys, signing_request
from custom_components.jackson_rtcc.protocol.tokens import Verifier
from hub.homes.certificates import key_of_csr
from tests.integration.city import City, Home


async def enrol(
    hass: HomeAssistant, city: City, subentries: list[Any] | None = None
) -> MockConfigEntry:
    """Make a home that is enrolled with the city."""
    keys, home = Keys.make(), token_hex(8)
    csr = signing_request(keys.tls)
    certificate = city.authority.sign_home(
        key_of_csr(csr), home, datetime.now(UTC), city.home_life
    ).pem
    city.homes[home] = Home(home, Verifier(keys.signing.public_key()), certificate, "Medgar Evers")
    identity = Identity(keys=keys, certificate=certificate, ca=city.authority.pem)
    await identities.save(hass, home, identity)
    entry = MockConfigEntry(
        domain="jackson_rtcc",
        title=city.name,
        unique_id=home,
        data={
            "url": city.url,
            "home": home,
            "city": city.document,
            "accepted_by": "Medgar Evers",
        },
        subentries_data=subentries or [],
    )
    entry.add_to_hass(hass)
    return entry
