"""Decides every look of a log again, by the policy of its time, and finds what comes out otherwise.

Works on a copy of the database and changes nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, select

from hub.access.case import Case, read_case
from hub.access.decide import decide, incident_now
from hub.protocol.claims import Fields, malformed
from hub.protocol.documents import Policy, canonical
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.errors import Rejected
from hub.protocol.look_entry import incident_about
from hub.store.tables import documents, log_entries

_AT_ONCE = 1_000


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


def open_copy(path: Path) -> Engine:
    """Return a database file, to be read only."""
    uri = f"file:{path.resolve().as_posix()}?mode=ro&uri=true"
    return create_engine(f"sqlite+pysqlite:///{uri}")


def replay(connection: Connection) -> Replayed:
    """Decide all looks of the log again.

    Raises:
        SQLAlchemyError: if it cannot be read.

    """
    found = Replayed()
    policies = _Policies(connection)
    for index, data in _looks(connection):
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

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Policy] = {}

    def of(self, digest: str) -> Policy:
        if digest not in self._known:
            text = self._connection.execute(
                select(documents.c.document).where(
                    documents.c.digest == digest, documents.c.kind == "policy"
                )
            ).scalar_one_or_none()
            if text is None:
                raise malformed(f"the policy {digest} is not kept")
            policy = Policy.parse(_json(text))
            if policy.digest != digest:
                raise malformed(f"what is kept as the policy {digest} is another document")
            self._known[digest] = policy
        return self._known[digest]


def _looks(connection: Connection) -> Iterator[tuple[int, bytes]]:
    after = -1
    while True:
        rows = connection.execute(
            select(log_entries.c.index, log_entries.c.data)
            .where(log_entries.c.kind == EntryKind.LOOK, log_entries.c.index > after)
            .order_by(log_entries.c.index)
            .limit(_AT_ONCE)
        ).all()
        for index, data in rows:
            yield index, data
            after = index
        if len(rows) < _AT_ONCE:
            return


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
