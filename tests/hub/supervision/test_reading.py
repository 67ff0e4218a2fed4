"""Entries as supervision reads them; what is of another shape is left out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hub.access.case import case_about
from hub.protocol.entries import Entry, EntryKind
from hub.supervision.reading import glance_of, incident_of
from tests.hub.access.test_decide import CASE, CENTRE

ENTRY = Entry(
    kind=EntryKind.LOOK,
    time=datetime(2026, 7, 1, 18, tzinfo=UTC),
    actor="officer-7F3K",
    role="officer",
    outcome="allowed",
    about={"camera": "c", "incident": {"id": "i"}, "case": case_about(CASE)},
    salt="s",
)


def with_about(about: Mapping[str, object]) -> Entry:
    return replace(ENTRY, about=about)


def test_a_look_is_read_with_its_place() -> None:
    glance = glance_of(7, ENTRY)
    assert glance is not None
    assert (glance.index, glance.operator, glance.camera, glance.incident) == (
        7,
        "officer-7F3K",
        "c",
        "i",
    )
    assert glance.place == CENTRE


@pytest.mark.parametrize(
    "case",
    [None, {}, case_about(replace(CASE, permission=None))],
    ids=["none", "empty", "not live"],
)
def test_a_look_without_a_place(case: object) -> None:
    glance = glance_of(7, with_about({"camera": "c", "incident": "i", "case": case}))
    assert glance is not None
    assert glance.place is None


@pytest.mark.parametrize(
    "about", [{}, {"camera": "c"}, {"incident": "i"}, {"camera": "c", "incident": {"id": 1}}]
)
def test_what_is_no_look(about: Mapping[str, object]) -> None:
    assert glance_of(7, with_about(about)) is None


def test_an_incident_is_named_by_its_id_or_whole() -> None:
    assert incident_of(ENTRY) == incident_of(with_about({"incident": "i"})) == "i"
    assert incident_of(with_about({})) is None
