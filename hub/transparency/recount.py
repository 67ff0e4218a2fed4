"""Counts the published figures again from a copy of the database: `rtcc-hub recount`.

Needs nothing of a hub: Python, the protocol package and figures.py.
"""

import argparse
import base64
import json
import ssl
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from hub.protocol.entries import Entry
from hub.protocol.errors import Rejected
from hub.protocol.merkle import Tree, leaf_hash
from hub.transparency.database_copy import CopyError, open_copy, rows_of
from hub.transparency.figures import Figures

_PATH = "/api/v1/transparency"
_LIMIT_S = 30.0
_LARGEST = 16 * 1024 * 1024
_FIGURES = ("months", "total")


class RecountError(Exception):
    """What was given cannot be counted or compared; the message is one clear line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "--database", type=Path, required=True, metavar="COPY", help="a copy of the hub's hub.db"
    )
    parser.add_argument(
        "--page",
        metavar="URL",
        help="the hub's address, or a file with the published JSON; without it the count is shown",
    )
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="the hub's CA certificate (PEM), for its address"
    )


def run(options: argparse.Namespace) -> int:
    """Count, compare, and return the exit status: 1 for any difference."""
    try:
        if options.page is None:
            _say(json.dumps(_count(options.database, None)[0], indent=2, ensure_ascii=False))
            return 0
        found = differences(published(options.page, options.ca), options.database)
    except RecountError as err:
        print(f"recount: {err}", file=sys.stderr)  # noqa: T201 - what a command is for
        return 1
    for line in found:
        _say(f"DIFFERENT  {line}")
    if not found:
        _say("The published figures are those of the log.")
    return 1 if found else 0


def differences(page: dict[str, Any], database: Path) -> list[str]:
    """Return each figure that is not what the log in the copy tells.

    Raises:
        RecountError: if one of the two cannot be read.

    """
    try:
        size, root = int(page["log"]["size"]), base64.b64decode(page["log"]["root"])
        told = {name: page[name] for name in _FIGURES}
    except (KeyError, TypeError, ValueError) as err:
        raise RecountError("the page is not a hub's published figures") from err
    counted, tree = _count(database, size)
    if len(tree) < size:
        return [f"the page is of {size} entries, the copy has {len(tree)}: take a newer copy"]
    found = [] if tree.root() == root else [f"the root of {size} entries is another one"]
    return found + list(_compare("", told, counted))


def published(page: str, ca: Path | None) -> dict[str, Any]:
    """Return the published JSON of a hub's address, or of a file.

    Raises:
        RecountError: if it cannot be had.

    """
    try:
        if page.startswith(("https://", "http://")):
            url = page if _PATH in page else page.rstrip("/") + _PATH
            context = ssl.create_default_context(cafile=None if ca is None else str(ca))
            with urllib.request.urlopen(url, timeout=_LIMIT_S, context=context) as answer:  # noqa: S310 - the scheme is checked
                text = answer.read(_LARGEST)
        else:
            text = Path(page).read_bytes()
        value = json.loads(text)
    except (OSError, ValueError) as err:
        reason = getattr(err, "reason", None) or err
        raise RecountError(f"cannot read {page}: {reason}") from err
    if not isinstance(value, dict):
        raise RecountError(f"{page} is not a hub's published figures")
    return value


def _count(database: Path, size: int | None) -> tuple[dict[str, object], Tree]:
    figures, tree = Figures(), Tree()
    try:
        with open_copy(database) as connection:
            for row in islice(rows_of(connection), size):
                if row.index != len(tree):
                    raise RecountError(f"entry {len(tree)} is missing in the copy")
                figures.add(Entry.parse(row.data))
                tree.append(leaf_hash(row.data))
    except Rejected as err:
        raise RecountError(f"entry {len(tree)} is none: {err.detail}") from err
    except CopyError as err:
        raise RecountError(str(err)) from err
    return figures.written(), tree


def _compare(name: str, told: object, counted: object) -> Iterator[str]:
    if isinstance(told, dict) and isinstance(counted, dict):
        for key in [*counted, *(key for key in told if key not in counted)]:
            path = f"{name}.{key}" if name else str(key)
            yield from _compare(path, told.get(key), counted.get(key))
    elif isinstance(told, list) and isinstance(counted, list) and len(told) == len(counted):
        for one, other in zip(told, counted, strict=True):
            label = other.get("month", other.get("version")) if isinstance(other, dict) else ""
            yield from _compare(f"{name}[{label}]", one, other)
    elif told != counted or type(told) is not type(counted):
        yield f"{name}: the page says {told!r}, the log {counted!r}"


def _say(line: str) -> None:
    print(line)  # noqa: T201 - what a command is for


def main(arguments: Sequence[str] | None = None) -> int:
    """Run without the hub's own command."""
    parser = argparse.ArgumentParser(prog="recount", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
