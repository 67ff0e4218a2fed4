"""The last word of a home that is being removed: every camera is revoked."""

import logging

import aiomqtt
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .home import Enrolment
from .identity import Identity, tls_context
from .link import LinkError, enter, leave, make_client
from .memory import Memory
from .protocol import topics
from .shares import revocation

_LOGGER = logging.getLogger(__name__)


async def revoke_all(
    hass: HomeAssistant, enrolment: Enrolment, identity: Identity, memory: Memory
) -> None:
    """Publish a revocation of every camera, and that the home is offline, if it can be done now."""
    home, hub = enrolment.home, enrolment.city.hub
    context = await hass.async_add_executor_job(tls_context, identity)
    client = make_client(home, enrolment.city.broker, context)
    try:
        await enter(client, enrolment.city.broker)
        for camera in {*(known.camera for known in memory.cameras.values()), *memory.retired}:
            token = revocation(
                identity.signer, memory, dt_util.utcnow(), home=home, hub=hub, camera=camera
            )
            await client.publish(topics.grants(home, camera), token, qos=1, retain=True)
        await client.publish(topics.presence(home), topics.OFFLINE, qos=1, retain=True)
        await leave(client)
    except (LinkError, aiomqtt.MqttError) as err:
        _LOGGER.warning(
            "The city could not be told that this home left; "
            "what was granted lapses within the hour: %s",
            err,
        )
