"""Why a camera does not stream: a reason for the city, a detail for the home's own log."""

from enum import StrEnum


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
