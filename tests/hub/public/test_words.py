"""The words of the public pages: the same in each language, and chosen as the reader asks."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

import pytest

from hub.public.words import WORDS, Language, chosen
from hub.registrations.form import SITES
from hub.transparency.figures import COUNTED


def flat(words: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, frozenset[str | None]]]:
    for name, value in words.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{at}{name}/")
        else:
            yield f"{at}{name}", frozenset(field for _, field, _, _ in Formatter().parse(value))


def test_each_language_says_the_same_things_with_the_same_blanks() -> None:
    assert dict(flat(WORDS[Language.EN])) == dict(flat(WORDS[Language.ES]))


@pytest.mark.parametrize("language", list(Language))
def test_every_figure_and_every_kind_of_place_has_words(language: Language) -> None:
    words = WORDS[language]
    wanted = {f"{group}.{name}" for group, names in COUNTED.items() for name in names}
    assert set(words["transparency"]["figures"]) == wanted | {"looks.seconds", "looks.cameras"}
    assert set(words["transparency"]["groups"]) == set(COUNTED)
    assert set(words["register"]["sites"]) == set(SITES)


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, None, "en"),
        ("es", None, "es"),
        ("es", "en-US,en;q=0.9", "es"),
        ("fr", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "de, ES ;q=0.5", "es"),
        ("", "de", "en"),
    ],
)
def test_a_page_speaks_the_language_that_was_asked_for(
    asked: str | None, accepted: str | None, language: str
) -> None:
    assert chosen(asked, accepted) == language
