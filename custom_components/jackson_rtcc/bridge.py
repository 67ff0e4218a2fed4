"""The bridge: an offer from the city to a camera entity, and its whole answer back."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from homeassistant.core import HomeAssistant, callback

from .protocol.stream import Candidate, Offer, Player


class Reason(StrEnum):
    """Why a camera does not stream."""

    OFFER_MALFORMED = "offer_malformed"
    OFFER_NOT_RECEIVING = "offer_not_receiving"
    RELAY_NEEDED = "relay_needed"
    NO_WEBRTC = "no_webrtc"
    CODEC_UNSUPPORTED = "codec_unsupported"
    SLOW = "camera_slow"
    FAILED = "camera_failed"
    OFF = "camera_off"
    GONE = "camera_gone"


class BridgeError(Exception):
    """A camera does not stream."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Keep the reason for the city apart from the detail for the home's own log."""
        super().__init__(detail or reason)
        self.reason = reason


class Answered(Protocol):
    """A session that the camera has answered; whoever opened it closes it."""

    @property
    def sdp(self) -> str:
        """Return the answer, with the candidates that came in time."""

    @callback
    def add(self, candidates: tuple[Candidate, ...]) -> None:
        """Pass the player's late candidates to the camera."""

    @callback
    def close(self) -> None:
        """End the session at the camera; only the first time does anything."""


class Bridge:
    """Opens sessions at cameras; one per home."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Lend the city's ICE servers to cameras from now on, for the sessions opened here."""
        self._hass = hass

    @callback
    def close(self) -> None:
        """Lend no more; the sessions are their openers' to close."""

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

        `late` gets the camera's candidates that did not make it into the answer, `failed` the
        reason if the camera gives up afterwards; the session is closed by then.

        Raises:
            BridgeError: with the reason why there is no answer; nothing is left open.

        """
        raise NotImplementedError


def player_of(hass: HomeAssistant, entity: str, *, relay_only: bool) -> Player | None:
    """Return how the camera with this registry id is played; None if it cannot stream now."""
    raise NotImplementedError
