"""Every decision can be made again from the log, and comes out the same; or it shows."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hub import cli
from hub.data import DataFolder
from hub.errors import Problem
from hub.protocol.documents import canonical
from hub.protocol.geo import Point
from tests.hub.whole import CAPITOL, WholeHub

AWAY = Point(CAPITOL.lat + 0.02, CAPITOL.lon)


@pytest.fixture
async def database(whole: WholeHub, folder: DataFolder, tmp_path: Path) -> Path:
    """A copy of the database of a hub with looks of many kinds, allowed and refused."""
    here, there = await whole.home(streaming=True), await whole.home(AWAY)
    incident, wide = await whole.incident(), await whole.incident(radius_m=800)
    for camera in (here.identity.camera, there.identity.camera, "0123456789abcdef"):
        await whole.look(incident, camera)
        await whole.look(wide, camera)
    caller = await whole.tokens.authenticate(whole.bearer, whole.clock())
    await whole.hub.streams.open(incident, here.identity.camera, "v=0", caller)
    with pytest.raises(Problem):
        await whole.hub.streams.open(incident, there.identity.camera, "v=0", caller)
    await whole.ask("POST", f"incidents/{incident}/close")
    await whole.look(incident, here.identity.camera)
    copy = tmp_path / "copy.db"
    with (
        closing(sqlite3.connect(folder.file("hub.db"))) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    return copy


def change(database: Path, path: tuple[str, ...], value: object, outcome: str | None = None) -> int:
    """Change something in the first allowed look, and return its index."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for index, data in connection.execute(
            'SELECT "index", data FROM log_entries WHERE kind = ? ORDER BY "index"', ("look",)
        ).fetchall():
            entry = json.loads(data)
            if entry["outcome"] != "allowed":
                continue
            inner = entry
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = value
            entry["outcome"] = outcome or entry["outcome"]
            connection.execute(
                'UPDATE log_entries SET data = ? WHERE "index" = ?', (canonical(entry), index)
            )
            return int(index)
    raise AssertionError("no look was allowed")


async def test_all_comes_out_the_same(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["replay", "--database", str(database)]) == 0
    assert capsys.readouterr().out == "9 of 9 looks were decided as their policy says.\n"


@pytest.mark.parametrize(
    ("path", "value", "outcome", "says"),
    [
        (("case", "incident", "kind"), "loitering", None, "kind_not_allowed"),
        (("case", "role"), "auditor", None, "role_not_allowed"),
        (("case", "incident", "closed"), "2026-01-01T00:00:00+00:00", None, "incident_not_open"),
        (("case", "permission"), None, None, "not_live"),
        (("reason",), "outside_circle", "refused", "was refused, and the policy says allowed"),
        (("incident", "circle", "radius_m"), "800.0", None, "another incident"),
        (("scope",), "stream", None, "another scope"),
        (("case", "scope"), "sound", None, "scope is none of"),
        (("policy",), "x" * 43, None, "is not kept"),
        (("salt",), 1, None, "salt"),
    ],
)
async def test_what_was_decided_otherwise_is_found(
    database: Path,
    capsys: pytest.CaptureFixture[str],
    path: tuple[str, ...],
    value: object,
    outcome: str | None,
    says: str,
) -> None:
    root = path if path[0] == "salt" else ("about", *path)
    index = change(database, root, value, outcome)
    assert cli.main(["replay", "--database", str(database)]) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"WRONG in entry {index}: ")
    assert says in first
    assert last == "8 of 9 looks were decided as their policy says."


@pytest.mark.parametrize("document", ["{}", "nonsense", '{"version":"2","kinds":{}}'])
async def test_a_policy_that_was_exchanged_is_found(
    database: Path, capsys: pytest.CaptureFixture[str], document: str
) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE documents SET document = ? WHERE kind = 'policy'", (document,))
    assert cli.main(["replay", "--database", str(database)]) == 1
    assert "0 of 9 looks" in capsys.readouterr().out


async def test_another_valid_policy_under_the_same_name_is_found(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        (text,) = connection.execute(
            "SELECT document FROM documents WHERE kind = 'policy'"
        ).fetchone()
        wider = json.loads(text)
        wider["kinds"]["robbery"]["radius_m"] = 5_000
        connection.execute(
            "UPDATE documents SET document = ? WHERE kind = 'policy'", (json.dumps(wider),)
        )
    assert cli.main(["replay", "--database", str(database)]) == 1
    assert "another document" in capsys.readouterr().out


async def test_a_refusal_for_another_reason_is_found(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        index, data = connection.execute(
            "SELECT \"index\", data FROM log_entries WHERE kind = 'look' AND"
            ' instr(data, \'"outcome":"refused"\') ORDER BY "index"'
        ).fetchone()
        entry = json.loads(data)
        entry["about"]["reason"] = "pilot_full"
        connection.execute(
            'UPDATE log_entries SET data = ? WHERE "index" = ?', (canonical(entry), index)
        )
    assert cli.main(["replay", "--database", str(database)]) == 1
    assert "was refused for pilot_full" in capsys.readouterr().out


def test_what_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.db").write_text("nothing")
    assert cli.main(["replay", "--database", str(tmp_path / "x.db")]) == 2
    assert cli.main(["replay", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("Not replayed") == 2
