"""The activity export: looks and the work on incidents by pseudonym, entered before it is given."""

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.operators.tokens import Caller
from hub.protocol.entries import Entry, EntryKind, write_time
from hub.protocol.vocabulary import Outcome, Role
from hub.store.tables import incidents, log_entries, looks
from hub.supervision.reading import incident_of
from hub.transparency.log import AccessLog

KINDS = (
    EntryKind.LOOK,
    EntryKind.LOOK_ENDED,
    EntryKind.INCIDENT_OPENED,
    EntryKind.INCIDENT_CHANGED,
    EntryKind.INCIDENT_CLOSED,
    EntryKind.APPROVAL,
    EntryKind.SIGHTING,
    EntryKind.MESSAGE,
)
MOST = 100_000
_LONGEST_LOOK = timedelta(days=1)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet calculate, in full width too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the export."""

    entry: int
    time: str
    kind: str
    operator: str
    role: str
    outcome: str
    reason: str
    incident: str
    incident_kind: str
    reference: str
    camera: str
    scope: str
    look: str
    seconds: int | None


async def activity(
    engine: AsyncEngine,
    log: AccessLog,
    since: datetime,
    until: datetime,
    caller: Caller,
    form: str,
) -> list[Act]:
    """Return what happened from `since` until before `until`, after writing who exports it.

    Raises:
        SQLAlchemyError: if the log cannot be read or written; nothing is told then.

    """
    about = {"report": "activity", "since": write_time(since), "until": write_time(until)}
    await log.write(
        EntryKind.EXPORT,
        actor=caller.pseudonym,
        role=caller.role,
        outcome="done",
        about=about | {"format": form},
    )
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(log_entries.c.index, log_entries.c.data)
            .where(
                log_entries.c.kind.in_(KINDS),
                log_entries.c.time >= since,
                log_entries.c.time < until,
            )
            .order_by(log_entries.c.index)
            .limit(MOST)
        )
        entries = [(index, Entry.parse(data)) for index, data in rows]
        known = await connection.execute(
            select(incidents.c.id, incidents.c.kind, incidents.c.reference)
        )
        told = {row.id: (row.kind, row.reference) for row in known}
        # By their lines, because the end of a look may lie outside the span.
        refused = await connection.scalars(
            select(looks.c.id).where(
                looks.c.outcome == Outcome.REFUSED,
                looks.c.asked >= since - _LONGEST_LOOK,
                looks.c.asked < until,
            )
        )
        hidden = frozenset(refused)
    acts = [_act(index, entry, told) for index, entry in entries]
    # Auditors look through no camera, and may know why a look was refused.
    return acts if caller.role is Role.AUDITOR else _veiled(acts, hidden)


def _veiled(acts: Iterable[Act], refused: Collection[str]) -> list[Act]:
    """Return the acts with every refused look the same, whoever refused it and why (rule 7)."""
    return [
        replace(act, outcome=Outcome.REFUSED, reason="") if act.look in refused else act
        for act in acts
        if not (act.kind == EntryKind.LOOK_ENDED and act.look in refused)
    ]


def as_csv(acts: Iterable[Act]) -> bytes:
    """Write the export as CSV (RFC 4180) that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([each.name for each in fields(Act)])
    for act in acts:
        writer.writerow([_cell(value) for value in asdict(act).values()])
    return out.getvalue().encode()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _act(index: int, entry: Entry, told: dict[str, tuple[str, str]]) -> Act:
    incident = incident_of(entry) or ""
    kind, reference = told.get(incident, ("", ""))
    seconds = entry.about.get("seconds")
    return Act(
        entry=index,
        time=write_time(entry.time),
        kind=entry.kind,
        operator=entry.actor,
        role=entry.role or "",
        outcome=entry.outcome,
        reason=_text(entry, "reason"),
        incident=incident,
        incident_kind=kind,
        reference=reference,
        camera=_text(entry, "camera"),
        scope=_text(entry, "scope"),
        look=_text(entry, "look"),
        seconds=seconds if isinstance(seconds, int) else None,
    )


def _text(entry: Entry, name: str) -> str:
    value = entry.about.get(name)
    return value if isinstance(value, str) else ""
