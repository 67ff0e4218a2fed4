"""The audit of a log, property by property: whatever is done to a log is found, and not before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.checkpoint import Checkpoint, origin_of, sign_checkpoint
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.merkle import Tree
from hub.transparency.audit import (
    Finding,
    Row,
    Sighting,
    check_sightings,
    compare,
    read_checkpoints,
    read_entries,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
ORIGIN = origin_of("audit")
BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
COUNT = 24

type Log = tuple[list[Row], list[tuple[int, str]]]


def row(index: int, about: str = "n", *, seconds: float | None = None) -> Row:
    entry = Entry(
        kind=EntryKind.EXPORT,
        time=BEGIN + timedelta(seconds=index if seconds is None else seconds),
        actor="hub",
        outcome="done",
        about={about: index},
        salt="AAAA",
    )
    return of(entry, index)


def of(entry: Entry, index: int) -> Row:
    return Row(
        index=index,
        kind=entry.kind,
        time=entry.time,
        actor=entry.actor,
        home=entry.home,
        hash=entry.hash,
        data=entry.data,
    )


def signed(tree: Tree, size: int) -> tuple[int, str]:
    return size, sign_checkpoint(KEY, Checkpoint(ORIGIN, size, tree.root(size))).text


@cache
def whole() -> tuple[tuple[Row, ...], tuple[tuple[int, str], ...]]:
    rows = tuple(row(index) for index in range(COUNT))
    tree = Tree(one.hash for one in rows)
    # Some entries share a checkpoint.
    sizes = [size for size in range(1, COUNT + 1) if size % 3 or size == COUNT]
    return rows, tuple(signed(tree, size) for size in sizes)


def audit(rows: Sequence[Row], notes: Sequence[tuple[int, str]]) -> list[Finding]:
    entries = read_entries(rows)
    checkpoints = read_checkpoints(notes, entries, KEY.public_key(), ORIGIN)
    return sorted(entries.findings + checkpoints.findings)


def test_a_good_log_has_no_findings() -> None:
    assert audit(*whole()) == []
    assert audit([], []) == []


@given(st.integers(0, COUNT - 1), st.data())
def test_a_changed_byte_is_found_where_it_is(at: int, data: st.DataObject) -> None:
    rows, notes = list(whole()[0]), whole()[1]
    name = data.draw(st.sampled_from(["data", "hash"]))
    value = bytearray(getattr(rows[at], name))
    value[data.draw(st.integers(0, len(value) - 1))] ^= data.draw(st.integers(1, 255))
    changes = {name: bytes(value)}
    rows[at] = replace(rows[at], **changes)  # type: ignore[arg-type]
    found = audit(rows, notes)
    assert found
    assert found[0].index in (at, at - 1)


@given(st.integers(0, COUNT - 1))
def test_a_whole_new_entry_is_found_between_two_checkpoints(at: int) -> None:
    rows, notes = list(whole()[0]), whole()[1]
    rows[at] = row(at, "another")
    found = audit(rows, notes)
    assert len(found) == 1
    sizes = [0, *(size for size, _ in notes)]
    assert found[0].index == max(size for size in sizes if size <= at)


@given(st.integers(0, COUNT - 1), st.integers(1, COUNT))
def test_deleted_rows_are_found_where_they_were(at: int, many: int) -> None:
    rows, notes = whole()
    found = audit([*rows[:at], *rows[at + many :]], notes)
    assert found[0].index == at


@given(st.permutations(range(COUNT)))
def test_another_order_is_found_at_the_first_that_moved(order: list[int]) -> None:
    rows, notes = whole()
    moved = [replace(rows[old], index=new) for new, old in enumerate(order)]
    first = next((at for at, old in enumerate(order) if at != old), None)
    found = audit(moved, notes)
    if first is None:
        assert found == []
    else:
        sizes = [0, *(size for size, _ in notes)]
        assert found[0].index in (first, max(size for size in sizes if size <= first))


@given(st.integers(1, COUNT - 1), st.integers(1, 100_000))
def test_what_is_dated_back_is_found_though_all_was_signed_so(at: int, hundredths: int) -> None:
    """The hub itself wrote the entry with a wrong time, and signed everything in order."""
    rows = list(whole()[0])
    rows[at] = row(at, seconds=at - 1 - hundredths / 100)
    tree = Tree(one.hash for one in rows)
    found = audit(rows, [signed(tree, size) for size in range(1, COUNT + 1)])
    assert [one.index for one in found] == [at]
    assert "dated back" in found[0].what


@given(st.integers(1, COUNT - 1), st.integers(0, COUNT - 1), st.data())
def test_every_fork_that_was_signed_is_found(size: int, lie: int, data: st.DataObject) -> None:
    rows, notes = whole()
    lie = lie % size
    forked = Tree(one.hash if at != lie else row(at, "lie").hash for at, one in enumerate(rows))
    kept = dict(notes) | dict([signed(forked, size)])
    found = audit(rows, sorted(kept.items()))
    assert len(found) == 1
    assert "forked" in found[0].what


@given(st.integers(0, COUNT), st.integers(0, COUNT - 1))
def test_two_logs_differ_from_the_first_entry_that_differs(size: int, lie: int) -> None:
    rows = whole()[0]
    own = Tree(one.hash for one in rows)
    other = Tree(
        one.hash if at != lie else row(at, "lie").hash for at, one in enumerate(rows[:size])
    )
    found = compare(own, other)
    assert [one.index for one in found] == ([lie] if lie < size else [])


@given(st.integers(0, COUNT), st.integers(-300, 300))
def test_who_saw_the_log_bounds_its_times(size: int, late: int) -> None:
    """Entries before what was seen are not from after it, and those after it not from before."""
    entries = read_entries(whole()[0])
    sighting = Sighting("someone", size, BEGIN + timedelta(seconds=size + late))
    found = {one.index: one.what for one in check_sightings([sighting], entries.times)}
    # The last entry that was seen is from a second before `size`, the next one from `size`.
    assert (size in found) == (size < COUNT and late > 60)
    assert (size - 1 in found) == (size > 0 and late + 1 < -60)
