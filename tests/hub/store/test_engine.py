"""The database: opened, private, and always with the tables that the code expects."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from hub.data import DataFolder
from hub.errors import StartError
from hub.store import engine as module
from hub.store.engine import open_database
from hub.store.tables import metadata


async def test_migrations_make_exactly_the_tables_of_the_code(folder: DataFolder) -> None:
    engine = await open_database(folder)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_opening_again_changes_nothing(folder: DataFolder) -> None:
    versions = []
    for _ in range(2):
        engine = await open_database(folder)
        async with engine.connect() as connection:
            versions.append(
                await connection.scalar(text("SELECT version_num FROM alembic_version"))
            )
        await engine.dispose()
    assert versions[0] == versions[1] >= "0003"


async def test_two_may_open_it_for_the_first_time_at_once(folder: DataFolder) -> None:
    async def in_a_process() -> int:
        code = (
            "import asyncio, pathlib, sys\n"
            "from hub.data import DataFolder\n"
            "from hub.store.engine import open_database\n"
            "async def main():\n"
            "    folder = DataFolder.open(pathlib.Path(sys.argv[1]))\n"
            "    await (await open_database(folder)).dispose()\n"
            "asyncio.run(main())\n"
        )
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, folder.path)
        return await process.wait()

    assert sum(await asyncio.gather(in_a_process(), in_a_process())) == 0


async def test_every_connection_is_durable_and_patient(folder: DataFolder) -> None:
    engine = await open_database(folder)
    found = {}
    async with engine.connect() as connection:
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            found[pragma] = await connection.scalar(text(f"PRAGMA {pragma}"))
    await engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


async def test_only_the_owner_can_read_it(folder: DataFolder) -> None:
    engine = await open_database(folder)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.path.glob("hub.db*")}
    await engine.dispose()
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "database.url"),
        ("oracle+nothing://x", "database.url"),
        ("sqlite+aiosqlite:////nowhere/at/all/hub.db", "unable to open database file"),
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_line(
    folder: DataFolder, url: str, says: str
) -> None:
    with pytest.raises(StartError, match=says) as caught:
        await open_database(folder, url)
    assert "\n" not in str(caught.value)


async def test_a_file_that_is_no_database_is_one_line(folder: DataFolder) -> None:
    folder.write("hub.db", "not a database at all, but long enough to be looked at" * 40)
    with pytest.raises(StartError, match="not a database"):
        await open_database(folder)


async def test_a_folder_in_its_place_is_one_line(folder: DataFolder) -> None:
    (folder.path / "hub.db").mkdir()
    with pytest.raises(StartError, match="cannot open"):
        await open_database(folder)


async def test_a_step_that_fails_leaves_nothing_half_made(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tmp_path / "migrations"
    (steps / "versions").mkdir(parents=True)
    (steps / "env.py").write_text((module._MIGRATIONS / "env.py").read_text())
    (steps / "versions/broken.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = '0001', None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE first (a INTEGER)')\n"
        "    op.execute('this is not SQL')\n"
    )
    monkeypatch.setattr(module, "_MIGRATIONS", steps)
    with pytest.raises(StartError, match="syntax error"):
        await open_database(folder)
    monkeypatch.undo()
    engine = await open_database(folder)
    async with engine.connect() as connection:
        tables = await connection.scalars(text("SELECT name FROM sqlite_master"))
        assert "first" not in set(tables)
    await engine.dispose()
