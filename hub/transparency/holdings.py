"""Reads what someone holds of the log, entries, proofs and receipts, in the forms they come in."""

import base64
import binascii
import json
from collections.abc import Iterator

from hub.protocol.documents import canonical
from hub.protocol.errors import Rejected
from hub.transparency.audit import Held

_MEMBERS = {"about", "actor", "home", "kind", "outcome", "role", "salt", "time"}
_DEEPEST = 8


def read_holdings(text: str, source: str) -> list[Held]:
    """Find every entry and checkpoint in a file: JSON, JSON lines, receipts, or a bare checkpoint.

    Raises:
        ValueError: if there is none; one clear line.

    """
    held = list(_whole(text, source))
    if not held:
        raise ValueError(f"{source} holds neither an entry nor a checkpoint")
    return held


def _whole(text: str, source: str) -> Iterator[Held]:
    if "\n\n\N{EM DASH} " in text and not text.lstrip().startswith(("{", "[", '"')):
        yield Held(source, checkpoint=text)
        return
    try:
        yield from _search(json.loads(text), source, _DEEPEST)
    except ValueError, RecursionError:
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield from _line(line.strip(), f"{source}, line {number}")


def _line(line: str, source: str) -> Iterator[Held]:
    if line.startswith(("{", "[", '"')):
        try:
            yield from _search(json.loads(line), source, _DEEPEST)
        except (ValueError, RecursionError) as err:
            raise ValueError(f"{source} is not JSON") from err
    else:
        yield from _receipt(line, source)


def _search(value: object, source: str, depth: int) -> Iterator[Held]:
    """Look for entries in a JSON value, as the hub answers them or as a person gathered them."""
    if depth == 0:
        return
    match value:
        case str():
            yield from _receipt(value, source)
        case list():
            for number, one in enumerate(value):
                yield from _search(one, f"{source}, item {number}", depth - 1)
        case dict() if value.keys() == _MEMBERS:
            yield Held(source, entry=_entry(value, source))
        case dict():
            entry, index, checkpoint = (value.get(n) for n in ("entry", "index", "checkpoint"))
            if isinstance(entry, str) or isinstance(checkpoint, str):
                yield Held(
                    source,
                    entry=entry.encode(errors="replace") if isinstance(entry, str) else None,
                    index=index if type(index) is int else None,
                    checkpoint=checkpoint if isinstance(checkpoint, str) else None,
                )
            for one in value.values():
                if isinstance(one, dict | list):
                    yield from _search(one, source, depth - 1)


def _receipt(token: str, source: str) -> Iterator[Held]:
    """Read a receipt or a request: a token whose claim `log` holds the entry.

    Its own signature does not matter here: the checkpoint in it has one.
    """
    _, _, rest = token.partition(".")
    claims, dot, _ = rest.partition(".")
    if not dot:
        return
    try:
        value = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except (ValueError, binascii.Error, RecursionError) as err:
        raise ValueError(f"{source} is neither an entry nor a receipt") from err
    if isinstance(value, dict):
        yield from _search(value.get("log"), f"{source} (receipt)", _DEEPEST)


def _entry(value: dict[str, object], source: str) -> bytes:
    try:
        return canonical(value)
    except Rejected as err:
        raise ValueError(f"{source} is no entry: {err.detail}") from err
