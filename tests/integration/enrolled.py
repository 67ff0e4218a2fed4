"""Enrolment without the config flow, for tests of what comes after it."""

from typing import Any
from uuid import uuid4

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import consents as consent_records
from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc import memory as memories
from custom_components.jackson_rtcc.identity import Identity, Keys, signing_request
from custom_components.jackson_rtcc.protocol import enrolment as enrolments
from custom_components.jackson_rtcc.protocol.city import City as CityDocument
from custom_components.jackson_rtcc.protocol.consent import accepted, sign_consent
from custom_components.jackson_rtcc.protocol.keys import to_jwk
from custom_components.jackson_rtcc.protocol.tokens import Signer
from tests.integration.city import City

OWNER = "Medgar Evers"


async def enrol(
    hass: HomeAssistant, city: City, subentries: list[Any] | None = None
) -> MockConfigEntry:
    """Make a home that is enrolled with the city."""
    keys, document = Keys.make(), CityDocument.parse(city.document)
    signer, key = Signer(keys.signing), to_jwk(keys.signing.public_key())
    given = accepted(
        document,
        id_=uuid4().hex,
        principal=signer.kid,
        name=OWNER,
        language="en",
        now=city.now,
    )
    signed = sign_consent(signer, given)
    statement = enrolments.sign_enrolment(
        signer,
        enrolments.Enrolment(
            code=enrolments.Code.parse(await city.code()).proof,
            hub=document.hub,
            csr=signing_request(keys.tls),
            key=key,
            consent=signed,
            jti=uuid4().hex,
            issued=city.now,
        ),
    )
    answer = await city.registry.enrol(statement, key, city.now)
    home = answer["home"]
    identity = Identity(keys=keys, certificate=answer["certificate"], ca=answer["ca"])
    await identities.save(hass, home, identity)
    consents = await consent_records.load(hass, home)
    await consents.add(signed, told=True)
    await memories.new(hass, home).save()
    entry = MockConfigEntry(
        domain="jackson_rtcc",
        title=city.name,
        unique_id=home,
        data={
            "url": city.url,
            "home": home,
            "city": dict(city.document),
            "accepted_by": OWNER,
        },
        subentries_data=subentries or [],
    )
    entry.add_to_hass(hass)
    return entry
