"""What stands approved: everything since the last denial, and what waits beside it."""

from datetime import timedelta

from hub.access.case import Approved
from hub.access.decide import Need, needs
from hub.protocol.geo import Circle
from hub.supervision.standing import AHEAD, Approval, Word, in_force, telling, waits
from tests.hub.access.test_decide import CASE, CENTRE, FAR, NOW, POLICY, moved

WIDE = Circle(CENTRE, 800)
INCIDENT = moved(CASE, radius=800).incident


def said(word: Word, circle: Circle | None = WIDE, *, long: bool = False) -> Approval:
    return Approval(
        id="a",
        incident="i",
        word=word,
        circle=circle,
        long=long,
        pseudonym="supervisor-2222",
        role="supervisor",
        at=NOW,
        reason="As told.",
    )


def test_what_was_said_before_a_denial_does_not_count() -> None:
    approve, deny, broken = said(Word.APPROVE), said(Word.DENY), said(Word.BREAK_GLASS, None)
    assert in_force([]) == in_force([approve, deny]) == ()
    assert in_force([approve, deny, broken]) == (Approved(None, False),)


def test_a_denial_is_of_what_it_was_said_about() -> None:
    assert waits(POLICY, INCIDENT, [], NOW) == {Need.CIRCLE}
    assert waits(POLICY, INCIDENT, [said(Word.DENY)], NOW) == frozenset()
    assert waits(POLICY, INCIDENT, [said(Word.DENY, Circle(FAR, 800))], NOW) == {Need.CIRCLE}
    late = NOW + timedelta(hours=1)
    assert waits(POLICY, INCIDENT, [said(Word.DENY)], late) == {Need.TIME}
    assert waits(POLICY, INCIDENT, [said(Word.DENY, long=True)], late) == frozenset()


def test_more_time_waits_before_it_is_needed() -> None:
    opened = INCIDENT.opened + timedelta(hours=1)
    approved = [said(Word.APPROVE)]
    assert waits(POLICY, INCIDENT, approved, opened - AHEAD - timedelta(seconds=1)) == frozenset()
    assert waits(POLICY, INCIDENT, approved, opened - AHEAD) == {Need.TIME}


def test_only_what_decides_is_told_of_each_look() -> None:
    small, elsewhere = (
        Approved(Circle(CENTRE, 700), time=False),
        Approved(Circle(FAR, 900), time=True),
    )
    covering, longer = Approved(WIDE, time=False), Approved(None, time=True)
    assert telling([small, elsewhere], INCIDENT) == (elsewhere,)
    many = [covering, elsewhere, small, longer] * 50
    assert telling(many, INCIDENT) == (covering, longer)
    assert telling([Approved(WIDE, time=True)] * 9, INCIDENT) == (Approved(WIDE, time=True),)
    for moment in (NOW, INCIDENT.opened + timedelta(hours=1)):
        told = telling(many, INCIDENT)
        assert needs(POLICY, INCIDENT, told, moment) == needs(POLICY, INCIDENT, tuple(many), moment)
