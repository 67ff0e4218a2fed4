"""Entries: one canonical form, hundredths of a second, and nothing else is read."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.entries import LONGEST, Entry, EntryKind, write_time
from hub.protocol.errors import Reason
from tests.protocol.samples import HISTORY, LOOK, NOW, refusal

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(str.isprintable)
ABOUT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
ENTRIES = st.builds(
    Entry,
    kind=st.sampled_from(EntryKind),
    time=st.integers(0, 400_000_000_000).map(
        lambda hundredths: (
            datetime(2000, 1, 1, tzinfo=UTC) + timedelta(milliseconds=10 * hundredths)
        )
    ),
    actor=TEXTS,
    role=st.none() | TEXTS,
    outcome=TEXTS,
    home=st.none() | TEXTS,
    about=st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), ABOUT, max_size=4),
    salt=TEXTS,
)


@given(ENTRIES)
def test_any_entry_comes_back_as_it_was(entry: Entry) -> None:
    again = Entry.parse(entry.data)
    assert again == entry
    assert (again.data, again.hash) == (entry.data, entry.hash)


@given(st.sampled_from(HISTORY), st.data())
def test_any_changed_byte_is_another_entry_or_none(entry: Entry, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entry.data) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != entry.data[at]))
    bent = entry.data[:at] + bytes([byte]) + entry.data[at + 1 :]
    if refusal(lambda: Entry.parse(bent)) is None:
        assert Entry.parse(bent).hash != entry.hash


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    assert refusal(lambda: Entry.parse(noise)) in {Reason.MALFORMED, None}


def rewritten(**changes: object) -> bytes:
    value = {name: one for name, one in (json.loads(LOOK.data) | changes).items() if one is not ...}
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_the_rewriter_of_these_tests_writes_the_canonical_form() -> None:
    assert Entry.parse(rewritten()) == LOOK


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 5000,
        LOOK.data + b" ",
        b" " + LOOK.data,
        LOOK.data.replace(b":", b": ", 1),
        LOOK.data.replace(b'"about"', b'"\\u0061bout"'),
        json.dumps(json.loads(LOOK.data), sort_keys=False).encode(),
        rewritten(kind="gossip"),
        rewritten(kind=...),
        rewritten(time="2026-07-01T18:00:00Z"),
        rewritten(time="2026-07-01T18:00:00.000Z"),
        rewritten(time="2026-07-01T18:00:00.0Z"),
        rewritten(time="2026-13-01T18:00:00.00Z"),
        rewritten(time="2026-07-01T18:00:00.00+00:00"),
        rewritten(time=1),
        rewritten(actor=""),
        rewritten(actor="a\nb"),
        rewritten(actor="x" * 65),
        rewritten(role=""),
        rewritten(role=...),
        rewritten(home=...),
        rewritten(outcome=None),
        rewritten(about=None),
        rewritten(about=[]),
        rewritten(about={"x": 1.5}),
        rewritten(about={"x": 2**53}),
        rewritten(about={"ñ": 1}),
        rewritten(salt=""),
        rewritten(more=1),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    assert refusal(lambda: Entry.parse(data)) is Reason.MALFORMED


def test_the_longest_entry() -> None:
    room = LONGEST - len(replace(LOOK, about={"x": ""}).data)
    longest = replace(LOOK, about={"x": "a" * room})
    assert len(longest.data) == LONGEST
    assert Entry.parse(longest.data) == longest
    longer = replace(LOOK, about={"x": "a" * (room + 1)})
    assert refusal(lambda: Entry.parse(longer.data)) is Reason.MALFORMED


@pytest.mark.parametrize("about", [{"x": 0.5}, {"x": 2**53}, {"x": "\ud800"}, {"x": object()}])
def test_what_has_no_canonical_form_cannot_be_written(about: dict[str, object]) -> None:
    assert refusal(lambda: replace(LOOK, about=about).data) is Reason.MALFORMED


def test_times_are_utc_and_rounded_down_to_hundredths() -> None:
    moment = NOW.replace(microsecond=999_999)
    assert write_time(moment) == "2026-07-01T18:00:00.99Z"
    assert write_time(moment.astimezone(timezone(timedelta(hours=-5)))) == write_time(moment)


def test_two_entries_differ_by_their_salt_at_least() -> None:
    assert replace(LOOK, salt="another").hash != LOOK.hash
