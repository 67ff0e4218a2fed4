"""Merkle trees against RFC 9162: every proof of every small tree, and no other."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.errors import Reason
from hub.protocol.merkle import (
    EMPTY_ROOT,
    Tree,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.protocol.samples import refusal

SMALL = 34
"""Just above a power of two, so that every shape of a proof is there."""

# The first entries and roots of Certificate Transparency's own tests.
KNOWN = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4)) for number in range(count)]


def root_of(nodes: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, word by word."""
    if not nodes:
        return hashlib.sha256(b"").digest()
    if len(nodes) == 1:
        return nodes[0]
    split = 1
    while 2 * split < len(nodes):
        split *= 2
    return node_hash(root_of(nodes[:split]), root_of(nodes[split:]))


BIG = Tree(leaves(SMALL))
ROOTS = [root_of(leaves(size)) for size in range(SMALL + 1)]


def test_the_known_answers_of_certificate_transparency() -> None:
    tree = Tree()
    assert tree.root() == EMPTY_ROOT
    for data, root in KNOWN:
        tree.append(leaf_hash(bytes.fromhex(data)))
        assert tree.root().hex() == root


def test_every_root_is_that_of_the_definition() -> None:
    assert [BIG.root(size) for size in range(SMALL + 1)] == ROOTS
    assert len(BIG) == SMALL
    assert BIG.root() == ROOTS[SMALL]


def test_every_inclusion_proof_is_good_for_its_entry_alone() -> None:
    nodes = leaves(SMALL)
    for size in range(1, SMALL + 1):
        for index in range(size):
            proof = BIG.inclusion(index, size)
            verify_inclusion(nodes[index], index, size, proof, ROOTS[size])
            for other in {0, index - 1, index + 1, size - 1, size} - {index}:
                assert not included(nodes[index], other, size, proof, ROOTS[size])
                if 0 <= other < size:
                    assert not included(nodes[other], index, size, proof, ROOTS[size])


def test_every_consistency_proof_is_good_for_its_trees_alone() -> None:
    for size in range(SMALL + 1):
        for old in range(size + 1):
            proof = BIG.consistency(old, size)
            verify_consistency(old, size, proof, ROOTS[old], ROOTS[size])
            if old:  # the empty tree is the beginning of any other
                other = hashlib.sha256(b"x").digest()
                assert not consistent(old, size, proof, ROOTS[old], other)
            assert not consistent(old, size, proof, hashlib.sha256(b"x").digest(), ROOTS[size])


type Check = Callable[[list[bytes], bytes, bytes], bool]


@st.composite
def proofs(draw: st.DrawFn) -> tuple[list[bytes], bytes, bytes, Check]:
    """A proof of either kind in a tree of any size, with what it is checked against."""
    size = draw(st.integers(2, 600))
    tree = Tree(leaves(size))
    if draw(st.booleans()):
        index = draw(st.integers(0, size - 1))
        return (
            tree.inclusion(index, size),
            leaves(size)[index],
            tree.root(),
            lambda proof, leaf, root: included(leaf, index, size, proof, root),
        )
    old = draw(st.integers(1, size - 1))
    return (
        tree.consistency(old, size),
        tree.root(old),
        tree.root(),
        lambda proof, before, root: consistent(old, size, proof, before, root),
    )


@given(proofs(), st.data())
def test_any_changed_bit_fails(
    case: tuple[list[bytes], bytes, bytes, Check], data: st.DataObject
) -> None:
    proof, first, root, holds = case
    assert holds(proof, first, root)
    everything = [first, root, *proof]
    at = data.draw(st.integers(0, len(everything) - 1))
    bit = data.draw(st.integers(0, 255))
    everything[at] = bytes(
        byte ^ (1 << bit % 8 if place == bit // 8 else 0)
        for place, byte in enumerate(everything[at])
    )
    assert not holds(everything[2:], everything[0], everything[1])


@given(proofs(), st.data())
def test_nothing_may_be_missing_added_or_in_another_order(
    case: tuple[list[bytes], bytes, bytes, Check], data: st.DataObject
) -> None:
    proof, first, root, holds = case
    at = data.draw(st.integers(0, len(proof)))
    extra = data.draw(st.sampled_from([first, root, bytes(32), *proof]))
    assert not holds([*proof[:at], extra, *proof[at:]], first, root)
    for gone in range(len(proof)):
        assert not holds([*proof[:gone], *proof[gone + 1 :]], first, root)
    for here, (one, other) in enumerate(pairwise(proof)):
        if one != other:
            swapped = [*proof[:here], other, one, *proof[here + 2 :]]
            assert not holds(swapped, first, root)


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3), (1, 0), (SMALL, 3)])
def test_there_is_no_way_back(old: int, size: int) -> None:
    for root in (ROOTS[3], EMPTY_ROOT):
        assert not consistent(old, size, [], root, root)
        assert not consistent(old, size, [root], root, root)


def test_a_tree_that_was_seen_entirely_needs_no_proof() -> None:
    verify_consistency(3, 3, [], ROOTS[3], ROOTS[3])
    assert not consistent(3, 3, [ROOTS[3]], ROOTS[3], ROOTS[3])
    assert not consistent(3, 3, [], ROOTS[3], ROOTS[2])
    assert not consistent(0, 3, [ROOTS[3]], EMPTY_ROOT, ROOTS[3])
    assert not consistent(0, 3, [], ROOTS[1], ROOTS[3])
    assert not consistent(3, 5, [], ROOTS[3], ROOTS[5])


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 20))
def test_what_was_not_kept_leaves_no_trace(kept: int, lost: int, then: int) -> None:
    tree, nodes = Tree(leaves(kept + lost)), leaves(kept)
    tree.shrink(kept)
    for number in range(then):
        nodes.append(leaf_hash(b"then" + bytes([number])))
        tree.append(nodes[-1])
    assert len(tree) == kept + then
    assert tree.root() == root_of(nodes)


def test_the_hashes_of_a_level_are_those_of_its_perfect_subtrees() -> None:
    nodes = leaves(SMALL)
    assert BIG.hashes(0, 3, 9) == nodes[3:9]
    assert BIG.hashes(3, 0, 9) == [root_of(nodes[at : at + 8]) for at in range(0, 32, 8)]
    assert BIG.hashes(6, 0, 1) == []


def test_what_is_not_in_the_tree_cannot_be_proved() -> None:
    for asked in (
        lambda: BIG.root(SMALL + 1),
        lambda: BIG.root(-1),
        lambda: BIG.inclusion(3, 3),
        lambda: BIG.inclusion(-1, 3),
        lambda: BIG.inclusion(0, SMALL + 1),
        lambda: BIG.consistency(4, 3),
        lambda: BIG.consistency(-1, 3),
        lambda: BIG.consistency(1, SMALL + 1),
    ):
        with pytest.raises(IndexError):
            asked()


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    why = refusal(lambda: verify_inclusion(leaf, index, size, proof, root))
    assert why in {None, Reason.LOG_INCLUSION}
    return why is None


def consistent(old: int, size: int, proof: list[bytes], before: bytes, root: bytes) -> bool:
    why = refusal(lambda: verify_consistency(old, size, proof, before, root))
    assert why in {None, Reason.LOG_CONSISTENCY}
    return why is None
