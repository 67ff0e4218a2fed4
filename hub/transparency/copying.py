"""Copies the log, and nothing else of the hub's database, into a file for an auditor (SQLite)."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.data import FILE_MODE
from hub.errors import StartError
from hub.protocol.entries import EntryKind
from hub.store.tables import log_checkpoints, log_entries
from hub.transparency.log import COMMANDS, AccessLog

_MANY = 5_000
_TABLES = (
    'CREATE TABLE log_entries ("index" INTEGER PRIMARY KEY, kind TEXT NOT NULL, '
    "time TEXT NOT NULL, actor TEXT NOT NULL, home TEXT, hash BLOB NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE log_checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL)",
)


async def copy_log(engine: AsyncEngine, log: AccessLog, path: Path) -> int:
    """Write the log into a new file and return how many entries it has; this is the last of them.

    Raises:
        StartError: if the file is there already or cannot be written; one clear line.
        SQLAlchemyError: if the log cannot be read or written.

    """
    try:
        # For its owner alone from the first moment: entries are not public.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE))
    except OSError as err:
        raise StartError(f"cannot write {path}: {err.strerror}") from err
    try:
        written = await log.write(
            EntryKind.EXPORT, actor=COMMANDS, outcome="done", about={"what": "log"}
        )
        size = written.index + 1
        with closing(sqlite3.connect(path)) as copy:
            for table in _TABLES:
                copy.execute(table)
            async with engine.connect() as connection:
                await _copy_entries(connection, copy, size)
                await _copy_checkpoints(connection, copy, size)
            copy.commit()
    except sqlite3.Error as err:
        _forget(path)
        raise StartError(f"cannot write {path}: {err}") from err
    except BaseException:
        _forget(path)
        raise
    return size


async def _copy_entries(connection: AsyncConnection, copy: sqlite3.Connection, size: int) -> None:
    columns = log_entries.c
    names = ("index", "kind", "time", "actor", "home", "hash", "data")
    query = select(*(columns[name] for name in names)).order_by(columns.index)
    for start in range(0, size, _MANY):
        part = query.where(columns.index >= start, columns.index < min(start + _MANY, size))
        rows = await connection.execute(part)
        copy.executemany(
            "INSERT INTO log_entries VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (index, kind, _plain(time), actor, home, bytes(hashed), bytes(data))
                for index, kind, time, actor, home, hashed, data in rows
            ],
        )


async def _copy_checkpoints(
    connection: AsyncConnection, copy: sqlite3.Connection, size: int
) -> None:
    columns = log_checkpoints.c
    query = select(columns.size, columns.note)
    for start in range(0, size, _MANY):
        part = query.where(columns.size > start, columns.size <= min(start + _MANY, size))
        rows = await connection.execute(part)
        copy.executemany("INSERT INTO log_checkpoints VALUES (?, ?)", [tuple(row) for row in rows])


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
