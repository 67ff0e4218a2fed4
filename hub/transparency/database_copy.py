"""Reads the log from a copy of the hub's database (SQLite), with the standard library alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hub.protocol.entries import Entry
from hub.transparency.audit import Row

_ROWS = 'SELECT "index", kind, time, actor, home, hash, data FROM log_entries ORDER BY "index"'
_CHECKPOINTS = "SELECT size, note FROM log_checkpoints ORDER BY size"


class CopyError(Exception):
    """The file cannot be read as a hub's database; one clear line."""


@contextmanager
def open_copy(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy; nothing in it can be changed.

    Raises:
        CopyError: if it is no hub's database, here or while it is read.

    """
    if not path.is_file():
        raise CopyError(f"there is no file {path}")
    # Beside a journal it may be in use; without one, not even a folder to write in is needed.
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)) as connection:
            connection.text_factory = _text
            # A hub may be writing: both tables are read as they are at one moment.
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as err:
        raise CopyError(f"{path} cannot be read as a hub's database: {err}") from err


def rows_of(connection: sqlite3.Connection) -> Iterator[Row]:
    """Return the table of entries as it is, in the order of the indices."""
    for index, kind, time, actor, home, hashed, data in connection.execute(_ROWS):
        if not isinstance(index, int):
            raise sqlite3.DataError(f"an index is {index!r}")
        yield Row(
            index=index,
            kind=kind,
            time=_time(time),
            actor=actor,
            home=home,
            hash=_bytes(hashed),
            data=_bytes(data),
        )


def checkpoints_of(connection: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    """Return the table of checkpoints, smallest first."""
    for size, note in connection.execute(_CHECKPOINTS):
        if not isinstance(size, int):
            raise sqlite3.DataError(f"a checkpoint's size is {size!r}")
        yield size, str(note)


def entries_in(path: Path) -> Iterator[tuple[int, Entry]]:
    """Return every entry with its index, oldest first; they are read, not verified.

    Raises:
        CopyError: if the file is no hub's database.
        Rejected: `malformed` if an entry is none.

    """
    with open_copy(path) as connection:
        for row in rows_of(connection):
            yield row.index, Entry.parse(row.data)


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _bytes(value: object) -> bytes:
    """Return a column's bytes; what is none can have no right hash."""
    return value if isinstance(value, bytes) else str(value).encode()


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    except ValueError:
        return None
