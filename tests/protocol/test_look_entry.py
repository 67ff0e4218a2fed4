"""The entry behind a look: a home answers only to the request that the log tells of."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.entries import EntryKind
from hub.protocol.errors import Reason
from hub.protocol.geo import Circle, Point
from hub.protocol.look_entry import check_end, check_look, circle_about, incident_about
from hub.protocol.request import Operator
from hub.protocol.tokens import LEEWAY
from hub.protocol.vocabulary import Role, Scope
from tests.protocol.samples import HOME_ID, INCIDENT, LOOK, LOOK_ENDED, REQUEST, REQUEST_ID, refusal

EDGE = LEEWAY + timedelta(milliseconds=10)


def test_the_entry_of_a_request_fits() -> None:
    check_look(LOOK, REQUEST)
    for late in (LEEWAY, -LEEWAY):
        check_look(replace(LOOK, time=REQUEST.issued + late), REQUEST)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "another"},
        {"home": "another"},
        {"camera": "another"},
        {"grant": "another"},
        {"action": Scope.STREAM},
        {"operator": Operator(pseudonym="another", role=REQUEST.operator.role)},
        {"operator": Operator(pseudonym=REQUEST.operator.pseudonym, role=Role.SUPERVISOR)},
        {"policy": "another"},
        {"issued": REQUEST.issued + EDGE},
        {"issued": REQUEST.issued - EDGE},
        {"incident": replace(INCIDENT, id="another")},
        {"incident": replace(INCIDENT, kind="missing_child")},
        {"incident": replace(INCIDENT, reference="another")},
        {"incident": replace(INCIDENT, opened=INCIDENT.opened + timedelta(seconds=1))},
        {"incident": replace(INCIDENT, circle=replace(INCIDENT.circle, radius_m=500.5))},
        {"incident": replace(INCIDENT, circle=Circle(Point(32.2998001, -90.1846), 500.0))},
    ],
)
def test_any_other_request_does_not(changes: dict[str, Any]) -> None:
    other = replace(REQUEST, **changes)
    assert refusal(lambda: check_look(LOOK, other)) is Reason.LOG_ENTRY


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": EntryKind.LOOK_ENDED},
        {"outcome": "refused"},
        {"home": None},
        {"role": None},
        {"about": {}},
        {"about": dict(LOOK.about) | {"camera": None}},
        {"about": dict(LOOK.about) | {"incident": "i"}},
    ],
)
def test_any_other_entry_does_not(changes: dict[str, Any]) -> None:
    other = replace(LOOK, **changes)
    assert refusal(lambda: check_look(other, REQUEST)) is Reason.LOG_ENTRY


def test_whatever_else_the_hub_tells_of_a_look_is_its_own_affair() -> None:
    check_look(replace(LOOK, about=dict(LOOK.about) | {"case": {"more": [1, 2]}}), REQUEST)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 100_000))
def test_a_circle_is_written_exactly(lat: float, lon: float, radius: float) -> None:
    about: Any = circle_about(Circle(Point(lat, lon), radius))
    assert (float(about["lat"]), float(about["lon"]), float(about["radius_m"])) == (
        lat,
        lon,
        radius,
    )


def test_whole_metres_are_written_as_on_the_wire() -> None:
    """JSON has one kind of number: 500 and 500.0 are read as the same."""
    whole = replace(INCIDENT, circle=replace(INCIDENT.circle, radius_m=500))
    assert incident_about(whole) == incident_about(INCIDENT)


def end(**changes: Any) -> Reason | None:
    said: dict[str, Any] = {"home": HOME_ID, "look": REQUEST_ID, "outcome": "ok", "seconds_": 0}
    return refusal(lambda: check_end(LOOK_ENDED, **(said | changes)))


def test_the_end_of_a_look() -> None:
    assert end() is None
    for changes in (
        {"home": "another"},
        {"look": "another"},
        {"outcome": "refused"},
        {"seconds_": 1},
    ):
        assert end(**changes) is Reason.LOG_ENTRY


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": EntryKind.LOOK}, Reason.LOG_ENTRY),
        ({"home": None}, Reason.LOG_ENTRY),
        ({"about": {}}, Reason.MALFORMED),
        ({"about": {"look": REQUEST_ID, "seconds": "0"}}, Reason.MALFORMED),
    ],
)
def test_another_entry_is_no_end(changes: dict[str, Any], reason: Reason) -> None:
    other = replace(LOOK_ENDED, **changes)
    check = lambda: check_end(  # noqa: E731
        other, home=HOME_ID, look=REQUEST_ID, outcome="ok", seconds_=0
    )
    assert refusal(check) is reason
