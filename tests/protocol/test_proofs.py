"""What a home gets of the log: proved against what it has seen, and refused where it differs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.checkpoint import sign_checkpoint
from hub.protocol.claims import Fields
from hub.protocol.entries import Entry
from hub.protocol.errors import LOG_REASONS, Reason
from hub.protocol.merkle import Tree
from hub.protocol.proofs import Advance, Book, Logged, Proof, Seen, bind, read_proofs
from tests.protocol.samples import (
    BOOK,
    HISTORY,
    HUB,
    HUB_KEY,
    LOGGED,
    LOOK,
    SEEN,
    STRANGER,
    refusal,
)
from tests.protocol.samples import filler as filler_entry

KEY, SIZE = HUB_KEY.key, len(HISTORY)
ENTRIES = [filler_entry(number) for number in range(64)]


def book_of(entries: list[Entry]) -> Book:
    return bind(Tree(entry.hash for entry in entries), HUB.key, HUB.kid)


def seen_at(book: Book, size: int) -> Seen:
    return Seen(size, book.tree.root(size))


def why(logged: Logged, seen: Seen = SEEN, hub: str = HUB.kid) -> Reason | None:
    return refusal(lambda: logged.verify(KEY, hub, seen))


@given(st.integers(1, 64), st.data())
def test_any_entry_is_proved_from_any_size_on(size: int, data: st.DataObject) -> None:
    book = book_of(ENTRIES[:size])
    index, since = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    logged = book.logged(ENTRIES[index], index, since)
    again = Logged.read(Fields(logged.claims()))
    assert again == logged
    assert again.verify(KEY, HUB.kid, seen_at(book, since)) == seen_at(book, size)


@given(st.integers(1, 64), st.data())
def test_a_fork_is_found_wherever_it_begins(size: int, data: st.DataObject) -> None:
    """Whoever has seen one history is shown another: the signatures are all good."""
    changed = data.draw(st.integers(0, size - 1))
    longer = data.draw(st.integers(0, 10))
    mine, other = ENTRIES[:size], list(ENTRIES[: size + longer])
    other[changed] = replace(other[changed], outcome="something else")
    book = book_of(other[:64])
    entries = other[:64]
    logged = book.logged(entries[-1], len(entries) - 1, size)
    assert why(logged, seen_at(book_of(mine), size)) is Reason.LOG_CONSISTENCY


@given(st.integers(2, 64), st.data())
def test_a_log_that_lost_its_end_asks_to_be_explained(size: int, data: st.DataObject) -> None:
    left = data.draw(st.integers(1, size - 1))
    book = book_of(ENTRIES[:left])
    logged = book.logged(ENTRIES[0], 0, size)
    assert logged.advance.since == 0
    assert why(logged, seen_at(book_of(ENTRIES[:size]), size)) is Reason.LOG_BEHIND


def test_a_proof_that_begins_elsewhere_asks_for_another() -> None:
    for since in (0, 1, 3, 6):
        assert why(BOOK.logged(LOOK, 3, since)) is Reason.LOG_BEHIND
    everything = seen_at(BOOK, SIZE)
    # Nothing is left to be proved to whoever has seen it all.
    assert why(BOOK.logged(LOOK, 3, 0), everything) is None
    assert why(BOOK.logged(LOOK, 3, SIZE), everything) is None


def test_what_was_seen_last_is_a_checkpoint_and_not_a_number() -> None:
    assert why(LOGGED, replace(SEEN, root=bytes(32))) is Reason.LOG_CONSISTENCY
    assert why(BOOK.logged(LOOK, 3, SIZE), Seen(SIZE, bytes(32))) is Reason.LOG_CONSISTENCY


def test_a_stranger_s_log_is_none() -> None:
    strange = bind(BOOK.tree, STRANGER.key, HUB.kid)
    assert why(strange.logged(LOOK, 3, SEEN.size)) is Reason.LOG_CHECKPOINT
    assert why(LOGGED, hub=STRANGER.kid) is Reason.LOG_CHECKPOINT
    other = sign_checkpoint(HUB.key, replace(BOOK.note.checkpoint, origin="another"))
    assert why(Book(BOOK.tree, other).logged(LOOK, 3, SEEN.size)) is Reason.LOG_CHECKPOINT


def test_an_entry_that_is_not_there_is_not_proved() -> None:
    absent = replace(LOGGED.proof, entry=filler_entry(9))
    for proof in (
        absent,
        replace(LOGGED.proof, index=2),
        replace(LOGGED.proof, index=SIZE),
        replace(LOGGED.proof, inclusion=()),
        BOOK.prove(HISTORY[5], 3),
    ):
        assert why(replace(LOGGED, proof=proof)) is Reason.LOG_INCLUSION


@given(st.data())
def test_any_changed_bit_of_a_claim_is_refused(data: st.DataObject) -> None:
    """Bits that change nothing but the way of writing are refused as well."""
    claims = LOGGED.claims()
    name = data.draw(st.sampled_from(["entry", "checkpoint", "inclusion", "consistency"]))
    value: Any = claims[name]
    at = data.draw(st.integers(0, len(value) - 1))
    text = value if isinstance(value, str) else value[at]
    place = data.draw(st.integers(0, len(text) - 1))
    bent = (
        text[:place] + chr(ord(text[place]) ^ 1 << data.draw(st.integers(0, 6))) + text[place + 1 :]
    )
    changed = bent if isinstance(value, str) else [*value[:at], bent, *value[at + 1 :]]

    def read() -> None:
        Logged.read(Fields(claims | {name: changed})).verify(KEY, HUB.kid, SEEN)

    reason = refusal(read)
    assert reason is Reason.MALFORMED or reason in LOG_REASONS


@pytest.mark.parametrize(
    "changes",
    [
        {"entry": ...},
        {"entry": 1},
        {"entry": "{}"},
        {"entry": "\ud800"},
        {"entry": " " + LOOK.data.decode()},
        {"index": -1},
        {"index": "3"},
        {"index": 2**53},
        {"inclusion": ...},
        {"inclusion": "x"},
        {"inclusion": [1]},
        {"inclusion": ["x"]},
        {"inclusion": ["A" * 42]},
        {"inclusion": ["A" * 42 + "B"]},
        {"inclusion": ["A" * 43 + "="]},
        {"inclusion": ["ñ" * 43]},
        {"inclusion": ["+" * 43]},
        {"inclusion": ["A" * 43] * 65},
        {"consistency": ["A" * 44]},
        {"consistency": None},
        {"checkpoint": 1},
        {"checkpoint": ""},
        {"checkpoint": "x" * 8_193},
        {"checkpoint": ...},
        {"since": -1},
        {"since": 1.0},
    ],
)
def test_a_claim_out_of_shape_is_refused(changes: dict[str, object]) -> None:
    claims = {name: one for name, one in (LOGGED.claims() | changes).items() if one is not ...}
    assert refusal(lambda: Logged.read(Fields(claims))) is Reason.MALFORMED


def test_many_proofs_are_read_at_once() -> None:
    proofs = [BOOK.prove(entry, at) for at, entry in enumerate(HISTORY)]
    assert read_proofs([proof.claims() for proof in proofs]) == proofs
    assert refusal(lambda: read_proofs([{}])) is Reason.MALFORMED


def test_a_book_proves_no_more_than_its_checkpoint() -> None:
    """The tree may have grown already while the newest checkpoint is being written."""
    tree = Tree(entry.hash for entry in HISTORY)
    book = Book(
        tree, sign_checkpoint(HUB.key, replace(BOOK.note.checkpoint, size=4, root=tree.root(4)))
    )
    logged = book.logged(LOOK, 3, SEEN.size)
    assert logged.verify(KEY, HUB.kid, SEEN).size == 4
    with pytest.raises(IndexError):
        book.prove(HISTORY[5], 5)


type Read = Callable[[Fields], object]


@pytest.mark.parametrize("read", [Advance.read, Proof.read, Logged.read])
@given(st.dictionaries(st.sampled_from([*LOGGED.claims(), "x"]), st.integers() | st.text()))
def test_noise_is_refused(read: Read, noise: dict[str, object]) -> None:
    assert refusal(lambda: read(Fields(noise))) is Reason.MALFORMED
