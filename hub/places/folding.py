"""How names are compared: without accents and capitals, and streets by any of their names."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

MOST_WORDS = 8
_LONGEST_WORD = 40
_APOSTROPHE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]")
_WORD = re.compile(r"[^\W_]+")
_SHORT: Mapping[str, str] = {
    "avenue": "ave",
    "boulevard": "blvd",
    "circle": "cir",
    "court": "ct",
    "cove": "cv",
    "drive": "dr",
    "east": "e",
    "expressway": "expy",
    "extension": "ext",
    "fort": "ft",
    "freeway": "fwy",
    "highway": "hwy",
    "interstate": "i",
    "lane": "ln",
    "mount": "mt",
    "north": "n",
    "northeast": "ne",
    "northwest": "nw",
    "parkway": "pkwy",
    "place": "pl",
    "plaza": "plz",
    "road": "rd",
    "saint": "st",
    "south": "s",
    "southeast": "se",
    "southwest": "sw",
    "square": "sq",
    "street": "st",
    "terrace": "ter",
    "trail": "trl",
    "west": "w",
}
_LONG: dict[str, list[str]] = {}
for _long, _short in _SHORT.items():
    _LONG.setdefault(_short, []).append(_long)


def words(text: str) -> list[str]:
    """Return the words of a text, folded: `Peña Ávila, 12-B` is pena, avila, 12 and b."""
    apart = unicodedata.normalize(
        "NFKD", text.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    )
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    return [word[:_LONGEST_WORD] for word in _WORD.findall(bare.casefold())]


def asked(text: str) -> list[str]:
    """Return the words of what somebody typed; the last may be the beginning of one."""
    return words(text)[:MOST_WORDS]


def key(found: Iterable[str]) -> str:
    """Return the words as the key that equal names share: streets and directions abbreviated."""
    return " ".join(_SHORT.get(word, word) for word in found)


def searchable(found: Iterable[str]) -> str:
    """Return every word by which a place shall be found, each between spaces."""
    every: dict[str, None] = {}
    for word in found:
        others = [_SHORT[word]] if word in _SHORT else _LONG.get(word, [])
        every.update(dict.fromkeys([word, *others]))
    return f" {' '.join(every)} "


def number(found: Iterable[str]) -> int | None:
    """Return the house number that a name begins with."""
    first = next(iter(found), "")
    digits = re.match(r"[0-9]{1,6}", first)
    return int(digits[0]) if digits else None
