"""Proofs that an entry stands in the access log, and that the log continues what was seen of it."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .checkpoint import Checkpoint, Note, origin_of, sign_checkpoint, verify_checkpoint
from .claims import LARGEST_INTEGER, Fields, malformed
from .entries import Entry
from .errors import Reason, Rejected
from .keys import b64url
from .merkle import EMPTY_ROOT, HASH_BYTES, Tree, verify_consistency, verify_inclusion

_LONGEST_PATH = 64
_LONGEST_NOTE = 8_192


@dataclass(frozen=True, slots=True)
class Seen:
    """The size and the root of the log that someone has verified last."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The log's checkpoint, and the proof that it continues the log of size `since`."""

    checkpoint: str
    since: int
    consistency: tuple[bytes, ...]

    def claims(self) -> dict[str, object]:
        """Write it as JSON."""
        return {
            "checkpoint": self.checkpoint,
            "since": self.since,
            "consistency": _write(self.consistency),
        }

    @classmethod
    def read(cls, fields: Fields) -> Advance:
        """Read it from JSON.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        return cls(
            checkpoint=_note(fields),
            since=fields.integer("since", 0, LARGEST_INTEGER),
            consistency=_read(fields, "consistency"),
        )

    def verify(self, key: Ed25519PublicKey, hub: str, seen: Seen) -> Seen:
        """Prove that the hub signed the checkpoint and that it continues what was seen.

        Raises:
            Rejected: `log_behind` if the proof begins elsewhere than at what was seen: ask for
                another; `log_checkpoint` or `log_consistency` if the log does not add up.

        """
        found = verify_checkpoint(self.checkpoint, key, origin_of(hub)).checkpoint
        if found.size == seen.size:
            verify_consistency(seen.size, found.size, (), seen.root, found.root)
        elif self.since != seen.size:
            raise Rejected(
                Reason.LOG_BEHIND, f"the proof begins at {self.since}, not at {seen.size}"
            )
        else:
            verify_consistency(seen.size, found.size, self.consistency, seen.root, found.root)
        return Seen(found.size, found.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One entry, as canonical JSON, with its place and its path to the root of a checkpoint."""

    entry: Entry
    index: int
    inclusion: tuple[bytes, ...]

    def claims(self) -> dict[str, object]:
        """Write it as JSON; the entry is a text, so that nobody writes it anew on its way."""
        return {
            "entry": self.entry.data.decode(),
            "index": self.index,
            "inclusion": _write(self.inclusion),
        }

    @classmethod
    def read(cls, fields: Fields) -> Proof:
        """Read it from JSON.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        text = fields.raw("entry")
        if not isinstance(text, str):
            raise malformed("entry is not a text")
        try:
            data = text.encode()
        except UnicodeEncodeError as err:
            raise malformed("entry holds half a surrogate pair") from err
        return cls(
            entry=Entry.parse(data),
            index=fields.integer("index", 0, LARGEST_INTEGER),
            inclusion=_read(fields, "inclusion"),
        )

    def verify(self, log: Seen) -> None:
        """Prove that the entry is in the log of this size and root.

        Raises:
            Rejected: `log_inclusion` if it is not.

        """
        verify_inclusion(self.entry.hash, self.index, log.size, self.inclusion, log.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What a request or a receipt carries: the entry it stands on, proved in an advanced log."""

    proof: Proof
    advance: Advance

    def claims(self) -> dict[str, object]:
        """Write it as the claim `log`."""
        return self.proof.claims() | self.advance.claims()

    @classmethod
    def read(cls, fields: Fields) -> Logged:
        """Read the claim `log`.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        return cls(proof=Proof.read(fields), advance=Advance.read(fields))

    def verify(self, key: Ed25519PublicKey, hub: str, seen: Seen) -> Seen:
        """Prove the entry in the log, and the log against what was seen; return what is seen now.

        Raises:
            Rejected: as `Advance.verify` and `Proof.verify`.

        """
        now = self.advance.verify(key, hub, seen)
        self.proof.verify(now)
        return now


@dataclass(frozen=True, slots=True)
class Book:
    """The log as the hub proves it: the tree, and the newest checkpoint with all its signatures."""

    tree: Tree
    note: Note

    def advance(self, since: int) -> Advance:
        """Return the newest checkpoint for someone who has seen `since` entries.

        From beyond the log's end there is no proof; the one from nothing shows that.
        """
        size = self.note.checkpoint.size
        start = since if since <= size else 0
        return Advance(
            checkpoint=self.note.text,
            since=start,
            consistency=tuple(self.tree.consistency(start, size)),
        )

    def prove(self, entry: Entry, index: int) -> Proof:
        """Return the proof of an entry under the newest checkpoint."""
        path = self.tree.inclusion(index, self.note.checkpoint.size)
        return Proof(entry=entry, index=index, inclusion=tuple(path))

    def logged(self, entry: Entry, index: int, since: int) -> Logged:
        """Return what a request or a receipt carries."""
        return Logged(proof=self.prove(entry, index), advance=self.advance(since))


def bind(tree: Tree, key: Ed25519PrivateKey, hub: str) -> Book:
    """Sign the whole tree as it is now."""
    checkpoint = Checkpoint(origin_of(hub), len(tree), tree.root())
    return Book(tree, sign_checkpoint(key, checkpoint))


def read_proofs(values: Iterable[object]) -> list[Proof]:
    """Read a list of proofs.

    Raises:
        Rejected: `malformed` with the field that is out of shape.

    """
    return [Proof.read(Fields(value)) for value in values]


def _note(fields: Fields) -> str:
    text = fields.raw("checkpoint")
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_NOTE:
        raise malformed(f"checkpoint is not a text of 1 to {_LONGEST_NOTE} characters")
    return text


def _write(hashes: Iterable[bytes]) -> list[str]:
    return [b64url(one) for one in hashes]


def _read(fields: Fields, name: str) -> tuple[bytes, ...]:
    return tuple(_hash(name, value) for value in fields.items(name, _LONGEST_PATH))


def _hash(name: str, value: object) -> bytes:
    if isinstance(value, str) and value.isascii():
        try:
            found = base64.b64decode(f"{value}=", altchars=b"-_", validate=True)
        except binascii.Error:
            found = b""
        if len(found) == HASH_BYTES and b64url(found) == value:
            return found
    raise malformed(f"{name} holds what is not a hash")
