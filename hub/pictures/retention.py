"""How long an attached picture is kept: one pure function of the policy and its incident."""

from datetime import datetime

from hub.protocol.documents import Retention


def kept_until(
    retention: Retention,
    *,
    ended: datetime | None,
    charged: datetime | None,
) -> datetime | None:
    """Return when a picture is deleted, or None while its incident has not ended."""
    if ended is None:
        return None
    return ended + (retention.uncharged if charged is None else retention.attached)
