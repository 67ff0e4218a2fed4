"""When a session may be used, is locked, or is over (CJIS AC-11, AC-12, IA-11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AGAIN = timedelta(hours=12)
"""After this long a passkey is asked for again, however busy its holder is."""
FORGOTTEN = timedelta(hours=24)
"""A session that nobody took up again is over."""
LINK = "link"
"""How a session began that a one-time link opened, as entries say it."""
RECENT = timedelta(minutes=5)
"""What changes who can get in needs a passkey shown within this time."""


class State(StrEnum):
    """How a session is."""

    ACTIVE = "active"
    LOCKED = "locked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person at one browser. `authenticated` is when a passkey was last shown."""

    id: str
    operator: str
    via: str
    created: datetime
    authenticated: datetime
    used: datetime
    locked: datetime | None = None
    ended: datetime | None = None

    def state(self, now: datetime, idle: timedelta) -> State:
        """Tell how it is; `idle` is how long it may go unused."""
        if self.ended is not None or now - self.authenticated >= FORGOTTEN:
            return State.ENDED
        if self.locked is not None or now >= self.locks(idle):
            return State.LOCKED
        return State.ACTIVE

    def locks(self, idle: timedelta) -> datetime:
        """Return when it locks if nothing more is done."""
        return min(self.used + idle, self.authenticated + AGAIN)

    def recent(self, now: datetime) -> bool:
        """Tell whether a passkey was shown moments ago; a link is none, and unlocking needs one."""
        return self.via != LINK and now - self.authenticated < RECENT
