"""Checkpoints: notes in the C2SP form, signed by the log and, if there are any, by witnesses."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.protocol.checkpoint import (
    LONGEST,
    Checkpoint,
    Note,
    Signature,
    cosign,
    cosigned_at,
    key_id,
    origin_of,
    sign_checkpoint,
    verify_checkpoint,
)
from hub.protocol.errors import Reason
from tests.protocol.samples import BOOK, HOME, HUB, NOW, STRANGER, refusal

ORIGIN = origin_of(HUB.kid)
KEY = HUB.key.public_key()
TEXT = BOOK.note.text
BODY, _, LINES = TEXT.partition("\n\n")


def wrong(text: str, origin: str = ORIGIN) -> bool:
    why = refusal(lambda: verify_checkpoint(text, KEY, origin))
    assert why in {None, Reason.LOG_CHECKPOINT}
    return why is not None


@given(st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_any_checkpoint_comes_back_as_it_was(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ORIGIN, size, root)
    note = sign_checkpoint(HUB.key, checkpoint)
    assert verify_checkpoint(note.text, KEY, ORIGIN) == note
    assert note.checkpoint == checkpoint


def test_the_form_is_that_of_c2sp() -> None:
    origin, size, root = BODY.split("\n")
    assert origin == f"jackson-rtcc/{HUB.kid}"
    assert size == "7"
    assert base64.b64decode(root) == BOOK.tree.root()
    dash, name, value = LINES.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", origin)
    raw = base64.b64decode(value)
    assert raw[:4] == key_id(origin, KEY)
    KEY.verify(raw[4:], f"{BODY}\n".encode())


@given(st.data())
def test_any_changed_character(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(TEXT) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != TEXT[at]))
    assert wrong(TEXT[:at] + other + TEXT[at + 1 :])


@given(st.text(max_size=300))
@example("\n\n")
@example("\n\n\n\n— a b")
def test_noise(text: str) -> None:
    assert wrong(text)


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"{BODY}\n\n",
        f"{BODY}\n{LINES}",
        TEXT.removesuffix("\n"),
        TEXT + "\n",
        TEXT.replace("\n7\n", "\n07\n"),
        TEXT.replace("\n7\n", "\n+7\n"),
        TEXT.replace("\n7\n", "\n8\n"),
        TEXT.replace("\n7\n", "\n-7\n"),
        TEXT.replace("\n\n", "\nan extension\n\n", 1),
        TEXT.replace("—", "-"),
        TEXT * 2,
        TEXT + "x" * LONGEST,
    ],
)
def test_another_form_is_refused(text: str) -> None:
    assert wrong(text)


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint(ORIGIN, 2**53, bytes(32)),
        Checkpoint(ORIGIN, 7, bytes(31)),
        Checkpoint("", 7, bytes(32)),
        Checkpoint("a\tb", 7, bytes(32)),
    ],
)
def test_what_is_out_of_shape_is_refused_though_signed(checkpoint: Checkpoint) -> None:
    assert wrong(sign_checkpoint(HUB.key, checkpoint).text, checkpoint.origin)


def test_only_the_log_speaks_for_itself() -> None:
    checkpoint = BOOK.note.checkpoint
    assert wrong(sign_checkpoint(STRANGER.key, checkpoint).text)
    assert wrong(TEXT, origin_of(STRANGER.kid))
    [good] = BOOK.note.signatures
    for forged in (
        replace(good, name="another"),
        replace(good, key_id=bytes(4)),
        replace(good, value=bytes(64)),
        replace(good, value=good.value + b"x"),
        replace(good, key_id=key_id(ORIGIN, KEY, 4)),
    ):
        assert wrong(Note(checkpoint, (forged,)).text)


@pytest.mark.parametrize("name", ["", "a+b", "a b"])
def test_a_name_that_no_key_can_have(name: str) -> None:
    [good] = BOOK.note.signatures
    assert wrong(Note(BOOK.note.checkpoint, (good, replace(good, name=name))).text)


def test_a_signature_without_a_signature() -> None:
    [good] = BOOK.note.signatures
    assert wrong(Note(BOOK.note.checkpoint, (good, Signature("other", b"1234", b""))).text)


def test_other_signatures_do_no_harm() -> None:
    [good] = BOOK.note.signatures
    other = Signature("somebody", b"1234", b"whatever")
    note = Note(BOOK.note.checkpoint, (other, good))
    assert verify_checkpoint(note.text, KEY, ORIGIN) == note


def test_witnesses_say_when_they_saw_it() -> None:
    checkpoint, name = BOOK.note.checkpoint, "witness.example"
    moment = datetime(2026, 7, 1, 18, 0, 1, tzinfo=UTC)
    line = cosign(STRANGER.key, name, checkpoint, moment)
    known = {name: STRANGER.key.public_key(), "absent.example": HOME.key.public_key()}
    note = Note.parse(Note(checkpoint, (*BOOK.note.signatures, line)).text)
    assert verify_checkpoint(note.text, KEY, ORIGIN) == note
    assert cosigned_at(note, known) == {name: moment}
    assert cosigned_at(BOOK.note, known) == {}

    another = cosign(STRANGER.key, name, replace(checkpoint, size=6), NOW)
    later = replace(line, value=(1).to_bytes(8) + line.value[8:])
    for wrong_line in (
        another,
        later,
        replace(line, key_id=bytes(4)),
        replace(line, value=line.value[:-1]),
        cosign(HOME.key, name, checkpoint, NOW),
    ):
        assert cosigned_at(Note(checkpoint, (wrong_line,)), known) == {}


def test_a_witness_whose_time_cannot_be_a_time() -> None:
    name, checkpoint = "witness.example", BOOK.note.checkpoint
    line = cosign(STRANGER.key, name, checkpoint, NOW)
    moment = 2**64 - 1
    signed = STRANGER.key.sign(f"cosignature/v1\ntime {moment}\n{checkpoint.body}".encode())
    far = replace(line, value=moment.to_bytes(8) + signed)
    assert cosigned_at(Note(checkpoint, (far,)), {name: STRANGER.key.public_key()}) == {}
