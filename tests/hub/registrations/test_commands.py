"""Registrations by `rtcc-hub`, beside a hub that runs."""

import re
from asyncio import to_thread
from pathlib import Path

import pytest

from hub import cli
from hub.data import DataFolder
from hub.protocol.enrolment import Code
from tests.hub.registrations.conftest import Office


class Desk:
    """Runs commands on the hub's data folder, with the office's mail server or without one."""

    def __init__(
        self, office: Office, folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.office = office
        self._folder = folder
        self._capsys = capsys
        self._config = tmp_path / "hub.toml"
        self._config.write_text(
            f'[mail]\nhost = "localhost"\nport = {office.post.port}\ntls = "none"\n'
            'from = "rtcc@city.example"\n'
        )

    async def run(self, *arguments: str, mail: bool = True) -> tuple[int, str]:
        config = ["--config", str(self._config)] if mail else []
        status = await to_thread(
            cli.main, ["--data", str(self._folder.path), *config, "registrations", *arguments]
        )
        captured = self._capsys.readouterr()
        return status, captured.out + captured.err

    async def waiting(self) -> str:
        """Return the id of a registration that was confirmed by its link."""
        await self.office.register()
        await self.office.confirm()
        return str((await self.office.only())["id"])


@pytest.fixture
def desk(
    office: Office, folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return Desk(office, folder, tmp_path, capsys)


async def test_they_are_listed_with_what_was_written(desk: Desk) -> None:
    id_ = await desk.waiting()
    status, out = await desk.run("list")
    assert status == 0
    for told in (id_, "waiting", "Ann Example", "12 Farish St", "ann@example.org", "the porch"):
        assert told in out


async def test_an_approved_one_gets_its_code_by_mail(desk: Desk) -> None:
    id_ = await desk.waiting()
    status, out = await desk.run("approve", id_)
    assert status == 0
    assert "by mail" in out
    assert "Code" not in out
    assert "Code: " in (await desk.office.post.letter()).get_content()
    assert (await desk.office.logged())[-1] == ("approved", "commands")


async def test_without_mail_the_code_is_shown(desk: Desk) -> None:
    id_ = await desk.waiting()
    _, out = await desk.run("approve", id_, mail=False)
    found = re.search(r"Code: (\S+)", out)
    assert found is not None
    assert str(Code.parse(found[1])) == found[1]


async def test_one_is_confirmed_by_hand(desk: Desk) -> None:
    await desk.office.register()
    id_ = str((await desk.office.only())["id"])
    assert (await desk.run("confirm", id_))[0] == 0
    assert (await desk.office.only())["state"] == "waiting"


@pytest.mark.parametrize(("mail", "says"), [(True, "by mail"), (False, "not told")])
async def test_one_is_declined_with_a_reason(desk: Desk, *, mail: bool, says: str) -> None:
    id_ = await desk.waiting()
    _, out = await desk.run("decline", id_, "--reason", "too far away", mail=mail)
    assert says in out
    assert (await desk.office.only())["state"] == "declined"
    assert desk.office.post.letters.qsize() == (1 if mail else 0)


async def test_one_is_deleted(desk: Desk) -> None:
    id_ = await desk.waiting()
    assert (await desk.run("delete", id_))[0] == 0
    assert await desk.office.listed() == []
    status, out = await desk.run("delete", id_)
    assert status == 1
    assert id_ in out
