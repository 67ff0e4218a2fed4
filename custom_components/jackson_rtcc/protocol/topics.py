"""The MQTT topics of the wire (DESIGN.md 5.2): one place that builds and reads them."""

import re
from dataclasses import dataclass

from .errors import Reason, Rejected

ROOT = "rtcc/v1"
ONLINE = b"online"
OFFLINE = b"offline"

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def valid_id(text: str) -> bool:
    """Tell whether `text` can be a home, camera or request id (and so one topic level)."""
    return _ID.fullmatch(text) is not None


def presence(home: str) -> str:
    """Retained `online`, or `offline` as the home's last will."""
    return f"{ROOT}/{home}/presence"


def grants(home: str, camera: str) -> str:
    """Retained grant or revocation of one camera."""
    return f"{ROOT}/{home}/grants/{camera}"


def alerts(home: str) -> str:
    """Alerts from the home."""
    return f"{ROOT}/{home}/alerts"


def requests(home: str) -> str:
    """The hub's requests to the home, and its words on their sessions."""
    return f"{ROOT}/{home}/requests"


def replies(home: str, request: str) -> str:
    """The home's reply to one request, and its words on the session that the reply began."""
    return f"{ROOT}/{home}/replies/{request}"


def receipts(home: str) -> str:
    """The hub's receipts to the home."""
    return f"{ROOT}/{home}/receipts"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message from a home belongs: its home, its kind, and the camera or request named."""

    home: str
    kind: str
    item: str | None = None


def parse(topic: str) -> Address:
    """Read a topic that a home may write.

    Raises:
        Rejected: `wrong_topic` for anything outside the table of DESIGN.md 5.2.

    """
    match topic.split("/"):
        case ["rtcc", "v1", home, "presence" | "alerts" as kind] if valid_id(home):
            return Address(home, kind)
        case ["rtcc", "v1", home, "grants" | "replies" as kind, item] if valid_id(
            home
        ) and valid_id(item):
            return Address(home, kind, item)
    raise Rejected(Reason.WRONG_TOPIC, "not a topic that a home may write")
