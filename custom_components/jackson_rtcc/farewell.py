"""The last word of a home: every camera is revoked, then the consent is withdrawn."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import uuid4

import aiomqtt
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from . import consents as consent_records
from . import identity as identities
from . import memory as memories
from .consents import Consents
from .const import CONF_ACCEPTED_BY, DOMAIN
from .enrol import CityClient, CityError, Trouble
from .home import Enrolment, HomeConfigEntry
from .identity import Identity, tls_context
from .link import LinkError, enter, leave, make_client
from .memory import Memory
from .protocol import topics
from .protocol.consent import SignedConsent, State, accepted, sign_consent
from .shares import revocation

_LOGGER = logging.getLogger(__name__)

_FRESH = timedelta(minutes=5)
"""A signed record that is older may not reach the hub before it ends."""
_LONGEST_FAREWELL = timedelta(days=1)
_AGAIN_S = (60.0, 300.0)


async def withdraw(hass: HomeAssistant, entry: HomeConfigEntry) -> None:
    """Withdraw the consent: revoke at once, tell the city now or later, and stop for good.

    Raises:
        ServiceValidationError: if it is withdrawn already, or the keys are not here.

    """
    enrolment = Enrolment.parse(entry.data)
    loaded = entry.state is ConfigEntryState.LOADED
    consents = (
        entry.runtime_data.consents if loaded else await consent_records.load(hass, enrolment.home)
    )
    if consents.withdrawn:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="withdrawn")
    if (identity := await identities.load(hass, enrolment.home)) is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="keys_lost")
    if loaded:
        entry.runtime_data.standing.withdraw()
    name = entry.data[CONF_ACCEPTED_BY]
    await consents.add(withdrawal(hass, enrolment, identity, name), told=False)
    if not loaded:
        memory = await memories.load(hass, enrolment.home)
        await revoke_all(hass, enrolment, identity, memory)
    await tell_withdrawn(hass, enrolment, identity, consents, name)
    hass.config_entries.async_schedule_reload(entry.entry_id)


async def leave_city(
    hass: HomeAssistant,
    enrolment: Enrolment,
    identity: Identity,
    memory: Memory,
    consents: Consents,
    name: str,
) -> bool:
    """Revoke everything, then hand over the withdrawal; return whether the city has that."""
    await revoke_all(hass, enrolment, identity, memory)
    return await tell_withdrawn(hass, enrolment, identity, consents, name)


async def revoke_all(
    hass: HomeAssistant, enrolment: Enrolment, identity: Identity, memory: Memory
) -> None:
    """Publish a revocation of every camera, and that the home is offline, if it can be done now."""
    home, hub = enrolment.home, enrolment.city.hub
    context = await hass.async_add_executor_job(tls_context, identity)
    client = make_client(home, enrolment.city.broker, context)
    try:
        await enter(client, enrolment.city.broker)
        try:
            for camera in {*(known.camera for known in memory.cameras.values()), *memory.retired}:
                token = revocation(
                    identity.signer, memory, dt_util.utcnow(), home=home, hub=hub, camera=camera
                )
                await client.publish(topics.grants(home, camera), token, qos=1, retain=True)
            await client.publish(topics.presence(home), topics.OFFLINE, qos=1, retain=True)
        finally:
            await leave(client)
    except (LinkError, aiomqtt.MqttError) as err:
        _LOGGER.warning(
            "The city could not be told that this home left; "
            "what was granted lapses within the hour: %s",
            err,
        )


async def tell_withdrawn(
    hass: HomeAssistant,
    enrolment: Enrolment,
    identity: Identity,
    consents: Consents,
    name: str,
) -> bool:
    """Hand over the withdrawal, and return whether the city has it."""
    signed = consents.newest
    if signed is None or signed.consent.state is not State.WITHDRAWN:
        signed = withdrawal(hass, enrolment, identity, name)
        await consents.add(signed, told=False)
    elif dt_util.utcnow() - signed.consent.at > _FRESH:
        # Kept only if it arrives: there may be many tries, and the first tells when it was.
        signed = withdrawal(hass, enrolment, identity, name)
    try:
        await _hand_over(hass, enrolment, identity, signed)
    except CityError as err:
        _LOGGER.warning("The city could not be told that the consent is withdrawn: %s", err)
        return False
    if signed.token == consents.records[-1]:
        consents.told = True
        await consents.save()
    else:
        await consents.add(signed, told=True)
    return True


@callback
def tell_later(hass: HomeAssistant, enrolment: Enrolment, identity: Identity, name: str) -> None:
    """Tell a city that is away now, for as long as Home Assistant runs, a day at most.

    The keys are destroyed already; only this knows them still.
    """
    hass.async_create_background_task(
        _tell_until_heard(hass, enrolment, identity, name), "jackson_rtcc farewell"
    )


async def _tell_until_heard(
    hass: HomeAssistant, enrolment: Enrolment, identity: Identity, name: str
) -> None:
    random, last = Random(), dt_util.utcnow() + _LONGEST_FAREWELL  # noqa: S311 - jitter
    while dt_util.utcnow() < last:
        await asyncio.sleep(random.uniform(*_AGAIN_S))
        try:
            await _hand_over(hass, enrolment, identity, withdrawal(hass, enrolment, identity, name))
        except CityError as err:
            _LOGGER.debug("The city could still not be told of the withdrawal: %s", err)
        else:
            _LOGGER.info("The city knows now that the consent is withdrawn")
            return


async def _hand_over(
    hass: HomeAssistant, enrolment: Enrolment, identity: Identity, signed: SignedConsent
) -> None:
    client = await CityClient.open(hass, enrolment.url, identity.ca)
    try:
        await client.consent(enrolment.home, signed.token)
    except CityError as err:
        # A home that the city does not know has nothing to withdraw any more.
        if err.trouble is not Trouble.HOME_UNKNOWN:
            raise


def withdrawal(
    hass: HomeAssistant, enrolment: Enrolment, identity: Identity, name: str
) -> SignedConsent:
    """Return the signed record that withdraws what was accepted."""
    given = accepted(
        enrolment.city,
        id_=uuid4().hex,
        principal=enrolment.home,
        name=name,
        language=hass.config.language,
        now=dt_util.utcnow(),
    )
    return sign_consent(identity.signer, replace(given, state=State.WITHDRAWN))
