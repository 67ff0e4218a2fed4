"""Tiles of the access log (C2SP tlog-tiles): their paths, what is in them, and the tree of them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from hub.protocol.merkle import HASH_BYTES, Tree

HEIGHT = 8
WIDTH = 1 << HEIGHT
_HIGHEST = 63
_PATH = re.compile(
    r"(?P<level>0|[1-9]\d?)/(?P<number>(?:x\d{3}/){0,6}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)


class TileError(Exception):
    """A tile that does not belong to the log; `index` is the first entry that may be concerned."""

    def __init__(self, index: int, what: str) -> None:
        """Keep the place apart from the sentence."""
        super().__init__(what)
        self.index = index


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` hashes of one level in a row, beginning at `number` x 256."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Return the path below `tile/`, such as `0/x001/x234/067.p/5`."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "".join(f"x{group}/" for group in groups[:-1]) + groups[-1]
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{self.level}/{number}{part}"

    @property
    def start(self) -> int:
        """Return the position of the first hash in its level."""
        return self.number * WIDTH

    @property
    def full(self) -> bool:
        """Tell whether it holds all the hashes that a tile can hold."""
        return self.width == WIDTH

    def first_entry(self, position: int = 0) -> int:
        """Return the first entry below the hash at `position` of the tile."""
        return (self.start + position) << (HEIGHT * self.level)

    @classmethod
    def parse(cls, path: str) -> Self | None:
        """Read a path below `tile/`; None if it is not in its one form."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        number = int(found["number"].replace("x", "").replace("/", ""))
        width = found["width"]
        tile = cls(int(found["level"]), number, WIDTH if width is None else int(width))
        return tile if tile.path == path and tile.level <= _HIGHEST else None


def tile_hashes(tree: Tree, size: int, tile: Tile) -> bytes | None:
    """Return the bytes of a tile of the log's first `size` entries; None if it is not there."""
    end = tile.start + tile.width
    if end > size >> (HEIGHT * tile.level):
        return None
    return b"".join(tree.hashes(HEIGHT * tile.level, tile.start, end))


def tiles_of(size: int) -> Iterator[Tile]:
    """Return every tile of a log of `size` entries, the entries' own hashes first."""
    level, count = 0, size
    while count:
        for number in range(count // WIDTH):
            yield Tile(level, number)
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level, count = level + 1, count // WIDTH


def rebuild(size: int, read: Callable[[Tile], bytes]) -> tuple[Tree, list[TileError]]:
    """Return the tree that the tiles of a log make, and where they do not agree.

    Raises:
        TileError: if a tile has not the length that it must have.

    """
    tree, wrong = Tree(), []
    for tile in tiles_of(size):
        data = read(tile)
        if len(data) != tile.width * HASH_BYTES:
            raise TileError(
                tile.first_entry(),
                f"tile {tile.path} has {len(data)} bytes, not {tile.width * HASH_BYTES}",
            )
        hashes = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
        if tile.level == 0:
            for leaf in hashes:
                tree.append(leaf)
            continue
        expected = tree.hashes(HEIGHT * tile.level, tile.start, tile.start + tile.width)
        for position, (one, other) in enumerate(zip(hashes, expected, strict=True)):
            if one != other:
                first, last = tile.first_entry(position), tile.first_entry(position + 1) - 1
                what = (
                    f"tile {tile.path} does not agree with the tiles of entries {first} to {last}"
                )
                wrong.append(TileError(first, what))
                break
    return tree, wrong
