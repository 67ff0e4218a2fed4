"""Entries of the access log: who did what, when, with which outcome (CJIS AU-3), salted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from .claims import Fields, malformed
from .documents import canonical
from .merkle import leaf_hash

SALT_BYTES = 16
LONGEST = 8_192
"""Bytes of an entry; a policy, which is longer, is entered by its hash and kept beside the log."""
_HUNDREDTH = 10_000


class EntryKind(StrEnum):
    """What an entry of the access log tells of."""

    LOOK = "look"
    LOOK_ENDED = "look_ended"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_CHANGED = "incident_changed"
    INCIDENT_CLOSED = "incident_closed"
    APPROVAL = "approval"
    POLICY = "policy"
    OPERATOR = "operator"
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a word
    HOME = "home"
    REGISTRATION = "registration"
    REVIEW = "review"
    EXPORT = "export"
    LOG_READ = "log_read"
    PICTURE = "picture"
    SIGHTING = "sighting"
    MESSAGE = "message"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `actor` is a pseudonym, `hub` or `public`; `about` is canonical JSON (RFC 8785).

    `home` is the home concerned, which may read the entry. `time` is in hundredths of a second
    (CJIS AU-8). The salt keeps others from guessing what a published hash stands for.
    """

    kind: EntryKind
    time: datetime
    actor: str
    role: str | None = None
    outcome: str
    home: str | None = None
    about: Mapping[str, object]
    salt: str

    @property
    def data(self) -> bytes:
        """Return the entry in its one canonical form: the data of the leaf.

        Raises:
            Rejected: `malformed` if `about` holds what has no canonical form here.

        """
        return canonical(
            {
                "about": dict(self.about),
                "actor": self.actor,
                "home": self.home,
                "kind": self.kind,
                "outcome": self.outcome,
                "role": self.role,
                "salt": self.salt,
                "time": write_time(self.time),
            }
        )

    @property
    def hash(self) -> bytes:
        """Return the hash of the leaf."""
        return leaf_hash(self.data)

    @classmethod
    def parse(cls, data: bytes) -> Entry:
        """Read an entry.

        Raises:
            Rejected: `malformed` if it is out of shape or not in its one canonical form.

        """
        if len(data) > LONGEST:
            raise malformed(f"an entry is longer than {LONGEST} bytes")
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as err:
            raise malformed("an entry is not JSON") from err
        fields = Fields(value)
        entry = cls(
            kind=fields.choice("kind", EntryKind),
            time=_read_time(fields.text("time", 30)),
            actor=fields.text("actor", 64),
            role=_optional(fields, "role"),
            outcome=fields.text("outcome", 64),
            home=_optional(fields, "home"),
            about=fields.mapping("about"),
            salt=fields.text("salt", 64),
        )
        if entry.data != data:
            raise malformed("an entry is not in its one canonical form")
        return entry


def write_time(moment: datetime) -> str:
    """Write a time in UTC to the hundredth of a second, rounded down."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // _HUNDREDTH:02}Z"


def _read_time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as err:
        raise malformed("time is not a time of an entry") from err


def _optional(fields: Fields, name: str) -> str | None:
    return fields.text(name, 64) if name in fields else None
