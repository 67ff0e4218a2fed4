"""The weekly review: each week has one, and its sample is chance that anyone can repeat."""

import hashlib
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.supervision.weekly import SAMPLED, WEEK, Look, monday, sample, weekly, weeks_over

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
ROOT = hashlib.sha256(b"root").digest()


def looks(count: int) -> list[Look]:
    return [Look(index, "officer-7F3K", f"c{index}", "i", "allowed") for index in range(count)]


def test_a_week_is_over_on_monday() -> None:
    wednesday = MONDAY + timedelta(days=2, hours=5)
    assert list(weeks_over(wednesday, MONDAY + WEEK - timedelta(seconds=1))) == []
    assert list(weeks_over(wednesday, MONDAY + WEEK)) == [MONDAY]
    assert list(weeks_over(wednesday, MONDAY + 3 * WEEK)) == [
        MONDAY,
        MONDAY + WEEK,
        MONDAY + 2 * WEEK,
    ]


@given(st.integers(0, 2_000_000_000))
def test_a_moment_is_in_the_week_of_its_monday(second: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    week = monday(moment)
    assert week <= moment < week + WEEK
    assert (week.weekday(), week.hour, week.tzinfo) == (0, 0, UTC)


def test_the_sample_is_the_same_for_everybody_and_another_for_another_root() -> None:
    chosen = sample(ROOT, looks(500))
    assert len(chosen) == SAMPLED
    assert [look.index for look in chosen] == sorted(look.index for look in chosen)
    assert sample(ROOT, list(reversed(looks(500)))) == chosen
    assert sample(hashlib.sha256(b"other").digest(), looks(500)) != chosen


def test_few_looks_are_all_in_the_sample() -> None:
    assert sample(ROOT, looks(3)) == looks(3)


def test_the_review_of_a_week_says_what_happened() -> None:
    finding = weekly(MONDAY, 42, ROOT, {"look.allowed": 2}, looks(2))
    assert finding.key == "weekly:2026-11-16"
    assert finding.subject is None
    assert finding.about["week"] == "2026-11-16"
    assert finding.about["size"] == 42
    assert finding.about["counts"] == {"look.allowed": 2}
    assert finding.about["sample"] == [
        {
            "entry": index,
            "operator": "officer-7F3K",
            "camera": f"c{index}",
            "incident": "i",
            "outcome": "allowed",
        }
        for index in range(2)
    ]
