"""The waiver and the policy: the rules as data that an owner accepts by their hash."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from .claims import LARGEST_INTEGER, Fields, malformed
from .errors import Rejected
from .keys import b64url
from .stream import LONGEST_STREAM
from .topics import valid_id
from .vocabulary import Scope

_DEEPEST = 16
_VAGUE_WORDS = (
    "a all an and any anything case crime every everything general incident inquiry "
    "investigation investigations investigative matter misc miscellaneous na none of on other "
    "others police purpose purposes reason test the to unknown unspecified various work "
    "algo asunto caso cualquier cualquiera de delito desconocida desconocido el general "
    "incidente investigaciones investigación la ninguna ninguno otra otras otro otros policial "
    "policía razón varios"
)
_VAGUE = frozenset(_VAGUE_WORDS.split())
"""Words that, alone or with each other, name no kind of incident."""


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
class Unaided:
    """How far a look may go before a second person has approved (the two-person rule)."""

    radius_m: int
    duration: timedelta


@dataclass(frozen=True, slots=True)
class KindRule:
    """What one incident kind allows at most, and beyond what a supervisor must approve."""

    name: Mapping[str, str]
    radius_m: int
    duration: timedelta
    scopes: frozenset[Scope]
    approval: Unaided | None = None


@dataclass(frozen=True, slots=True)
class Purpose:
    """What nobody may ever look for."""

    id: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the hub keeps pictures: unattached, attached to an incident, and without charges."""

    unattached: timedelta
    attached: timedelta
    uncharged: timedelta


SHORTEST = Retention(timedelta(minutes=5), timedelta(days=60), timedelta(days=60))
"""What holds if the policy says nothing about it."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """A trial: how many cameras can be live at once, and when nothing is live any more."""

    ends: datetime
    city_cameras: int
    private_cameras: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The council-approved rules: the incident kinds for which anyone may look at all."""

    version: str
    kinds: Mapping[str, KindRule]
    digest: str
    prohibited: tuple[Purpose, ...] = ()
    retention: Retention = SHORTEST
    pilot: Pilot | None = None
    stream: timedelta = LONGEST_STREAM
    """How long one session of live video lives at most."""

    @classmethod
    def parse(cls, document: object) -> Policy:
        """Read the policy's JSON document.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(document)
        kinds = {name: _kind(name, rule) for name, rule in fields.mapping("kinds").items()}
        if not kinds:
            raise malformed("kinds is empty")
        prohibited = _purposes(fields)
        if wrong := next((purpose.id for purpose in prohibited if purpose.id in kinds), None):
            raise malformed(f"{wrong!r} is a kind and prohibited at once")
        return cls(
            version=fields.text("version", 40),
            kinds=kinds,
            digest=document_hash(document),
            prohibited=prohibited,
            retention=_within("retention", _retention, fields.raw("retention"))
            if "retention" in fields
            else SHORTEST,
            pilot=_within("pilot", _pilot, fields.raw("pilot")) if "pilot" in fields else None,
            stream=timedelta(seconds=fields.integer("stream_s", 60, 86_400))
            if "stream_s" in fields
            else LONGEST_STREAM,
        )


def too_vague(name: str) -> bool:
    """Tell whether a kind of this name would be none: any reason would do for it."""
    words = [word for word in re.split(r"[\W_\d]+", name.casefold()) if word]
    return bool(words) and all(word in _VAGUE for word in words)


def _within[T](name: str, read: Callable[[Fields], T], value: object) -> T:
    """Read a part of the document, naming it in what is wrong."""
    try:
        return read(Fields(value))
    except Rejected as err:
        raise malformed(f"{name}: {err.detail}") from err


def _kind(id_: str, rule: object) -> KindRule:
    if not valid_id(id_):
        raise malformed(f"the kind {id_!r} is not a word of letters, digits, _ and -")
    found = _within(f"the kind {id_!r}", _rule, rule)
    if vague := next((name for name in (id_, *found.name.values()) if too_vague(name)), None):
        raise malformed(f"the kind {id_!r}: {vague!r} says nothing about what happened")
    return found


def _rule(fields: Fields) -> KindRule:
    rule = KindRule(
        name=texts(fields, "name", 100),
        radius_m=fields.integer("radius_m", 1, 100_000),
        duration=timedelta(seconds=fields.integer("duration_s", 60, 7 * 86_400)),
        scopes=fields.choices("scopes", Scope),
    )
    if "approval" not in fields:
        return rule

    def unaided(limits: Fields) -> Unaided:
        most = int(rule.duration.total_seconds())
        return Unaided(
            radius_m=limits.integer("radius_m", 1, rule.radius_m),
            duration=timedelta(seconds=limits.integer("duration_s", 60, most)),
        )

    return replace(rule, approval=_within("approval", unaided, fields.raw("approval")))


def _purposes(fields: Fields) -> tuple[Purpose, ...]:
    if "prohibited" not in fields:
        return ()
    found = tuple(_within("prohibited", _purpose, item) for item in fields.items("prohibited", 50))
    if len({purpose.id for purpose in found}) != len(found):
        raise malformed("prohibited names a purpose twice")
    return found


def _purpose(fields: Fields) -> Purpose:
    return Purpose(id=fields.identifier("id"), name=texts(fields, "name", 200))


def _retention(fields: Fields) -> Retention:
    attached = fields.integer("attached_days", 1, 3_650)
    return Retention(
        unattached=timedelta(seconds=fields.integer("unattached_s", 10, 3_600)),
        attached=timedelta(days=attached),
        # Without charges nothing is kept longer than with them.
        uncharged=timedelta(days=fields.integer("uncharged_days", 1, attached)),
    )


def _pilot(fields: Fields) -> Pilot:
    return Pilot(
        ends=_day(fields) if isinstance(fields.raw("ends"), str) else fields.time("ends"),
        city_cameras=fields.integer("city_cameras", 0, 100_000),
        private_cameras=fields.integer("private_cameras", 0, 100_000),
    )


def _day(fields: Fields) -> datetime:
    """Read a day; it stands for its first moment in UTC."""
    try:
        return datetime.strptime(fields.text("ends", 10), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as err:
        raise malformed("ends is neither a day as YYYY-MM-DD nor a time in seconds") from err
