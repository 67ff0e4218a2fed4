"""What the city's log tells about this home, compared with the home's own record: pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .ledger import Look
from .protocol.claims import Fields
from .protocol.entries import Entry, EntryKind
from .protocol.errors import Reason, Rejected
from .protocol.look_entry import ALLOWED
from .protocol.proofs import Proof
from .protocol.request import Operator
from .protocol.vocabulary import Outcome, Role, Scope

SILENT = "silent"
SETTLED = timedelta(minutes=2)
"""How long after its end a look is certainly in the home's record, if this home answered it."""
OPEN = timedelta(days=1)
"""How long the end of a look is waited for."""
_LONGEST_LOOK_S = 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a look ended, as the log tells it."""

    index: int
    at: datetime
    outcome: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedLook:
    """A look that the city allowed, as the log tells it."""

    index: int
    at: datetime
    id: str
    camera: str
    action: Scope
    operator: Operator
    incident: str
    kind: str
    reference: str
    end: End | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What follows from the comparison.

    `away`: looks that nobody answered; `unknown`: looks at which something was handed over, but
    not by this home; `ends`: how looks ended, by id; `start`: where the next comparison begins.
    """

    away: tuple[LoggedLook, ...]
    unknown: tuple[LoggedLook, ...]
    ends: Mapping[str, End]
    start: int


def compare(
    proofs: Iterable[Proof],
    size: int,
    line_of: Callable[[str], Look | None],
    covers: Callable[[datetime], bool],
    now: datetime,
) -> Findings:
    """Compare all entries about this home with its record, which covers some times only.

    `size` is how far the entries reach.
    """
    looks, ends = _read(proofs)
    away, unknown, start = [], [], size
    for begun in looks:
        look = replace(begun, end=ends.get(begun.id))
        line = line_of(look.id)
        if _unsettled(look, line, now):
            start = min(start, look.index)
        elif look.end is None or not covers(look.at):
            continue
        elif look.end.outcome == SILENT and line is None:
            away.append(look)
        elif look.end.outcome == Outcome.OK and not _handed_over(line):
            unknown.append(look)
    return Findings(away=tuple(away), unknown=tuple(unknown), ends=ends, start=start)


def _unsettled(look: LoggedLook, line: Look | None, now: datetime) -> bool:
    if look.end is None:
        return now - look.at < OPEN
    return line is None and now - look.end.at < SETTLED


def _handed_over(line: Look | None) -> bool:
    # A request that is delivered again after a restart is refused, whatever came of it before.
    return line is not None and (line.outcome is Outcome.OK or line.reason == Reason.REPLAYED)


def _read(proofs: Iterable[Proof]) -> tuple[list[LoggedLook], dict[str, End]]:
    looks: list[LoggedLook] = []
    ends: dict[str, End] = {}
    for proof in proofs:
        entry = proof.entry
        try:
            if entry.kind is EntryKind.LOOK and entry.outcome == ALLOWED:
                looks.append(_look(entry, proof.index))
            elif entry.kind is EntryKind.LOOK_ENDED:
                about = Fields(dict(entry.about))
                end = End(
                    index=proof.index,
                    at=entry.time,
                    outcome=entry.outcome,
                    seconds=about.integer("seconds", 0, _LONGEST_LOOK_S),
                )
                ends.setdefault(about.text("look", 64), end)
        except Rejected, ValueError:
            # Of a later version. What this home answers must be readable: `check_look` sees to it.
            continue
    return looks, ends


def _look(entry: Entry, index: int) -> LoggedLook:
    about = Fields(dict(entry.about))
    incident = about.object("incident")
    return LoggedLook(
        index=index,
        at=entry.time,
        id=about.text("look", 64),
        camera=about.text("camera", 64),
        action=about.choice("scope", Scope),
        operator=Operator(pseudonym=entry.actor, role=Role(entry.role or "")),
        incident=incident.text("id", 64),
        kind=incident.text("kind", 64),
        reference=incident.text("reference", 64),
    )
