"""Tiles: their paths in one form only, and the tree that they make again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.merkle import Tree, leaf_hash
from hub.transparency.tiles import Tile, TileError, rebuild, tile_hashes, tiles_of


def tree(size: int) -> Tree:
    return Tree(leaf_hash(b"%d" % number) for number in range(size))


BIG = tree(70_000)


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("0/000", Tile(0, 0)),
        ("0/x001/x234/067", Tile(0, 1_234_067)),
        ("63/999.p/255", Tile(63, 999, 255)),
        ("1/x001/000.p/1", Tile(1, 1000, 1)),
    ],
)
def test_a_path_is_read_and_written(path: str, tile: Tile) -> None:
    assert (Tile.parse(path), tile.path) == (tile, path)


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/0", "0/00", "00/000", "64/000", "-1/000", "0/x000/001", "0/001/x002", "0/x001",
     "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.P/1", "0/000/", "entries/000",
     "0/000.p/1/",
     "0/\u0660\u0660\u0660", "0/1000", "0/x01/000", "0/000\n", "0/" + "x001/" * 7 + "000"],
)  # fmt: skip
def test_another_form_is_no_path(path: str) -> None:
    assert Tile.parse(path) is None


@given(st.integers(0, 63), st.integers(0, 10**18), st.integers(1, 256))
def test_every_tile_has_one_path(level: int, number: int, width: int) -> None:
    tile = Tile(level, number, width)
    assert Tile.parse(tile.path) == tile


def test_the_tiles_of_the_standards_example() -> None:
    """C2SP tlog-tiles: a tree of 70,000 entries."""
    tiles = list(tiles_of(70_000))
    full = [tile for tile in tiles if tile.full]
    assert len([tile for tile in full if tile.level == 0]) == 273
    assert len([tile for tile in full if tile.level == 1]) == 1
    assert [tile.path for tile in tiles if not tile.full] == [
        "0/273.p/112", "1/001.p/17", "2/000.p/1",
    ]  # fmt: skip
    assert [tile.path for tile in tiles_of(256)] == ["0/000", "1/000.p/1"]


@given(st.integers(0, 70_000), st.integers(0, 3), st.integers(0, 300), st.integers(1, 256))
def test_a_tile_is_there_as_soon_as_its_entries_are(
    size: int, level: int, number: int, width: int
) -> None:
    tile = Tile(level, number, width)
    data = tile_hashes(BIG, size, tile)
    last = (number * 256 + width) * 256**level
    assert (data is not None) == (last <= size)
    if data is not None:
        assert len(data) == width * 32
        first = tile.first_entry()
        below = BIG.hashes(0, first, first + 256**level)
        assert Tree(below).root() == data[:32]


@given(st.integers(0, 3_000))
def test_the_tree_is_made_again_of_its_tiles(size: int) -> None:
    def read(tile: Tile) -> bytes:
        data = tile_hashes(BIG, size, tile)
        assert data is not None
        return data

    again, wrong = rebuild(size, read)
    assert (again.root(), len(again), wrong) == (BIG.root(size), size, [])


@given(st.data())
def test_a_changed_tile_shows(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3_000))
    liar = data.draw(st.sampled_from(list(tiles_of(size))))
    at = data.draw(st.integers(0, liar.width * 32 - 1))

    def read(tile: Tile) -> bytes:
        found = bytearray(tile_hashes(BIG, size, tile) or b"")
        if tile == liar:
            found[at] ^= 1
        return bytes(found)

    again, wrong = rebuild(size, read)
    assert wrong or again.root() != BIG.root(size)
    assert all(one.index <= liar.first_entry(at // 32) for one in wrong)


def test_a_tile_of_another_length_is_none() -> None:
    with pytest.raises(TileError, match="has 31 bytes, not 32") as caught:
        rebuild(257, lambda tile: bytes(tile.width * 32 if tile.full else 31))
    assert caught.value.index == 256
