"""Open the hub's database and bring its tables up to date."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.data import FILE_MODE, DataFolder, one_line
from hub.errors import StartError

BUSY = timedelta(seconds=10)
"""How long one process waits for another that writes."""

_MIGRATIONS = Path(__file__).with_name("migrations")


async def open_database(folder: DataFolder, url: str = "") -> AsyncEngine:
    """Return the database of `url`, or the data folder's own, with its tables up to date.

    Raises:
        StartError: if it cannot be opened or brought up to date; one clear line.

    """
    if not url:
        path = folder.file("hub.db")
        try:
            # SQLite would make it readable for all; its journals take the mode from it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
        except OSError as err:
            raise one_line("open", path, err) from err
        url = f"sqlite+aiosqlite:///{path}"
    try:
        name = make_url(url).render_as_string(hide_password=True)
        engine = create_async_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as err:
        raise StartError(f"database.url is not one that the hub can open: {err}") from err
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    try:
        with folder.changed():
            async with engine.begin() as connection:
                await connection.run_sync(upgrade)
    except (SQLAlchemyError, CommandError, OSError) as err:
        await engine.dispose()
        reason = str(getattr(err, "orig", None) or err).splitlines()[0]
        raise StartError(f"cannot use the database {name}: {reason}") from err
    return engine


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date in the connection's transaction."""
    if connection.dialect.name == "sqlite":
        # Python's driver begins no transaction for CREATE TABLE, and half the tables would stay.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter
    cursor = connection.cursor()
    try:
        for pragma in (
            f"busy_timeout={int(BUSY.total_seconds() * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except BaseException:
        # The pool does not own it yet, and its thread would outlive the event loop.
        connection.close()
        raise
