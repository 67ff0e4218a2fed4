"""What the city publishes about its looks: totals, counted from the access log's entries alone.

Pure, so that anyone who holds a copy of the entries can count again. No camera, home, operator or
place is in what comes out. Every entry is in `acts` exactly once: their sum is the log's size.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.protocol.entries import Entry, EntryKind

# What each figure counts: an entry's kind, and its outcomes. The page shows them in this order.
COUNTED: Mapping[str, Mapping[str, tuple[EntryKind, *tuple[str, ...]]]] = {
    "looks": {
        "allowed": (EntryKind.LOOK, "allowed"),
        "refused": (EntryKind.LOOK, "refused"),
        "handed_over": (EntryKind.LOOK_ENDED, "ok"),
    },
    "operators": {
        "sign_ins": (EntryKind.SESSION, "signed-in"),
        "sign_ins_refused": (EntryKind.SESSION, "refused"),
    },
    "supervision": {
        "approved": (EntryKind.APPROVAL, "approved"),
        "denied": (EntryKind.APPROVAL, "denied"),
        "break_glass": (EntryKind.APPROVAL, "break_glass"),
        "reviews_filed": (EntryKind.REVIEW, "filed"),
        "reviews_signed": (EntryKind.REVIEW, "justified", "misuse", "unclear"),
        "misuse_found": (EntryKind.REVIEW, "misuse"),
    },
    "homes": {
        "enrolled": (EntryKind.HOME, "enrolled"),
        "left": (EntryKind.HOME, "removed"),
        "deleted": (EntryKind.HOME, "deleted"),
    },
    "registrations": {
        "received": (EntryKind.REGISTRATION, "received"),
        "approved": (EntryKind.REGISTRATION, "approved"),
        "declined": (EntryKind.REGISTRATION, "declined"),
    },
    "pictures": {
        "kept": (EntryKind.PICTURE, "attached"),
        "read": (EntryKind.PICTURE, "read"),
        "deleted": (EntryKind.PICTURE, "deleted"),
        "expired": (EntryKind.PICTURE, "expired"),
    },
    "log": {
        "read": (EntryKind.LOG_READ, "done"),
        "exported": (EntryKind.EXPORT, "done"),
    },
}


@dataclass(slots=True)
class _Period:
    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    incidents: Counter[str] = field(default_factory=Counter)
    seconds: int = 0
    cameras: set[str] = field(default_factory=set)
    policies: dict[str, str] = field(default_factory=dict)

    def written(self) -> dict[str, object]:
        groups: dict[str, dict[str, int]] = {
            group: {
                name: sum(self.acts[kind, outcome] for outcome in outcomes)
                for name, (kind, *outcomes) in counted.items()
            }
            for group, counted in COUNTED.items()
        }
        groups["looks"] |= {"seconds": self.seconds, "cameras": len(self.cameras)}
        acts: dict[str, dict[str, int]] = {}
        for (kind, outcome), count in sorted(self.acts.items()):
            acts.setdefault(kind, {})[outcome] = count
        return {
            "incidents": dict(sorted(self.incidents.items())),
            **groups,
            "policies": [
                {"sha256": digest, "version": version} for digest, version in self.policies.items()
            ],
            "acts": acts,
        }


@dataclass(slots=True)
class Figures:
    """A count that goes on: entries are added in the order of the log."""

    size: int = 0
    _months: dict[str, _Period] = field(default_factory=dict)
    _all: _Period = field(default_factory=_Period)
    _looking: dict[str, str] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Count the next entry, in the month (UTC) of its time and in the total."""
        self.size += 1
        camera = self._camera(entry)
        for period in (self._months.setdefault(f"{entry.time:%Y-%m}", _Period()), self._all):
            _count(period, entry, camera)

    def written(self) -> dict[str, object]:
        """Return the figures as they are published, months in their order."""
        return {
            "months": [
                {"month": month} | period.written()
                for month, period in sorted(self._months.items())
            ],
            "total": self._all.written(),
        }

    def _camera(self, entry: Entry) -> str | None:
        """Return the camera that handed something over, known from the entry that allowed it."""
        look = entry.about.get("look")
        if not isinstance(look, str):
            return None
        if entry.kind is EntryKind.LOOK and entry.outcome == "allowed":
            self._looking[look] = str(entry.about.get("camera"))
        elif entry.kind is EntryKind.LOOK_ENDED:
            camera = self._looking.pop(look, None)
            return camera if entry.outcome == "ok" else None
        return None


def figures(entries: Iterable[Entry]) -> dict[str, object]:
    """Return the published figures of these entries."""
    counted = Figures()
    for entry in entries:
        counted.add(entry)
    return counted.written()


def _count(period: _Period, entry: Entry, camera: str | None) -> None:
    period.acts[entry.kind, entry.outcome] += 1
    if camera is not None:
        period.cameras.add(camera)
    match entry.kind:
        case EntryKind.INCIDENT_OPENED:
            period.incidents[_kind(entry.about)] += 1
        case EntryKind.LOOK_ENDED:
            seconds = entry.about.get("seconds")
            period.seconds += seconds if isinstance(seconds, int) else 0
        case EntryKind.POLICY:
            digest, version = entry.about.get("sha256"), entry.about.get("version")
            if isinstance(digest, str) and isinstance(version, str):
                period.policies[digest] = version
        case _:
            pass


def _kind(about: Mapping[str, object]) -> str:
    incident = about.get("incident", about)
    kind = incident.get("kind") if isinstance(incident, Mapping) else None
    return kind if isinstance(kind, str) else "unknown"
