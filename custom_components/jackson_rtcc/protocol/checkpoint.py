"""Checkpoints: the log's signed size and root (C2SP tlog-checkpoint in a C2SP signed-note)."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .errors import Reason, Rejected
from .keys import public_bytes
from .merkle import HASH_BYTES

LONGEST = 8_192
_ED25519 = 0x01
_COSIGNATURE = 0x04
_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_DASH = "\N{EM DASH} "
_LARGEST = 1 << 53
# The end of the year 9999: the largest that `datetime` holds.
_LAST_SECOND = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: who it is (`origin`), how many entries, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        """Return the text that is signed; it ends with a line feed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note: the key's name, its id, and the signature's bytes."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """Return the line as it stands in the note, with its line feed."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with its signatures, as published; nothing in it is believed yet."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]
    text: str = field(init=False)

    def __post_init__(self) -> None:
        """Write the text once."""
        lines = "".join(signature.line for signature in self.signatures)
        object.__setattr__(self, "text", f"{self.checkpoint.body}\n{lines}")

    @classmethod
    def parse(cls, text: str) -> Note:
        """Read a note.

        Raises:
            Rejected: `log_checkpoint` if it is out of shape.

        """
        if len(text) > LONGEST:
            raise _wrong("it is too long")
        body, blank, lines = text.partition("\n\n")
        try:
            origin, size, root = body.split("\n")
            signatures = tuple(_signature(line) for line in lines.removesuffix("\n").split("\n"))
            checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        except (ValueError, binascii.Error) as err:
            raise _wrong("it is out of shape") from err
        note = cls(checkpoint, signatures)
        # One way to write it, so that the text that was signed is the one that was read.
        if not blank or note.text != text or not 0 <= checkpoint.size < _LARGEST:
            raise _wrong("it is not in its one form")
        if len(checkpoint.root) != HASH_BYTES or not origin or not origin.isprintable():
            raise _wrong("it is out of shape")
        return note


def origin_of(hub: str) -> str:
    """Return the origin of a hub's log, which is also the name of its key."""
    return f"jackson-rtcc/{hub}"


def sign_checkpoint(key: Ed25519PrivateKey, checkpoint: Checkpoint) -> Note:
    """Sign a checkpoint as the log."""
    value = key.sign(checkpoint.body.encode())
    id_ = key_id(checkpoint.origin, key.public_key())
    return Note(checkpoint, (Signature(checkpoint.origin, id_, value),))


def verify_checkpoint(text: str, key: Ed25519PublicKey, origin: str) -> Note:
    """Read a checkpoint and prove that the log signed it.

    Raises:
        Rejected: `log_checkpoint` if it is out of shape, of another log, or not signed by `key`.

    """
    note = Note.parse(text)
    if note.checkpoint.origin != origin:
        raise _wrong("it is another log's")
    if not any(
        _verified(key, signature.value, note.checkpoint.body.encode())
        for signature in note.signatures
        if signature.name == origin and signature.key_id == key_id(origin, key)
    ):
        raise _wrong("the log's signature is missing or wrong")
    return note


def cosign(key: Ed25519PrivateKey, name: str, checkpoint: Checkpoint, now: datetime) -> Signature:
    """Sign a checkpoint as a witness that saw it at `now` (C2SP tlog-cosignature v1)."""
    moment = int(now.timestamp())
    value = key.sign(_cosigned(checkpoint, moment))
    id_ = key_id(name, key.public_key(), _COSIGNATURE)
    return Signature(name, id_, moment.to_bytes(_TIME_BYTES) + value)


def cosigned_at(note: Note, witnesses: Mapping[str, Ed25519PublicKey]) -> dict[str, datetime]:
    """Return when each of the witnesses, known by name, saw the checkpoint; wrong lines count not.

    A witness that has not signed is not in the answer.
    """
    found: dict[str, datetime] = {}
    for signature in note.signatures:
        key = witnesses.get(signature.name)
        if key is None or signature.key_id != key_id(signature.name, key, _COSIGNATURE):
            continue
        moment = int.from_bytes(signature.value[:_TIME_BYTES])
        body = _cosigned(note.checkpoint, moment)
        if moment <= _LAST_SECOND and _verified(key, signature.value[_TIME_BYTES:], body):
            found[signature.name] = datetime.fromtimestamp(moment, UTC)
    return found


def key_id(name: str, key: Ed25519PublicKey, kind: int = _ED25519) -> bytes:
    """Return the four bytes that tell a key in a note (C2SP signed-note)."""
    digest = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_bytes(key)).digest()
    return digest[:_KEY_ID_BYTES]


def _cosigned(checkpoint: Checkpoint, moment: int) -> bytes:
    return f"cosignature/v1\ntime {moment}\n{checkpoint.body}".encode()


def _signature(line: str) -> Signature:
    dash, name, value = line.split(" ")
    raw = base64.b64decode(value, validate=True)
    if f"{dash} " != _DASH or not name or "+" in name or len(raw) <= _KEY_ID_BYTES:
        raise ValueError(line)
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _verified(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _wrong(why: str) -> Rejected:
    return Rejected(Reason.LOG_CHECKPOINT, f"the log's checkpoint: {why}")
