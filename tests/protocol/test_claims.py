"""Fields of a JSON object from anywhere: the limits of every kind of field."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.claims import Fields, seconds
from hub.protocol.errors import Reason, Rejected
from hub.protocol.vocabulary import Scope
from tests.protocol.samples import refusal

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
READERS = {
    "raw": lambda fields: fields.raw("a"),
    "text": lambda fields: fields.text("a"),
    "identifier": lambda fields: fields.identifier("a"),
    "lines": lambda fields: fields.lines("a", 9),
    "pem": lambda fields: fields.pem("a"),
    "integer": lambda fields: fields.integer("a", 0, 9),
    "number": lambda fields: fields.number("a", 0, 9),
    "flag": lambda fields: fields.flag("a"),
    "time": lambda fields: fields.time("a"),
    "choice": lambda fields: fields.choice("a", Scope),
    "choices": lambda fields: fields.choices("a", Scope),
    "object": lambda fields: fields.object("a"),
    "items": lambda fields: fields.items("a", most=2),
    "mapping": lambda fields: fields.mapping("a", most=2),
}


@pytest.mark.parametrize("reader", READERS)
@given(value=ANYTHING)
def test_every_reader_takes_anything_and_only_ever_refuses(reader: str, value: object) -> None:
    why = refusal(lambda: READERS[reader](Fields({"a": value})))
    assert why in {None, Reason.MALFORMED}


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_refuses_what_is_missing_or_null(reader: str) -> None:
    for values in ({}, {"a": None}):
        with pytest.raises(Rejected) as refused:
            READERS[reader](Fields(values))
        assert refused.value.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("raw", [1]),
        ("text", "a" * 200),
        ("identifier", "a" * 64),
        ("lines", "v=0\r\ns=-\n"),
        ("lines", "ñññña"),
        ("integer", 9),
        ("number", 9),
        ("number", 0.5),
        ("flag", False),
        ("items", [1, 2]),
        ("mapping", {"b": 1, "c": 2}),
    ],
)
def test_what_fits_is_returned(reader: str, value: object) -> None:
    assert READERS[reader](Fields({"a": value})) == value


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("text", "a" * 201),
        ("identifier", "a" * 65),
        ("lines", ""),
        ("lines", "a" * 10),
        ("lines", "ñ" * 5),
        ("lines", "a\tb"),
        ("lines", "a\x85b"),
        ("lines", "a\ud800"),
        ("integer", 10),
        ("integer", True),
        ("number", True),
        ("number", math.nan),
        ("number", math.inf),
        ("number", 10**400),
        ("flag", 0),
        ("items", [1, 2, 3]),
        ("mapping", {"b": 1, "c": 2, "d": 3}),
        ("time", 253_402_300_800),
    ],
)
def test_what_does_not_fit_is_refused(reader: str, value: object) -> None:
    with pytest.raises(Rejected):
        READERS[reader](Fields({"a": value}))


def test_other_fields() -> None:
    fields = Fields({"b": {"c": True}, "d": ["clip", "stream"], "e": None})
    assert fields.object("b").flag("c")
    assert fields.choices("d", Scope) == {Scope.CLIP, Scope.STREAM}
    assert "b" in fields
    assert "e" not in fields
    assert Fields({"a": 253_402_300_799}).time("a").year == 9999


@given(st.floats(0, 2e11), st.integers(-12, 14))
def test_seconds_are_counted_in_utc_and_rounded_down(second: float, hours: int) -> None:
    aware = datetime.fromtimestamp(second, timezone(timedelta(hours=hours)))
    back = datetime.fromtimestamp(seconds(aware), UTC)
    assert timedelta(0) <= aware - back < timedelta(seconds=1)
