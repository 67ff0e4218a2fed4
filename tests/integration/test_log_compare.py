"""What the log tells, compared with the home's record: one rule a test."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.jackson_rtcc.ledger import Look
from custom_components.jackson_rtcc.log_compare import OPEN, SETTLED, Findings, compare
from custom_components.jackson_rtcc.protocol.entries import Entry, EntryKind
from custom_components.jackson_rtcc.protocol.proofs import Proof
from custom_components.jackson_rtcc.protocol.request import Operator
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Role, Scope

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
THEN = NOW - timedelta(hours=1)
ABOUT = {
    "look": "r1",
    "camera": "porch",
    "scope": "snapshot",
    "incident": {"id": "i1", "kind": "robbery", "reference": "CAD-1"},
}


def entry(kind: EntryKind, at: datetime, outcome: str, about: Any, role: str | None) -> Entry:
    return Entry(
        kind=kind,
        time=at,
        actor="o1",
        role=role,
        outcome=outcome,
        home="h1",
        about=about,
        salt="c2FsdA",
    )


def begun(index: int = 10, at: datetime = THEN, outcome: str = "allowed", **about: Any) -> Proof:
    found = entry(EntryKind.LOOK, at, outcome, ABOUT | about, "officer")
    return Proof(entry=found, index=index, inclusion=())


def ended(index: int = 11, at: datetime = THEN, outcome: str = "ok", **about: Any) -> Proof:
    found = entry(EntryKind.LOOK_ENDED, at, outcome, {"look": "r1", "seconds": 5} | about, None)
    return Proof(entry=found, index=index, inclusion=())


def line(outcome: Outcome = Outcome.OK, reason: str | None = None) -> Look:
    return Look(
        id="r1",
        camera=None,
        name=None,
        action=Scope.SNAPSHOT,
        operator=Operator(pseudonym="o1", role=Role.OFFICER),
        incident="i1",
        kind="robbery",
        reference="CAD-1",
        requested=THEN,
        answered=THEN,
        outcome=outcome,
        reason=reason,
    )


def found(*proofs: Proof, known: Look | None = None, since: datetime = NOW - OPEN) -> Findings:
    return compare(proofs, 20, lambda _id: known, lambda at: at >= since, NOW)


def test_known() -> None:
    findings = found(begun(), ended(), known=line())
    assert (findings.away, findings.unknown, findings.start) == ((), (), 20)
    assert findings.ends["r1"].seconds == 5


def test_unknown() -> None:
    (look,) = found(begun(), ended()).unknown
    assert (look.id, look.camera, look.operator.pseudonym) == ("r1", "porch", "o1")


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        (line(Outcome.REFUSED, "not_granted"), True),
        (line(Outcome.FAILED, "camera_off"), True),
        (line(Outcome.REFUSED, "replayed"), False),
    ],
)
def test_something_was_handed_over_but_not_by_this_home(known: Look, unknown: bool) -> None:
    assert bool(found(begun(), ended(), known=known).unknown) is unknown


def test_away() -> None:
    findings = found(begun(), ended(outcome="silent"))
    assert [look.id for look in findings.away] == ["r1"]
    assert findings.unknown == ()
    # One that this home did answer, too late, is no such look.
    assert found(begun(), ended(outcome="silent"), known=line()).away == ()


@pytest.mark.parametrize("outcome", ["refused", "failed"])
def test_nothing_was_handed_over(outcome: str) -> None:
    findings = found(begun(), ended(outcome=outcome))
    assert (findings.away, findings.unknown) == ((), ())


@pytest.mark.parametrize("outcome", ["ok", "silent"])
def test_before_the_record_began(outcome: str) -> None:
    findings = found(begun(), ended(outcome=outcome), since=THEN + timedelta(seconds=1))
    assert (findings.away, findings.unknown, findings.start) == ((), (), 20)


def test_a_refused_look_is_none() -> None:
    assert found(begun(outcome="refused"), ended()).unknown == ()


@pytest.mark.parametrize("outcome", ["ok", "silent"])
def test_just_ended(outcome: str) -> None:
    """Its line may not be there yet: it is compared the next time."""
    lately = NOW - SETTLED + timedelta(seconds=1)
    findings = found(begun(at=lately), ended(at=lately, outcome=outcome))
    assert (findings.away, findings.unknown, findings.start) == ((), (), 10)
    assert found(begun(at=lately), ended(at=lately), known=line()).start == 20


def test_not_ended() -> None:
    assert found(begun(), known=line()).start == 10
    assert found(begun(at=NOW - OPEN), known=line()).start == 20
    two = [begun(12, look="r2"), begun(10, look="r3")]
    assert found(*two).start == 10


def test_an_end_counts_once() -> None:
    findings = found(begun(), ended(), ended(12, seconds=50), known=line())
    assert findings.ends["r1"].seconds == 5


@pytest.mark.parametrize(
    "odd",
    [
        begun(scope="hologram"),
        begun(incident="i1"),
        begun(look=""),
        Proof(entry=entry(EntryKind.LOOK, THEN, "allowed", ABOUT, "mayor"), index=1, inclusion=()),
        Proof(entry=entry(EntryKind.LOOK, THEN, "allowed", ABOUT, None), index=1, inclusion=()),
        ended(seconds=-1),
        ended(look=7),
        Proof(entry=entry(EntryKind.HOME, THEN, "done", {}, None), index=1, inclusion=()),
    ],
)
def test_what_a_later_version_writes_is_left_alone(odd: Proof) -> None:
    findings = found(odd, begun(), ended(12))
    assert len(findings.unknown) == 1
