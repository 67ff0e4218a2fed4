"""The hub's database for tests that are not about migrations: made once, then copied."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.data import DataFolder
from hub.store.engine import open_database, upgrade


async def open_migrated(folder: DataFolder) -> AsyncEngine:
    """Open the database as the hub does; a new one begins with every table.

    The hub still looks which migrations it has, and finds that there are no more to run.
    """
    path = folder.file("hub.db")
    if not path.exists():
        path.write_bytes(_newest())
    return await open_database(folder)


@cache
def _newest() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.db"
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()
        return path.read_bytes()
