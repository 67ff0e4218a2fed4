"""The integration's own texts in one language, as a person reads them on the screen."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.home_assistant import INTEGRATION

_SHORTEST = 4
_PIECE = re.compile(r"[\w ',;:.()-]+")


class Words:
    """Finds a text by its key, and texts of another language in what is shown."""

    def __init__(self, language: str, texts: Path = INTEGRATION / "translations") -> None:
        """Read the language's file."""
        self.language = language
        self._texts: dict[str, Any] = json.loads((texts / f"{language}.json").read_text())

    def __call__(self, path: str) -> str:
        """Return a text by its keys with dots between."""
        found: Any = self._texts
        for key in path.split("."):
            found = found[key]
        return str(found)

    def pieces(self) -> set[str]:
        """Return every text, cut where values and markup will be when it is shown."""
        return {
            piece.strip()
            for text in _leaves(self._texts)
            for piece in _PIECE.findall(re.sub(r"\{\w+\}", "\n", text))
            if len(piece.strip()) >= _SHORTEST
        }

    def strangers(self, other: Words, shown: str) -> set[str]:
        """Return which pieces that only the other language has are among the lines shown."""
        lines = set(shown.splitlines())
        long = {piece for piece in other.pieces() - self.pieces() if " " in piece}
        short = other.pieces() - self.pieces() - long
        return {piece for piece in long if piece in shown} | (short & lines)


def _leaves(texts: dict[str, Any]) -> Iterator[str]:
    for value in texts.values():
        if isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield value
