"""The words of the public pages and letters, in each language."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any


class Language(StrEnum):
    """The languages that there are words in."""

    EN = "en"
    ES = "es"


def _read(language: Language) -> Mapping[str, Any]:
    file = Path(__file__).with_name(f"words_{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


WORDS: Mapping[Language, Mapping[str, Any]] = {one: _read(one) for one in Language}


def chosen(asked: str | None, accepted: str | None) -> Language:
    """Return the language that was asked for, or the first one that a browser accepts."""
    for tag in (asked or "", *(accepted or "").split(",")):
        word = tag.partition(";")[0].strip().partition("-")[0].lower()
        if word in Language:
            return Language(word)
    return Language.EN
