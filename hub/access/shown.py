"""How much of the access log each home has been shown: where the next proof for it begins."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.protocol.proofs import Book, Logged
from hub.transparency.log import Written


@dataclass(slots=True)
class _Home:
    size: int = 0
    turn: int = 0


class Shown:
    """The sizes by home. What is sent arrives in order, so each proof begins at the last one's end.

    If something was lost on its way, the home says where it stands (`log_behind`), and the proofs
    after that begin there.
    """

    def __init__(self) -> None:
        """Start with nothing shown to anybody."""
        self._homes: dict[str, _Home] = {}

    def load(self, sizes: Mapping[str, int]) -> None:
        """Take over what homes had verified when the hub ended."""
        self._homes = {home: _Home(size) for home, size in sizes.items()}

    def forget(self, home: str) -> None:
        """Drop a home that was removed."""
        self._homes.pop(home, None)

    def prove(self, home: str, book: Book, written: Written) -> tuple[Logged, int]:
        """Return the proof for a message that is sent to the home at once, and the turn it is of.

        Nothing may be awaited between this and the sending.
        """
        state = self._homes.setdefault(home, _Home())
        logged = book.logged(written.entry, written.index, state.size)
        state.size = book.note.checkpoint.size
        return logged, state.turn

    def showed(self, home: str, size: int) -> None:
        """Note what a home was shown because it asked."""
        self._homes.setdefault(home, _Home()).size = size

    def behind(self, home: str, size: int, turn: int) -> None:
        """Begin again where the home says it stands.

        Several messages of one turn were sent behind the lost one, and the home refuses them all:
        only the first word begins a new turn.
        """
        state = self._homes.setdefault(home, _Home())
        if state.turn == turn:
            state.size, state.turn = size, turn + 1
