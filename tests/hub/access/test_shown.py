"""What homes were shown: each proof begins where the last one ended, or where the home says."""

from hub.access.shown import Shown
from hub.protocol.merkle import Tree
from hub.protocol.proofs import Book, bind
from hub.transparency.log import Written
from tests.protocol.samples import HISTORY, HUB

SIZES = range(1, len(HISTORY) + 1)
BOOKS = {
    size: bind(Tree(entry.hash for entry in HISTORY[:size]), HUB.key, HUB.kid) for size in SIZES
}


def since(shown: Shown, book: Book, home: str = "home") -> tuple[int, int]:
    written = Written(0, HISTORY[0])
    logged, turn = shown.prove(home, book, written)
    return logged.advance.since, turn


def test_each_proof_begins_where_the_last_one_ended() -> None:
    shown = Shown()
    shown.load({"known": 2})
    assert since(shown, BOOKS[3]) == (0, 0)
    assert since(shown, BOOKS[5]) == (3, 0)
    assert since(shown, BOOKS[5]) == (5, 0)
    assert since(shown, BOOKS[6], "known") == (2, 0)


def test_it_begins_again_where_the_home_says() -> None:
    shown = Shown()
    for size in (3, 4, 5):
        since(shown, BOOKS[size])
    shown.behind("home", 1, 0)
    assert since(shown, BOOKS[6]) == (1, 1)
    # The others of the lost turn are refused as well: they follow what was sent since.
    shown.behind("home", 1, 0)
    assert since(shown, BOOKS[7]) == (6, 1)
    shown.behind("home", 2, 1)
    assert since(shown, BOOKS[7]) == (2, 2)


def test_what_a_home_asked_for_counts_and_a_removed_one_is_forgotten() -> None:
    shown = Shown()
    shown.showed("home", 4)
    assert since(shown, BOOKS[5]) == (4, 0)
    shown.forget("home")
    assert since(shown, BOOKS[5]) == (0, 0)
