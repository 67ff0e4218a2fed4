"""What can go wrong at the hub, each thing with its own name (RFC 9457 problem types)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its name in the URN, its HTTP status, and its title for a person."""

    slug: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """Return the problem type's URI."""
        return f"urn:jackson-rtcc:problem:{self.slug}"


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    """A request that cannot be answered; `detail` says which thing and what to do."""

    def __init__(self, kind: Kind, detail: str, **extra: object) -> None:
        """Keep the kind, the sentence for a person, and members of the problem's own."""
        super().__init__(f"{kind.slug}: {detail}")
        self.kind = kind
        self.detail = detail
        self.extra = extra


class StartError(Exception):
    """The hub cannot start or a command cannot run; the message is one clear line."""


MALFORMED = Kind("malformed", 400, "The request is out of shape")
UNAUTHENTICATED = Kind("unauthenticated", 401, "A valid API token or session is needed")
SESSION_LOCKED = Kind("session-locked", 401, "The session is locked")
FORBIDDEN = Kind("forbidden", 403, "The caller may not do that")
NOT_FOUND = Kind("not-found", 404, "There is no such thing")
METHOD = Kind("method-not-allowed", 405, "This path has no such method")
TOO_LARGE = Kind("too-large", 413, "The request is too large")
RANGE = Kind("range", 416, "The file has no such bytes")
MEDIA_TYPE = Kind("unsupported-media-type", 415, "The body is of another media type")
RATE_LIMITED = Kind("rate-limited", 429, "Too many requests")
INTERNAL = Kind("internal", 500, "The hub failed")
NOT_READY = Kind("not-ready", 503, "The hub is not connected to its broker")
STORE_FAILED = Kind("store-failed", 503, "The hub cannot read or write its store")

CODE_UNKNOWN = Kind("code-unknown", 404, "There is no such enrolment code")
CODE_USED = Kind("code-used", 409, "This enrolment code was used before")
CODE_EXPIRED = Kind("code-expired", 410, "This enrolment code has ended")
RULES_CHANGED = Kind("rules-changed", 409, "The waiver or the policy has changed")
REFUSED_STATEMENT = Kind("refused-statement", 400, "The signed statement was refused")
HOME_UNKNOWN = Kind("home-unknown", 404, "There is no such home")

INCIDENT_CLOSED = Kind("incident-closed", 409, "The incident is closed")
ACCEPTED = Kind("accepted", 409, "Somebody else has taken the incident on")
POLICY = Kind("policy", 422, "The policy does not allow that")
CAMERA_UNAVAILABLE = Kind("camera-unavailable", 404, "This camera is not available")
CAMERA_FAILED = Kind("camera-failed", 502, "The camera gave no picture")
CAMERA_SILENT = Kind("camera-silent", 504, "The home did not answer in time")

CAMERA_NOT_LIVE = Kind("camera-unavailable", 409, "This camera is not available")
"""What WHEP answers instead, with the seconds after which a player may ask again."""
CAMERA_BUSY = Kind("camera-busy", 503, "The home plays as many streams as it can")
OFFER_REFUSED = Kind("offer-refused", 422, "The offer cannot be answered")
CODEC_UNSUPPORTED = Kind("codec-unsupported", 422, "Player and camera have no format in common")
NO_LIVE_VIDEO = Kind("no-live-video", 422, "This camera gives stills only")
RELAY_NEEDED = Kind("relay-needed", 422, "The owner wants a relay, and the city has none")
RESTART_UNSUPPORTED = Kind("ice-restart-unsupported", 422, "A session cannot be restarted")
PRECONDITION_FAILED = Kind("precondition-failed", 412, "If-Match names another state")
PRECONDITION_NEEDED = Kind("precondition-required", 428, "If-Match is needed")

PICTURE_GONE = Kind("picture-gone", 410, "The picture is not held any more")
REGISTRATION_STATE = Kind("registration-state", 409, "The registration is not in that state")

SIGN_IN_REFUSED = Kind("sign-in-refused", 403, "The sign-in was refused")
BANNER = Kind("banner", 403, "The use banner was not acknowledged")
AUTHENTICATE_AGAIN = Kind("authenticate-again", 403, "A passkey must be shown again first")
INVITATION_UNKNOWN = Kind("invitation-unknown", 404, "There is no such invitation")
INVITATION_USED = Kind("invitation-used", 409, "This invitation was used before")
INVITATION_EXPIRED = Kind("invitation-expired", 410, "This invitation has ended")
ACCOUNT_STATE = Kind("account-state", 409, "The account is not in that state")

NOTHING_WAITS = Kind("nothing-waits", 409, "Nothing waits for an approval")
REVIEW_OVERDUE = Kind("review-overdue", 409, "A review is overdue")
REVIEW_SIGNED = Kind("review-signed", 409, "This review is signed")
