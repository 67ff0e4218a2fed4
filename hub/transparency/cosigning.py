"""What a witness is asked, and how it decides (C2SP tlog-witness), without input or output."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.protocol.checkpoint import Checkpoint, Note, Signature, verify_checkpoint
from hub.protocol.errors import Rejected
from hub.protocol.merkle import EMPTY_ROOT, HASH_BYTES, verify_consistency

SIZE_TYPE = "text/x.tlog.size"
LARGEST = 16_384
"""Bytes of a question: 63 lines of proof and a checkpoint of 8,192 bytes are fewer."""
_MOST_LINES = 63
_OLD = re.compile(r"old (0|[1-9]\d{0,15})", re.ASCII)


class Status(IntEnum):
    """The HTTP statuses of `add-checkpoint`."""

    COSIGNED = 200
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    NOT_CONSISTENT = 422


class Refused(Exception):  # noqa: N818 - said of a checkpoint
    """A checkpoint that a witness may not sign."""

    def __init__(self, status: Status, why: str) -> None:
        """Keep the status apart from the sentence."""
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Question:
    """Ask a witness to sign a checkpoint, which continues the one of `old` entries that it saw."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def encode(self) -> bytes:
        """Write the body of the request."""
        lines = [f"old {self.old}", *(base64_text(one) for one in self.proof)]
        return ("\n".join(lines) + f"\n\n{self.checkpoint}").encode()

    @classmethod
    def decode(cls, body: bytes) -> Question:
        """Read the body of a request.

        Raises:
            Refused: 400 if it is out of shape.

        """
        try:
            head, blank, checkpoint = body.decode().partition("\n\n")
            first, *lines = head.split("\n")
            found = _OLD.fullmatch(first)
            proof = tuple(_hash(line) for line in lines)
        except (ValueError, binascii.Error) as err:
            raise Refused(Status.MALFORMED, "the request is out of shape") from err
        if found is None or not blank or len(proof) > _MOST_LINES:
            raise Refused(Status.MALFORMED, "the request is out of shape")
        return cls(int(found[1]), proof, checkpoint)


def judge(
    question: Question, key: Ed25519PublicKey, origin: str, latest: Checkpoint | None
) -> Note:
    """Return the checkpoint that may be signed by who has signed `latest` before.

    Raises:
        Refused: with the status that applies first.

    """
    try:
        claimed = Note.parse(question.checkpoint).checkpoint
    except Rejected as err:
        raise Refused(Status.MALFORMED, err.detail) from err
    if claimed.origin != origin:
        raise Refused(Status.UNKNOWN_LOG, "this witness does not know the log")
    try:
        note = verify_checkpoint(question.checkpoint, key, origin)
    except Rejected as err:
        raise Refused(Status.NOT_SIGNED, err.detail) from err
    if question.old > claimed.size:
        raise Refused(Status.MALFORMED, "the old size is larger than the new one")
    seen = latest or Checkpoint(origin, 0, EMPTY_ROOT)
    if question.old != seen.size:
        raise Refused(Status.CONFLICT, f"the log had {seen.size} entries when it was last signed")
    if seen.size == claimed.size and seen.root != claimed.root:
        raise Refused(Status.CONFLICT, f"another log of {seen.size} entries was signed before")
    try:
        verify_consistency(seen.size, claimed.size, question.proof, seen.root, claimed.root)
    except Rejected as err:
        raise Refused(Status.NOT_CONSISTENT, err.detail) from err
    return note


def read_cosignatures(checkpoint: Checkpoint, answer: str) -> tuple[Signature, ...]:
    """Read the lines that a witness answers; they are not verified yet.

    Raises:
        Rejected: if they are out of shape.

    """
    return Note.parse(f"{checkpoint.body}\n{answer}").signatures


def merge(note: Note, signatures: Sequence[Signature]) -> Note:
    """Return the note with further signatures; of one key only the newest stays."""
    kept = {(one.name, one.key_id): one for one in (*note.signatures, *signatures)}
    return Note(note.checkpoint, tuple(kept.values()))


def base64_text(data: bytes) -> str:
    """Encode as standard base64 with padding, as C2SP does everywhere."""
    return base64.b64encode(data).decode()


def _hash(line: str) -> bytes:
    value = base64.b64decode(line, validate=True)
    if len(value) != HASH_BYTES or base64_text(value) != line:
        raise ValueError(line)
    return value
