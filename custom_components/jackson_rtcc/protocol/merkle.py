"""Merkle trees (RFC 6962 section 2, RFC 9162 section 2.1): roots, proofs and their checks."""

import hashlib
from collections.abc import Iterable, Sequence

from .errors import Reason, Rejected

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of an entry, SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree: the hashes of every perfect subtree, level by level."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """Begin with the hashes of the entries that are there."""
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add the hash of one entry."""
        height, node = 0, leaf
        while True:
            level = self._levels[height]
            level.append(node)
            if len(level) % 2:
                return
            node = node_hash(level[-2], level[-1])
            height += 1
            if height == len(self._levels):
                self._levels.append([])

    def shrink(self, size: int) -> None:
        """Forget the entries from `size` on: they were not kept after all."""
        for height, level in enumerate(self._levels):
            del level[size >> height :]

    def hashes(self, height: int, start: int, end: int) -> list[bytes]:
        """Return the perfect subtrees `start` to `end` (excluded) of 2**height leaves each."""
        return self._levels[height][start:end] if height < len(self._levels) else []

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first `size` entries, of all if None."""
        size = len(self) if size is None else size
        self._check(size)
        return self._range(0, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the audit path of entry `index` in the tree of `size` (RFC 9162 2.1.3.1)."""
        self._check(size)
        if not 0 <= index < size:
            raise IndexError(index)
        return self._path(index, 0, size)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the tree of `old` is a prefix of that of `size` (2.1.4.1)."""
        self._check(size)
        if not 0 <= old <= size:
            raise IndexError(old)
        return self._subproof(old, 0, size, complete=True) if 0 < old < size else []

    def _check(self, size: int) -> None:
        if not 0 <= size <= len(self):
            raise IndexError(size)

    def _range(self, start: int, end: int) -> bytes:
        count = end - start
        if count == 0:
            return EMPTY_ROOT
        height = count.bit_length() - 1
        if count == 1 << height and start % count == 0:
            return self._levels[height][start >> height]
        split = _split(count)
        return node_hash(self._range(start, start + split), self._range(start + split, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._range(middle, end)]
        return [*self._path(index, middle, end), self._range(start, middle)]

    def _subproof(self, old: int, start: int, end: int, *, complete: bool) -> list[bytes]:
        """Prove the first `old` entries of the tree; `complete`: the verifier knows their root."""
        if old == end:
            return [] if complete else [self._range(start, end)]
        middle = start + _split(end - start)
        if old <= middle:
            proof = self._subproof(old, start, middle, complete=complete)
            return [*proof, self._range(middle, end)]
        return [*self._subproof(old, middle, end, complete=False), self._range(start, middle)]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the entry with hash `leaf` has `index` in the tree of `size` (2.1.3.2).

    Raises:
        Rejected: `log_inclusion` if the proof does not show it.

    """
    if not 0 <= index < size:
        raise _not_included()
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _not_included()
        if node % 2 or node == last:
            found = node_hash(sibling, found)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last or found != root:
        raise _not_included()


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check that the tree of `size` begins with the tree of `old` (RFC 9162 2.1.4.2).

    Raises:
        Rejected: `log_consistency` if the proof does not show it.

    """
    if old in (0, size):
        if proof or old > size or old_root != (root if old == size else EMPTY_ROOT):
            raise _not_consistent()
        return
    if not 0 < old < size:
        raise _not_consistent()
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise _not_consistent()
    node, last = old - 1, size - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    if _climb(path, node, last) != (old_root, root):
        raise _not_consistent()


def _climb(path: Sequence[bytes], node: int, last: int) -> tuple[bytes, bytes] | None:
    """Return the old and the new root that the path of a consistency proof leads to."""
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if node % 2 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    return None if last else (first, second)


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _not_included() -> Rejected:
    return Rejected(Reason.LOG_INCLUSION, "the proof does not show that the entry is in the log")


def _not_consistent() -> Rejected:
    return Rejected(Reason.LOG_CONSISTENCY, "the log does not continue the one that was seen")
