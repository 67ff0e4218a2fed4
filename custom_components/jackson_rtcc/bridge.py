"""The bridge: takes an offer from the city to a camera entity, and the whole answer back."""

from collections.abc import Callable

from homeassistant.components import camera
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from . import negotiate
from .bridge_error import BridgeError, Reason
from .capabilities import ready
from .exchange import Exchange as Answered
from .ice import IceServers
from .protocol.stream import Candidate, Offer, Player
from .relays import hosts, relay_addresses
from .sdp import Description, NotReceivingError, SdpError

__all__ = ["Answered", "Bridge", "BridgeError", "Reason", "player_of"]

_WITH_SOUND_LINE = frozenset({"nest", "ring"})
"""Integrations whose clouds are only known to answer offers with a line for sound."""
_LONGEST_NAME = 64


class Bridge:
    """Opens sessions at cameras; one per home."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Lend the city's ICE servers to cameras from now on, for the sessions opened here."""
        self._hass = hass
        self._ice = IceServers(hass)

    @callback
    def close(self) -> None:
        """Lend no more; the sessions are their openers' to close."""
        self._ice.close()

    async def open(
        self,
        entity: str,
        session: str,
        offer: Offer,
        *,
        relay_only: bool,
        late: Callable[[tuple[Candidate, ...]], None],
        failed: Callable[[str], None],
    ) -> Answered:
        """Ask the camera with this registry id, and hold its answer until it is whole.

        An offer with `trickle` is answered at once.

        `late` gets the camera's candidates that did not make it into the answer, `failed` the
        reason if the camera gives up afterwards; the session is closed by then.

        Raises:
            BridgeError: with the reason why there is no answer; nothing is left open.

        """
        accepted = _accept(offer, relay_only=relay_only)
        relays = None
        if relay_only:
            relays = await relay_addresses(self._hass, offer.ice)
            accepted = negotiate.through(accepted, relays)
        exchange = Answered(
            self._hass,
            _find(self._hass, entity),
            session,
            accepted,
            self._ice.lend(offer.ice),
            trickle=offer.trickle,
            relays=relays,
            late=late,
            failed=failed,
        )
        await exchange.ask()
        return exchange


def player_of(hass: HomeAssistant, entity: str, *, relay_only: bool) -> Player | None:
    """Return how the camera with this registry id is played; None if it cannot stream now."""
    try:
        found = _find(hass, entity)
    except BridgeError:
        return None
    channel = _data_channel(found)
    registered = er.async_get(hass).entities.get_entry(entity)
    return Player(
        data_channel=channel,
        audio=channel is not None
        or (registered is not None and registered.platform in _WITH_SOUND_LINE),
        relay_only=relay_only,
    )


def _accept(offer: Offer, *, relay_only: bool) -> Description:
    try:
        accepted = negotiate.accept_offer(offer.sdp, relay_only=relay_only)
    except NotReceivingError as err:
        raise BridgeError(Reason.OFFER_NOT_RECEIVING, f"the offer: {err}") from err
    except SdpError as err:
        raise BridgeError(Reason.OFFER_MALFORMED, f"the offer: {err}") from err
    if relay_only and not hosts(offer.ice):
        raise BridgeError(Reason.RELAY_NEEDED, "the city has no relay")
    return accepted


def _find(hass: HomeAssistant, entity: str) -> camera.Camera:
    registered = er.async_get(hass).entities.get_entry(entity)
    if registered is None or not ready(hass, entity):
        raise BridgeError(Reason.GONE)
    try:
        found = camera.get_camera_from_entity_id(hass, registered.entity_id)
    except HomeAssistantError as err:
        # The two errors that it raises are told apart by their words only.
        raise BridgeError(Reason.OFF if "is off" in str(err) else Reason.GONE) from err
    if camera.StreamType.WEB_RTC not in found.camera_capabilities.frontend_stream_types:
        raise BridgeError(Reason.NO_WEBRTC)
    return found


def _data_channel(found: camera.Camera) -> str | None:
    try:
        # What else is in it, the resident's own servers, stays here.
        name = found.async_get_webrtc_client_configuration().data_channel
    except Exception:  # noqa: BLE001 - a camera's integration may raise anything
        return None
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        return None
    return name
