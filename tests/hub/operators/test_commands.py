"""`rtcc-hub operators`: the first administrator gets in by the hub's machine."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub import cli
from hub.data import DataFolder
from hub.operators.invitations import invited
from hub.protocol.entries import Entry
from hub.store.engine import open_database
from hub.store.tables import log_entries, operators

type Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["--data", str(data), "operators", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def in_database[T](data: Path, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def open_and_work() -> T:
        engine = await open_database(DataFolder.open(data))
        async with engine.begin() as connection:
            found = await work(connection)
        await engine.dispose()
        return found

    return asyncio.run(open_and_work())


def test_the_first_administrator_is_invited(run: Run, data: Path) -> None:
    status, out, _ = run("invite", "Ann", "--role", "administrator", "--login", "Ann@Example.gov")
    assert status == 0
    found = re.search(r"Operator: (\w+)\n.*\nLink: https://\S+:8443/join#(\S+)\n", out)
    assert found is not None
    operator, secret = found.groups()

    async def whom(connection: AsyncConnection) -> str:
        return await invited(connection, secret, datetime.now(UTC))

    assert in_database(data, whom) == operator
    assert re.search(rf"{operator}  operator-\w+ \(administrator\)  Ann  invited", run("list")[1])


def test_each_act_is_an_entry_of_the_command(run: Run, data: Path) -> None:
    operator = run("invite", "Ann", "--role", "officer")[1].split()[1]
    assert run("disable", operator)[0] == 0
    assert "disabled" in run("list")[1]
    assert run("enable", operator)[0] == 0
    assert "Link: " in run("reinvite", operator, "--replace")[1]

    async def written(connection: AsyncConnection) -> list[bytes]:
        rows = await connection.scalars(
            select(log_entries.c.data).where(log_entries.c.kind == "operator")
        )
        return list(rows)

    found = [Entry.parse(data) for data in in_database(data, written)]
    assert [one.outcome for one in found] == ["invited", "disabled", "enabled", "invited-again"]
    assert {one.actor for one in found} == {"commands"}


def test_a_locked_account_shows(run: Run, data: Path) -> None:
    run("invite", "Ann", "--role", "officer")

    async def lock(connection: AsyncConnection) -> None:
        await connection.execute(
            update(operators).values(locked=datetime.now(UTC), last_used=datetime.now(UTC))
        )

    in_database(data, lock)
    assert "by failed sign-ins" in run("list")[1]
    assert run("enable", run("list")[1].split()[0])[0] == 0
    assert "last signed in" in run("list")[1]


def test_who_is_not_there(run: Run) -> None:
    assert run("disable", "nobody")[::2] == (1, "rtcc-hub: There is no such operator.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("invite", "Ann"),
        ("invite", "", "--role", "officer"),
        ("invite", "a\nb", "--role", "officer"),
        ("invite", "Ann", "--role", "chief"),
        ("invite", "Ann", "--role", "officer", "--hours", "0"),
        ("invite", "Ann", "--role", "officer", "--hours", "721"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2
