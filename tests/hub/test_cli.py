"""The command `rtcc-hub`, beside a hub that runs and without one."""

import asyncio
import os
import re
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import cli
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.operators.tokens import Tokens
from hub.protocol.enrolment import Code
from hub.protocol.entries import Entry
from hub.protocol.vocabulary import Role
from hub.running import BrokerAddress, Running
from hub.store.engine import open_database
from tests.hub.conftest import log_of

type Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["--data", str(data), *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_a_code_before_the_first_start(run: Run, data: Path) -> None:
    status, out, _ = run("code", "--label", "Ann", "--days", "2")
    assert status == 0
    found = re.search(r"Code: +(\S+)", out)
    assert found is not None
    authority = Authority.open(DataFolder.open(data), "Jackson", datetime.now(UTC))
    assert Code.parse(found[1]).fits(authority.der)
    assert re.search(r"Hub: +https://\S+:8443", out)
    assert re.search(r"Fingerprint: [0-9a-f ]{24}", out)


def announce(data: Path, pid: int) -> Running:
    running = Running(
        pid=pid,
        url="https://localhost:4443",
        broker=BrokerAddress("127.0.0.1", 1),
        ca="",
        fingerprint="",
    )
    running.announce(DataFolder.open(data))
    return running


def test_beside_a_running_hub_the_code_names_its_address(run: Run, data: Path) -> None:
    with DataFolder.open(data).served():
        announce(data, os.getpid())
        _, out, _ = run("code")
    assert "https://localhost:4443" in out


def test_an_address_with_colons_is_bracketed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTCC_HTTP__BIND", "2001:db8::5")
    assert "https://[2001:db8::5]:8443" in run("code")[1]


def test_tokens_are_made_listed_and_revoked(run: Run, data: Path) -> None:
    status, out, _ = run(
        "token", "dispatch", "--role", "supervisor", "--scope", "grants:read", "--scope",
        "looks:write", "--pseudonym", "desk 1",
    )  # fmt: skip
    assert status == 0
    made = re.search(r"Token: +(rtcc_\S+)\nId: +(\S+)", out)
    assert made is not None
    secret, token_id = made.groups()
    _, listed, _ = run("tokens", "list")
    assert "dispatch  desk 1 (supervisor)  grants:read looks:write  until" in listed
    assert secret not in listed
    assert run("tokens", "revoke", token_id)[0] == 0
    assert "ended" in run("tokens", "list")[1]
    status, _, err = run("tokens", "revoke", token_id)
    assert status == 1
    assert err.startswith("rtcc-hub: there is no API token")

    async def role() -> Role:
        engine = await open_database(DataFolder.open(data))
        [token] = await Tokens(engine, log_of(engine)).list()
        await engine.dispose()
        return token.caller.role

    assert asyncio.run(role()) is Role.SUPERVISOR


def test_a_running_hub_is_told(run: Run, data: Path) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: heard.append(number))
    try:
        _, out, _ = run("token", "x", "--scope", "grants:read")
        token_id = out.split("Id:")[1].split()[0]
        with DataFolder.open(data).served():
            announce(data, os.getpid())
            assert run("tokens", "revoke", token_id)[0] == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]


def test_a_running_hub_that_cannot_be_told_is_mentioned(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out, _ = run("token", "x", "--scope", "grants:read")
    token_id = out.split("Id:")[1].split()[0]
    monkeypatch.setattr(Running, "read_again", lambda _: False)
    with DataFolder.open(data).served():
        announce(data, os.getpid())
        _, out, _ = run("tokens", "revoke", token_id)
    assert "could not be told: restart it" in out


def test_homes_are_listed_and_removed(run: Run) -> None:
    assert run("homes", "list")[:2] == (0, "")
    status, _, err = run("homes", "remove", "abc")
    assert (status, err) == (1, "rtcc-hub: there is no enrolled home abc\n")


def test_the_files_for_a_citys_broker(run: Run, tmp_path: Path) -> None:
    city = tmp_path / "city"
    status, out, _ = run(
        "broker-config", "--out", str(city), "--host", "mqtt.example", "--port", "8884"
    )
    assert status == 0
    assert str(city / "README.txt") in out
    assert {path.name for path in city.iterdir()} == {
        "README.txt", "acl", "ca.pem", "crl.pem", "mosquitto.conf", "server.key", "server.pem",
    }  # fmt: skip
    assert "listener 8884\n" in (city / "mosquitto.conf").read_text()
    assert 'host = "mqtt.example"' in (city / "README.txt").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("token",),
        ("token", "x"),
        ("token", "x", "--scope", "nonsense"),
        ("token", "x" * 101, "--scope", "grants:read"),
        ("token", "x", "--scope", "grants:read", "--pseudonym", "x" * 41),
        ("code", "--days", "0"),
        ("code", "--days", "x"),
        ("code", "--label", "a\nb"),
    ],
)
def test_wrong_usage_is_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2


def test_a_bad_configuration_is_status_1_and_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text("[http]\nport = 'x'\n")
    status, out, err = run("--config", str(path), "code")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "http.port" in err


def test_a_database_that_fails_is_one_line(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("tokens", "list")
    database = data / "hub.db"

    async def broken(*_: object) -> object:
        engine = await open_database(DataFolder.open(data))
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE api_tokens")
        return engine

    monkeypatch.setattr(cli, "open_database", broken)
    status, _, err = run("tokens", "list")
    assert (status, err) == (1, "rtcc-hub: the database failed: no such table: api_tokens\n")
    assert database.exists()


def test_a_hub_whose_log_cannot_be_written_does_not_start(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("tokens", "list")
    with sqlite3.connect(data / "hub.db") as database:
        database.execute("ALTER TABLE log_entries RENAME TO elsewhere")
    monkeypatch.setenv("RTCC_HTTP__PORT", "0")
    monkeypatch.setenv("RTCC_BROKER__PORT", "0")
    status, _, err = run("serve")
    assert status == 1
    assert "rtcc-hub: cannot write the access log: no such table: log_entries" in err


def test_what_the_commands_do_is_entered(run: Run, data: Path) -> None:
    run("code")
    _, out, _ = run("token", "x", "--scope", "grants:read")
    token = out.split("Id:")[1].split()[0]
    run("tokens", "revoke", token)
    run("tokens", "revoke", token)  # does nothing
    with sqlite3.connect(data / "hub.db") as database:
        rows = database.execute('SELECT data FROM log_entries ORDER BY "index"').fetchall()
    invited, made, revoked = [Entry.parse(data) for (data,) in rows]
    assert (invited.kind, invited.outcome) == ("home", "invited")
    assert (made.kind, made.outcome, made.about["token"]) == ("token", "made", token)
    assert (revoked.outcome, revoked.about) == ("revoked", {"token": token})
    assert {entry.actor for entry in (invited, made, revoked)} == {"commands"}


def test_serve_is_given_the_configuration_and_the_folder(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTCC_BROKER__MODE", "nonsense")
    assert run("serve")[0] == 1
    monkeypatch.setenv("RTCC_BROKER__MODE", "embedded")
    with DataFolder.open(data).served():
        status, _, err = run("serve")
    assert status == 1
    assert "another hub is running with the data folder" in err
