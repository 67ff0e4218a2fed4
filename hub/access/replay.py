"""Decides every look of a log again, by the policy of its time, and finds what comes out otherwise.

Works on a copy of the database and changes nothing.
"""

import argparse
import json
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.access.case import Case, read_case
from hub.access.decide import decide, incident_now
from hub.protocol.claims import Fields, malformed
from hub.protocol.documents import Policy, canonical
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.errors import Rejected
from hub.protocol.look_entry import incident_about
from hub.transparency.database_copy import CopyError, open_copy

_MOST_SHOWN = 20
_LOOKS = 'SELECT "index", data FROM log_entries WHERE kind = ? ORDER BY "index"'
_POLICY = "SELECT document FROM documents WHERE digest = ? AND kind = 'policy'"


@dataclass(frozen=True, slots=True)
class Differs:
    """A look whose decision is not what its policy says about its case, and how."""

    index: int
    detail: str


@dataclass(slots=True)
class Replayed:
    """What a replay found."""

    looks: int = 0
    differing: list[Differs] = field(default_factory=list)


def run(options: argparse.Namespace) -> int:
    """Replay, tell a person, and return the status: 0, 1 (something differs), 2 (not replayed)."""
    try:
        with open_copy(options.database) as connection:
            found = replay(connection)
    except CopyError as err:
        print(f"Not replayed: {err}", file=sys.stderr)  # noqa: T201 - what a command is for
        return 2
    for differs in found.differing[:_MOST_SHOWN]:
        _say(f"WRONG in entry {differs.index}: {differs.detail}")
    if len(found.differing) > _MOST_SHOWN:
        _say(f"And {len(found.differing) - _MOST_SHOWN} more.")
    same = found.looks - len(found.differing)
    _say(f"{same} of {found.looks} looks were decided as their policy says.")
    return 1 if found.differing else 0


def replay(connection: sqlite3.Connection) -> Replayed:
    """Decide all looks of a log again."""
    found = Replayed()
    policies = _Policies(connection)
    for index, data in connection.execute(_LOOKS, (EntryKind.LOOK,)):
        found.looks += 1
        try:
            detail = _differs(Entry.parse(data), policies)
        except Rejected as err:
            detail = err.detail
        if detail:
            found.differing.append(Differs(index, detail))
    return found


class _Policies:
    """The policies that were ever in force, each read once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, Policy] = {}

    def of(self, digest: str) -> Policy:
        if digest not in self._known:
            row = self._connection.execute(_POLICY, (digest,)).fetchone()
            if row is None:
                raise malformed(f"the policy {digest} is not kept")
            policy = Policy.parse(_json(row[0]))
            if policy.digest != digest:
                raise malformed(f"what is kept as the policy {digest} is another document")
            self._known[digest] = policy
        return self._known[digest]


def _differs(entry: Entry, policies: _Policies) -> str | None:
    about = Fields(dict(entry.about))
    policy = policies.of(about.text("policy"))
    case = read_case(about.raw("case"))
    decision = decide(policy, case)
    then, reason = entry.outcome, entry.about.get("reason")
    now = "allowed" if decision.allowed else "refused"
    if then != now:
        return f"was {then}, and the policy says {now} ({decision.reason or 'no reason not to'})"
    if not decision.allowed and reason != decision.reason:
        return f"was refused for {reason}, and the policy says {decision.reason}"
    return _another_case(entry, policy, case)


def _another_case(entry: Entry, policy: Policy, case: Case) -> str | None:
    """Tell whether the entry decided one thing and allowed another."""
    wanted = {
        "role": (entry.role, case.role),
        "scope": (entry.about.get("scope"), case.scope),
        "incident": (
            _written(entry.about.get("incident")),
            _written(incident_about(incident_now(policy, case))),
        ),
    }
    names = [name for name, (one, other) in wanted.items() if one != other]
    return f"was decided about another {' and '.join(names)}" if names else None


def _written(value: object) -> bytes:
    return canonical(dict(value) if isinstance(value, Mapping) else value)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as err:
        raise malformed("a kept policy is not JSON") from err


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a command is for
