"""The log against another implementation of its standards: tests/vectors/independent/make.py."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.protocol.checkpoint import (
    Checkpoint,
    Note,
    cosign,
    cosigned_at,
    sign_checkpoint,
    verify_checkpoint,
)
from hub.protocol.merkle import Tree, leaf_hash, verify_consistency, verify_inclusion
from hub.transparency.tiles import Tile, tile_hashes, tiles_of

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "independent" / "log.json").read_text(encoding="utf-8")
)
SIZES = [int(size) for size in VECTORS["notes"]]
LEAVES = [leaf_hash(b"%d" % number) for number in range(max(SIZES))]
TREE = Tree(LEAVES)
LOG = Ed25519PrivateKey.from_private_bytes(base64.b64decode(VECTORS["log_key"]))
CLERK = Ed25519PrivateKey.from_private_bytes(base64.b64decode(VECTORS["witness_key"]))
SEEN = datetime.fromtimestamp(VECTORS["seen"], UTC)


def raw(values: list[str]) -> list[bytes]:
    return [base64.b64decode(value) for value in values]


def test_a_leaf_has_the_same_hash() -> None:
    assert raw([VECTORS["leaf_0"]]) == [LEAVES[0]]


@pytest.mark.parametrize("size", SIZES)
def test_the_same_signed_note_is_made_and_read(size: int) -> None:
    checkpoint = Checkpoint(VECTORS["origin"], size, TREE.root(size))
    own = sign_checkpoint(LOG, checkpoint)
    line = cosign(CLERK, "clerk.example", checkpoint, SEEN)
    text = VECTORS["notes"][str(size)]
    assert Note(checkpoint, (*own.signatures, line)).text == text
    note = verify_checkpoint(text, LOG.public_key(), VECTORS["origin"])
    assert cosigned_at(note, {"clerk.example": CLERK.public_key()}) == {"clerk.example": SEEN}


def test_the_same_inclusion_proofs_are_made_and_believed() -> None:
    for case in VECTORS["inclusion"]:
        index, size, proof = case["index"], case["size"], raw(case["proof"])
        assert TREE.inclusion(index, size) == proof
        verify_inclusion(LEAVES[index], index, size, proof, TREE.root(size))


def test_the_same_consistency_proofs_are_made_and_believed() -> None:
    for case in VECTORS["consistency"]:
        old, size, proof = case["old"], case["size"], raw(case["proof"])
        assert TREE.consistency(old, size) == proof
        verify_consistency(old, size, proof, TREE.root(old), TREE.root(size))


@pytest.mark.parametrize("size", SIZES)
def test_the_same_tiles_have_the_same_paths(size: int) -> None:
    made = {}
    for tile in tiles_of(size):
        assert Tile.parse(tile.path) == tile
        data = tile_hashes(TREE, size, tile)
        assert data is not None
        made[f"tile/{tile.path}"] = hashlib.sha256(data).hexdigest()
    assert made == VECTORS["tiles"][str(size)]
