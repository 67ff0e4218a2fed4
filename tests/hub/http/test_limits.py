"""Rate limits: who asks too much waits, and nobody else does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Problem
from hub.http import limits as module
from hub.http.limits import Limiter, source


class Moment:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def answered(limiter: Limiter, key: str) -> bool:
    try:
        limiter.take(key)
    except Problem:
        return False
    return True


def taken(limiter: Limiter, key: str, tries: int) -> int:
    return sum(answered(limiter, key) for _ in range(tries))


def test_a_burst_and_then_the_rate() -> None:
    moment = Moment()
    limiter = Limiter(2, 5, moment)
    assert taken(limiter, "ann", 9) == 5
    assert taken(limiter, "eve", 9) == 5
    moment.wait(1)
    assert taken(limiter, "ann", 9) == 2
    moment.wait(3600)
    assert taken(limiter, "ann", 9) == 5


def test_who_waits_as_told_is_answered() -> None:
    moment = Moment()
    limiter = Limiter(1 / 7, 1, moment)
    limiter.take("ann")
    with pytest.raises(Problem) as caught:
        limiter.take("ann")
    assert caught.value.kind.slug == "rate-limited"
    assert caught.value.extra["retry_after"] == 7
    moment.wait(7)
    limiter.take("ann")


def test_a_clock_that_is_set_back_gives_nothing() -> None:
    moment = Moment()
    limiter = Limiter(1, 1, moment)
    limiter.take("ann")
    moment.wait(-3600)
    assert taken(limiter, "ann", 1) == 0
    moment.wait(1)
    assert taken(limiter, "ann", 1) == 1


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 3)), max_size=60))
def test_never_more_than_burst_and_rate(steps: list[tuple[int, float]]) -> None:
    moment, passed, count = Moment(), 0.0, 0
    limiter = Limiter(2, 4, moment)
    for tries, wait in steps:
        count += taken(limiter, "ann", tries)
        assert count <= 4 + 2 * passed + 0.01
        moment.wait(wait)
        passed += wait


def test_memory_is_bounded_and_forgets_the_idle_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 10)
    moment = Moment()
    limiter = Limiter(1, 2, moment)
    taken(limiter, "busy", 2)
    for number in range(9):
        limiter.take(f"idle {number}")
    moment.wait(1)
    limiter.take("busy")
    limiter.take("new")
    assert taken(limiter, "busy", 1) == 0, "it is remembered"
    for number in range(50):
        taken(limiter, f"busy {number}", 2)
    assert len(limiter._buckets) <= 10


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("/run/socket", "unknown"),
        (None, "unknown"),
    ],
)
def test_who_counts_as_one_sender(address: str | None, counted: str) -> None:
    assert source(address) == counted
