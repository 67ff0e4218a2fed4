"""Writes log.json beside this file: what another implementation of the log's standards makes.

It is the package aics-tlog (Apache-2.0). It wants a newer `cryptography` than the one that Home
Assistant pins, and so runs on its own: `uv run --no-project --with aics-tlog==0.2.1 FILE`.
"""

import base64
import hashlib
import json
from pathlib import Path

from aics_tlog import (
    Checkpoint,
    MerkleTree,
    TileWriter,
    leaf_hash,
    sign_checkpoint,
    sign_cosignature,
)
from aics_tlog.note import Note
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIZES = (1, 2, 3, 7, 255, 256, 257, 600, 70_000)
ORIGIN = "jackson-rtcc/independent"
LOG = bytes(range(32))
WITNESS = bytes(range(32, 64))
SEEN = 1_795_262_400


def text(data: bytes) -> str:
    """Write bytes as standard base64."""
    return base64.b64encode(data).decode()


def note(tree: MerkleTree, size: int) -> str:
    """Sign a checkpoint as the log and as a witness."""
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=tree.root(size))
    signed = sign_checkpoint(checkpoint, Ed25519PrivateKey.from_private_bytes(LOG), ORIGIN)
    _, line = sign_cosignature(
        Ed25519PrivateKey.from_private_bytes(WITNESS),
        "clerk.example",
        SEEN,
        ORIGIN,
        size,
        tree.root(size),
    )
    return str(Note(text=signed.text, signatures=(*signed.signatures, line)).serialise())


def main() -> None:
    """Write the file."""
    data = [b"%d" % number for number in range(max(SIZES))]
    tree = MerkleTree(data)
    pairs = [(old, new) for old in SIZES for new in SIZES if old < new]
    vectors = {
        "origin": ORIGIN,
        "log_key": text(LOG),
        "witness_key": text(WITNESS),
        "seen": SEEN,
        "leaf_0": text(leaf_hash(data[0])),
        "notes": {str(size): note(tree, size) for size in SIZES},
        "inclusion": [
            {"size": size, "index": at, "proof": [text(x) for x in tree.inclusion_proof(at, size)]}
            for size in SIZES
            for at in sorted({0, size // 2, size // 3, size - 1})
        ],
        "consistency": [
            {"old": old, "size": new, "proof": [text(x) for x in tree.consistency_proof(old, new)]}
            for old, new in pairs
        ],
        "tiles": {
            str(size): {
                path: hashlib.sha256(tile).hexdigest()
                for path, tile in sorted(TileWriter(data[:size]).materialise().items())
                if not path.startswith("tile/entries/")
            }
            for size in SIZES
        },
    }
    path = Path(__file__).with_name("log.json")
    path.write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
