"""Certificate renewal: while there is time, and again each day until it works."""

from datetime import datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from yarl import URL

from .enrol import CityClient, CityError, Trouble
from .identity import Identity, certifies, signing_request
from .protocol.enrolment import sign_renewal

_LAST_CALL = timedelta(days=14)


def renewal_due(starts: datetime, ends: datetime, now: datetime) -> bool:
    """Tell whether less than a third of a certificate's life is left."""
    return ends - now < (ends - starts) / 3


def ends_soon(ends: datetime, now: datetime) -> bool:
    """Tell whether the owner should know that it could not be renewed yet."""
    return ends - now < _LAST_CALL


async def renew(hass: HomeAssistant, url: URL, home: str, hub: str, identity: Identity) -> Identity:
    """Return the identity with a new certificate.

    Raises:
        CityError: if the city gave none now.

    """
    key = Ed25519PrivateKey.generate()
    statement = sign_renewal(
        identity.signer, home, hub, signing_request(key), uuid4().hex, dt_util.utcnow()
    )
    client = await CityClient.open(hass, url, identity.ca)
    answer = await client.renew(home, statement)
    if not certifies(answer.certificate, key, identity.ca):
        raise CityError(Trouble.NOT_A_HUB, "the new certificate is not for this home's key")
    return identity.renewed(key, answer.certificate)
