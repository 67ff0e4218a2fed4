"""The public figures: counted from entries alone, each exactly once, and telling nobody's name."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.entries import Entry, EntryKind
from hub.transparency.figures import COUNTED, figures

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
SALT = "c2FsdHNhbHRzYWx0c2FsdA"


def entry(kind: EntryKind, outcome: str, *, days: int = 0, **about: object) -> Entry:
    return Entry(
        kind=kind,
        time=START + timedelta(days=days),
        actor="officer-SECRET",
        role="officer",
        outcome=outcome,
        home="home-SECRET",
        about=about,
        salt=SALT,
    )


def look(id_: str, camera: str, *, days: int = 0, seconds: int = 0, end: str = "ok") -> list[Entry]:
    return [
        entry(EntryKind.LOOK, "allowed", days=days, look=id_, camera=camera),
        entry(EntryKind.LOOK_ENDED, end, days=days, look=id_, seconds=seconds),
    ]


def counted(entries: Sequence[Entry]) -> Any:
    return figures(entries)


def test_without_entries_all_is_nothing() -> None:
    found = counted([])
    assert found["months"] == []
    assert found["total"]["looks"] == dict.fromkeys(
        ["allowed", "refused", "handed_over", "seconds", "cameras"], 0
    )


def test_looks_are_counted_by_what_came_of_them() -> None:
    found = counted(
        [
            *look("1", "porch-SECRET", seconds=3),
            *look("2", "porch-SECRET", seconds=4),
            *look("3", "yard-SECRET", end="failed"),
            entry(EntryKind.LOOK, "refused", look="4", camera="shed-SECRET"),
        ]
    )
    assert found["total"]["looks"] == {
        "allowed": 3,
        "refused": 1,
        "handed_over": 2,
        "seconds": 7,
        "cameras": 1,
    }
    assert found["total"]["acts"]["look_ended"] == {"failed": 1, "ok": 2}


def test_months_are_those_of_utc_and_a_look_counts_where_it_ended() -> None:
    began, ended = look("1", "porch")
    late = Entry(
        kind=ended.kind,
        time=datetime(2026, 11, 30, 23, 59, tzinfo=UTC) + timedelta(minutes=1),
        actor=ended.actor,
        outcome=ended.outcome,
        about=ended.about,
        salt=SALT,
    )
    november, december = counted([began, late])["months"]
    assert (november["month"], december["month"]) == ("2026-11", "2026-12")
    assert (november["looks"]["allowed"], november["looks"]["handed_over"]) == (1, 0)
    assert (december["looks"]["handed_over"], december["looks"]["cameras"]) == (1, 1)


def test_a_camera_of_two_months_is_one_in_all() -> None:
    found = counted([*look("1", "porch"), *look("2", "porch", days=31)])
    assert [month["looks"]["cameras"] for month in found["months"]] == [1, 1]
    assert found["total"]["looks"]["cameras"] == 1


def test_incidents_are_counted_by_kind() -> None:
    found = counted(
        [
            entry(EntryKind.INCIDENT_OPENED, "done", incident={"kind": "robbery", "id": "x"}),
            entry(EntryKind.INCIDENT_OPENED, "done", incident={"kind": "robbery", "id": "y"}),
            entry(EntryKind.INCIDENT_OPENED, "done", incident={"kind": "fire", "id": "z"}),
            entry(EntryKind.INCIDENT_CLOSED, "done", incident={"kind": "fire", "id": "z"}),
            entry(EntryKind.INCIDENT_OPENED, "done", incident="torn"),
        ]
    )
    assert found["total"]["incidents"] == {"fire": 1, "robbery": 2, "unknown": 1}


def test_rules_are_named_by_version_and_hash() -> None:
    first: dict[str, Any] = {"version": "1", "sha256": "aaa"}
    second: dict[str, Any] = {"version": "2", "sha256": "bbb"}
    found = counted(
        [
            entry(EntryKind.POLICY, "done", **first),
            entry(EntryKind.POLICY, "done", days=31, **second),
            entry(EntryKind.POLICY, "done", days=31, odd=True),
        ]
    )
    assert [month["policies"] for month in found["months"]] == [[first], [second]]
    assert found["total"]["policies"] == [first, second]


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group, names in COUNTED.items() for name in names]
)
def test_every_figure_counts_each_of_its_outcomes(group: str, name: str) -> None:
    kind, *outcomes = COUNTED[group][name]
    found = counted([entry(kind, outcome) for outcome in outcomes])
    assert found["total"][group][name] == len(outcomes)


entries = st.lists(
    st.builds(
        lambda kind, outcome, days, about: entry(kind, outcome, days=days, **about),
        st.sampled_from(list(EntryKind)),
        st.sampled_from(
            sorted(
                {
                    word
                    for names in COUNTED.values()
                    for _, *words in names.values()
                    for word in words
                }
            )
        ),
        st.integers(0, 90),
        st.fixed_dictionaries(
            {},
            optional={
                "look": st.sampled_from(["look-SECRET-1", "look-SECRET-2"]),
                "camera": st.sampled_from(["camera-SECRET-1", "camera-SECRET-2"]),
                "seconds": st.integers(0, 10),
                "incident": st.just({"kind": "robbery", "id": "incident-SECRET"}),
                "registration": st.just("registration-SECRET"),
                "sha256": st.just("hash"),
                "version": st.just("1"),
            },
        ),
    ),
    max_size=30,
)


@given(entries)
def test_every_entry_is_counted_once_and_nothing_that_names_anybody_comes_out(
    given_entries: list[Entry],
) -> None:
    found = counted(sorted(given_entries, key=lambda one: one.time))

    def acts(period: Any) -> int:
        return sum(count for kinds in period["acts"].values() for count in kinds.values())

    assert acts(found["total"]) == len(given_entries)
    assert sum(acts(month) for month in found["months"]) == len(given_entries)
    for group in COUNTED:
        for name in COUNTED[group]:
            parts = sum(month[group][name] for month in found["months"])
            assert found["total"][group][name] == parts
    assert "SECRET" not in json.dumps(found)
