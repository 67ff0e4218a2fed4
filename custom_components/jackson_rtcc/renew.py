"""Certificate renewal: while there is time, and again each day until it works."""

import logging
from datetime import datetime
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from yarl import URL

from .enrol import CityClient, CityError
from .identity import Identity, signing_request
from .protocol.enrolment import sign_renewal

_LOGGER = logging.getLogger(__name__)


def renewal_due(starts: datetime, ends: datetime, now: datetime) -> bool:
    """Tell whether less than a third of a certificate's life is left."""
    return ends - now < (ends - starts) / 3


async def renew(
    hass: HomeAssistant, url: URL, home: str, hub: str, identity: Identity
) -> Identity | None:
    """Return the identity with a new certificate, or None if the city gave none now."""
    key = Ed25519PrivateKey.generate()
    statement = sign_renewal(
        identity.signer, home, hub, signing_request(key), uuid4().hex, dt_util.utcnow()
    )
    try:
        client = await CityClient.open(hass, url, identity.ca)
        answer = await client.renew(home, statement)
    except CityError as err:
        _LOGGER.warning("The certificate could not be renewed, next try tomorrow: %s", err)
        return None
    return identity.renewed(key, answer.certificate)
