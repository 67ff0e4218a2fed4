"""Typed reading of a JSON object from outside: every field is checked once, at the door."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from .errors import Reason, Rejected
from .topics import valid_id

# Seconds; the last second of the year 9999 is the largest that `datetime` holds.
_LAST_SECOND = 253_402_300_799
LARGEST_INTEGER = 2**53 - 1
"""The largest that every JSON reader keeps exact (RFC 8259 section 6)."""

_LONGEST_PEM = 8_000
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----\n[A-Za-z0-9+/=\n -]+")


def malformed(detail: str) -> Rejected:
    """Return the refusal for a field that is missing or out of shape."""
    return Rejected(Reason.MALFORMED, detail)


class Fields:
    """The fields of one JSON object; every method raises `Rejected(malformed)` with the name."""

    __slots__ = ("_values",)

    def __init__(self, values: object) -> None:
        """Take a decoded JSON value, which must be an object."""
        if not isinstance(values, dict):
            raise malformed("not a JSON object")
        self._values: dict[str, object] = values

    def __contains__(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        return self._values.get(name) is not None

    def raw(self, name: str) -> object:
        """Return the field as it stands."""
        if name not in self:
            raise malformed(f"{name} is missing")
        return self._values[name]

    def text(self, name: str, longest: int = 200) -> str:
        """Return a non-empty string of at most `longest` characters without control characters."""
        value = self._values.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
            raise malformed(f"{name} is not a printable text of 1 to {longest} characters")
        return value

    def identifier(self, name: str) -> str:
        """Return an id: one that can be a level of a topic."""
        value = self.text(name, 64)
        if not valid_id(value):
            raise malformed(f"{name} is not an id")
        return value

    def lines(self, name: str, longest: int) -> str:
        """Return a text of several lines of at most `longest` bytes, with no other controls."""
        value = self._values.get(name)
        # What is printable has no half of a surrogate pair, and so can be encoded.
        if (
            not isinstance(value, str)
            or not value.replace("\r", "").replace("\n", "").isprintable()
            or not 0 < len(value.encode()) <= longest
        ):
            raise malformed(f"{name} is not a text of 1 to {longest} bytes in lines")
        return value

    def pem(self, name: str) -> str:
        """Return a certificate, request or chain in PEM form."""
        value = self._values.get(name)
        if not isinstance(value, str) or not _PEM.fullmatch(value) or len(value) > _LONGEST_PEM:
            raise malformed(f"{name} is not in PEM form")
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        value = self._values.get(name)
        if type(value) is not int or not low <= value <= high:
            raise malformed(f"{name} is not an integer from {low} to {high}")
        return value

    def number(self, name: str, low: float, high: float) -> float:
        """Return a finite number from `low` to `high`, both included."""
        value = self._values.get(name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            raise malformed(f"{name} is not a number from {low} to {high}")
        return float(value)

    def flag(self, name: str) -> bool:
        """Return a boolean."""
        value = self._values.get(name)
        if type(value) is not bool:
            raise malformed(f"{name} is not true or false")
        return value

    def time(self, name: str) -> datetime:
        """Return a NumericDate (RFC 7519 section 2) in whole seconds as aware UTC."""
        return datetime.fromtimestamp(self.integer(name, 0, _LAST_SECOND), UTC)

    def choice[T: StrEnum](self, name: str, kind: type[T]) -> T:
        """Return one value of an enumeration."""
        try:
            return kind(self.text(name))
        except ValueError as err:
            raise malformed(f"{name} is none of {', '.join(kind)}") from err

    def choices[T: StrEnum](self, name: str, kind: type[T]) -> frozenset[T]:
        """Return a non-empty list of different values of an enumeration as a set."""
        values = self._values.get(name)
        if not isinstance(values, list) or not values:
            raise malformed(f"{name} is not a list")
        try:
            found = frozenset(kind(value) for value in values)
        except (ValueError, TypeError) as err:
            raise malformed(f"{name} holds a value that is none of {', '.join(kind)}") from err
        if len(found) != len(values):
            raise malformed(f"{name} names a value twice")
        return found

    def items(self, name: str, most: int = 100) -> list[object]:
        """Return a list of at most `most` values."""
        values = self._values.get(name)
        if not isinstance(values, list) or len(values) > most:
            raise malformed(f"{name} is not a list of at most {most} values")
        return values

    def mapping(self, name: str, most: int = 100) -> Mapping[str, object]:
        """Return a nested object with at most `most` members, as it stands."""
        values = self._values.get(name)
        if not isinstance(values, dict) or len(values) > most:
            raise malformed(f"{name} is not an object of at most {most} members")
        return values

    # Last, because below it `object` means this method.
    def object(self, name: str) -> Fields:
        """Return a nested object."""
        try:
            return Fields(self._values.get(name))
        except Rejected:
            raise malformed(f"{name} is not an object") from None


def seconds(moment: datetime) -> int:
    """Write an aware time as a NumericDate in whole seconds, rounded down."""
    return math.floor(moment.timestamp())
