"""Why something from the wire was refused."""

from enum import StrEnum


class Reason(StrEnum):
    """The one word under which a refused message is counted and logged."""

    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_HOME = "unknown_home"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    WRONG_TOPIC = "wrong_topic"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    EXPIRED = "expired"
    CLOCK = "clock"
    TOO_LONG = "too_long"
    FOREIGN_CAMERA = "foreign_camera"
    ROLLBACK = "rollback"
    TOO_MANY = "too_many"
    REPLAYED = "replayed"
    WRONG_BODY = "wrong_body"
    LOG_CHECKPOINT = "log_checkpoint"
    LOG_INCLUSION = "log_inclusion"
    LOG_CONSISTENCY = "log_consistency"
    LOG_ENTRY = "log_entry"
    LOG_BEHIND = "log_behind"


LOG_REASONS = frozenset(
    {Reason.LOG_CHECKPOINT, Reason.LOG_INCLUSION, Reason.LOG_CONSISTENCY, Reason.LOG_ENTRY}
)
"""Those that mean that the access log does not add up; `log_behind` only asks for another proof."""


class Rejected(ValueError):  # noqa: N818 - said of the message
    """A message that may not be believed; `reason` is for counting, `detail` for a person."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the reason apart from the sentence that explains it."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
