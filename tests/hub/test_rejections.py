"""Refused messages: all are counted, one of a source and minute is logged."""

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from hub import rejections
from hub.protocol.errors import Reason, Rejected

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BAD = Rejected(Reason.EXPIRED, "it has ended")


def test_all_are_counted_and_one_a_minute_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    counts: Counter[str] = Counter()
    ledger = rejections.Rejections(lambda reason: counts.update([reason]))
    with caplog.at_level(logging.WARNING):
        for second in (0, 30, 59, 60, 61):
            ledger.note("home-a", BAD, NOW + timedelta(seconds=second))
        ledger.note("home-b", BAD, NOW)
    assert counts == {"expired": 6}
    assert [record.args[0] for record in caplog.records if record.args] == [
        "home-a",
        "home-a",
        "home-b",
    ]


def test_a_flood_of_sources_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejections, "_MOST_SOURCES", 10)
    ledger = rejections.Rejections(lambda _: None)
    for number in range(100):
        ledger.note(f"home-{number}", BAD, NOW)
    assert len(ledger._logged) <= 10
