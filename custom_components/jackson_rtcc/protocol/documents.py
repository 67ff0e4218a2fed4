"""The waiver and the policy: the rules as data that an owner accepts by their hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from .claims import LARGEST_INTEGER, Fields, malformed
from .keys import b64url
from .topics import valid_id
from .vocabulary import Scope

_DEEPEST = 16


def canonical(value: object) -> bytes:
    """Write a JSON value in its one canonical form (RFC 8785).

    Floating-point numbers and integers that a double does not hold are refused: rules need none,
    and they are where writers differ.

    Raises:
        Rejected: `malformed` for a value that has no canonical form here.

    """
    _check(value, _DEEPEST)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as err:
        raise malformed("a document holds half a surrogate pair") from err


def document_hash(document: object) -> str:
    """Return the SHA-256 of the canonical form, base64url."""
    return b64url(hashlib.sha256(canonical(document)).digest())


def _check(value: object, levels: int) -> None:
    match value:
        case str() | None:
            return
        case int() if abs(value) <= LARGEST_INTEGER:
            return
        case list() if levels:
            for item in value:
                _check(item, levels - 1)
        # With ASCII names, order by code point is the order by UTF-16 unit that RFC 8785 wants.
        case dict() if levels and all(isinstance(key, str) and key.isascii() for key in value):
            for item in value.values():
                _check(item, levels - 1)
        case _:
            raise malformed(
                "a document holds only texts, integers, booleans, lists and objects with ASCII "
                f"names, at most {_DEEPEST} deep"
            )


def texts(fields: Fields, name: str, longest: int) -> dict[str, str]:
    """Read a text in several languages; English is always there."""
    found: dict[str, str] = {}
    for language, text in fields.mapping(name, most=20).items():
        if not isinstance(text, str) or not 0 < len(text) <= longest:
            raise malformed(f"{name} in {language!r} is not a text of 1 to {longest} characters")
        found[language] = text
    if "en" not in found:
        raise malformed(f"{name} is missing in English")
    return found


@dataclass(frozen=True, slots=True)
class Waiver:
    """The text that an owner accepts, in each language, with its version and hash."""

    version: str
    text: Mapping[str, str]
    digest: str

    @classmethod
    def parse(cls, document: object) -> Waiver:
        """Read the waiver's JSON document.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(document)
        return cls(
            version=fields.text("version", 40),
            text=texts(fields, "text", 20_000),
            digest=document_hash(document),
        )


@dataclass(frozen=True, slots=True)
class KindRule:
    """What one incident kind allows at most."""

    name: Mapping[str, str]
    radius_m: int
    duration: timedelta
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Policy:
    """The council-approved rules: the incident kinds for which anyone may look at all."""

    version: str
    kinds: Mapping[str, KindRule]
    digest: str

    @classmethod
    def parse(cls, document: object) -> Policy:
        """Read the policy's JSON document.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(document)
        kinds = {name: _kind(Fields(rule)) for name, rule in fields.mapping("kinds").items()}
        if not kinds:
            raise malformed("kinds is empty")
        if wrong := next((name for name in kinds if not valid_id(name)), None):
            raise malformed(f"the kind {wrong!r} is not a word of letters, digits, _ and -")
        return cls(version=fields.text("version", 40), kinds=kinds, digest=document_hash(document))


def _kind(fields: Fields) -> KindRule:
    return KindRule(
        name=texts(fields, "name", 100),
        radius_m=fields.integer("radius_m", 1, 100_000),
        duration=timedelta(seconds=fields.integer("duration_s", 60, 7 * 86_400)),
        scopes=fields.choices("scopes", Scope),
    )
