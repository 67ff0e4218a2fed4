"""Shifts as text: days, hours that cross midnight, time zones with their summer."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.supervision.shifts import parse_shift

NONE = timedelta(0)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("shift", "moment", "holds"),
    [
        ("mon-fri 08:00-16:00", "2026-11-20T08:00", True),  # a Friday
        ("mon-fri 08:00-16:00", "2026-11-20T07:59", False),
        ("mon-fri 08:00-16:00", "2026-11-20T16:00", False),
        ("mon-fri 08:00-16:00", "2026-11-21T12:00", False),
        ("fri-mon 08:00-16:00", "2026-11-22T12:00", True),
        ("fri-mon 08:00-16:00", "2026-11-24T12:00", False),
        ("sat 22:00-06:00", "2026-11-21T23:00", True),
        ("sat 22:00-06:00", "2026-11-22T05:59", True),
        ("sat 22:00-06:00", "2026-11-21T05:00", False),
        ("sun 22:00-06:00", "2026-11-23T05:00", True),
        ("mon 00:00-24:00", "2026-11-23T23:59", True),
        ("mon 06:00-14:00; WED 06:00-14:00", "2026-11-25T06:00", True),
        # Jackson: five hours behind UTC in summer, six in winter.
        ("mon-sun 08:00-16:00 America/Chicago", "2026-07-01T13:00", True),
        ("mon-sun 08:00-16:00 America/Chicago", "2026-12-01T13:00", False),
        ("mon-sun 08:00-16:00 America/Chicago", "2026-12-01T14:00", True),
    ],
)
def test_who_is_on_duty(shift: str, moment: str, holds: bool) -> None:
    assert parse_shift(shift).holds(at(moment), NONE) is holds


def test_coming_early_and_leaving_late_is_duty() -> None:
    shift = parse_shift("fri 08:00-16:00")
    assert shift.holds(at("2026-11-20T07:30"))
    assert shift.holds(at("2026-11-20T16:29"))
    assert not shift.holds(at("2026-11-20T07:29"))
    assert not shift.holds(at("2026-11-20T16:30"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "mon 8-16",
        "mon 08:00-08:00",
        "mon 25:00-26:00",
        "mon 08:00-16:00 Mars/Olympus",
        "mon 08:00-16:00 ../etc",
        "day 08:00-16:00",
        "mon 08:00-16:00;",
    ],
)
def test_what_is_no_shift(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_shift(text)
