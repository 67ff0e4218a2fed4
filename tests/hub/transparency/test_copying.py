"""A copy of the log for an auditor: whole, checkable, nothing else in it, and told in the log."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub import cli
from hub.data import DataFolder
from hub.errors import StartError
from hub.protocol.entries import EntryKind
from hub.store.engine import open_database
from hub.transparency import copying, verify
from hub.transparency.copying import copy_log
from hub.transparency.database_copy import entries_in
from tests.hub.transparency.histories import KEY, Stepping, history, open_log


async def opened(folder: Path, count: int) -> AsyncEngine:
    await history(folder, count)
    return await open_database(DataFolder.open(folder))


async def test_a_copy_holds_the_whole_log_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_MANY", 4)
    engine, copy = await opened(tmp_path / "hub", 10), tmp_path / "copy.db"
    log = await open_log(engine, Stepping(datetime(2026, 12, 1, tzinfo=UTC)))
    assert await copy_log(engine, log, copy) == 11
    await engine.dispose()
    assert verify.main(["--database", str(copy), "--key", KEY]) == 0
    found = list(entries_in(copy))
    assert len(found) == 11
    assert (found[-1][1].kind, found[-1][1].actor) == (EntryKind.EXPORT, "commands")
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert tables == {"log_entries", "log_checkpoints"}


async def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    engine, copy = await opened(tmp_path / "hub", 2), tmp_path / "copy.db"
    log = await open_log(engine, Stepping())
    copy.write_text("mine")
    for path in (copy, tmp_path / "nowhere" / "copy.db"):
        with pytest.raises(StartError, match="cannot write"):
            await copy_log(engine, log, path)
    await engine.dispose()
    assert (copy.read_text(), len(log)) == ("mine", 2)


async def test_half_a_copy_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, copy = await opened(tmp_path / "hub", 2), tmp_path / "copy.db"
    log = await open_log(engine, Stepping())
    for tables, error in ((("nonsense",), StartError), ((None,), TypeError)):
        monkeypatch.setattr(copying, "_TABLES", tables)
        with pytest.raises(error):
            await copy_log(engine, log, copy)
        assert not copy.exists()
    await engine.dispose()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy.db"
    arguments = ["--data", str(tmp_path / "data"), "copy-log", "--out", str(copy)]
    assert cli.main(arguments) == 0
    assert "1 entries" in capsys.readouterr().out
    assert cli.main(arguments) == 1
    assert "cannot write" in capsys.readouterr().err
