"""Says why a look may not happen, as far as whoever asks may know (rule 7)."""

from hub.access.decide import ABOUT_THE_CAMERA
from hub.access.judge import Judged
from hub.errors import (
    CAMERA_BUSY,
    CAMERA_FAILED,
    CAMERA_UNAVAILABLE,
    CODEC_UNSUPPORTED,
    INCIDENT_CLOSED,
    NO_LIVE_VIDEO,
    OFFER_REFUSED,
    POLICY,
    RELAY_NEEDED,
    Problem,
)
from hub.protocol.reply import Reply
from hub.protocol.rules import Refusal
from hub.protocol.vocabulary import Outcome

INCIDENT_OVER = frozenset({Refusal.INCIDENT_NOT_OPEN, Refusal.INCIDENT_TOO_OLD})
SILENT_HOME = "The home did not answer in time."
# What a home says of an offer, or of what its camera can do: nothing of what its owner wants.
_OF_STREAMS = {
    "offer_malformed": (OFFER_REFUSED, "The home cannot read this offer."),
    "offer_not_receiving": (OFFER_REFUSED, "The offer wants more than to receive video."),
    "relay_needed": (RELAY_NEEDED, "This camera is played through a relay only."),
    "busy": (CAMERA_BUSY, "The home plays as many streams as it can. Try again."),
    "no_webrtc": (NO_LIVE_VIDEO, "This camera gives stills only."),
    "codec_unsupported": (CODEC_UNSUPPORTED, "Player and camera have no format in common."),
}
_OF_CAMERAS = frozenset(
    {"camera_off", "camera_gone", "camera_slow", "camera_rubbish", "camera_failed"}
)
"""A home may say anything else too, of its owner for instance: that is passed on to nobody."""


def problem_with(judged: Judged) -> Problem:
    """Say why the hub's decision is against a look."""
    reason = judged.decision.reason
    if reason is None or reason in ABOUT_THE_CAMERA:
        return unavailable()
    if reason in INCIDENT_OVER:
        return Problem(INCIDENT_CLOSED, f"Incident {judged.record.incident.reference} is closed.")
    return Problem(POLICY, "The policy does not allow this look.", reason=reason)


def problem_of(reply: Reply) -> Problem:
    """Say why the home gave nothing."""
    if reply.reason in _OF_STREAMS:
        kind, detail = _OF_STREAMS[reply.reason]
        return Problem(kind, detail)
    if reply.outcome is Outcome.FAILED and reply.reason in _OF_CAMERAS:
        return Problem(
            CAMERA_FAILED,
            "The home reached its camera, but the camera gave no usable picture.",
            reason=reply.reason,
        )
    return unavailable()


def unavailable() -> Problem:
    """Say that the camera is not to be had; not why."""
    return Problem(CAMERA_UNAVAILABLE, "This camera is not available for this incident now.")
