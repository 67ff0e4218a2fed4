"""After everything that ran before: no secret in a log, no picture kept, no file open to others."""

import json
import stat
from pathlib import Path

from demo.home_assistant_client import PASSWORD
from demo.stack import TOKEN_FILE
from tests.e2e.conftest import WholePath

JPEG = b"\xff\xd8\xff"


async def test_logs_hold_no_secrets(path: WholePath) -> None:
    stack = path.stack
    code = await stack.hub.new_code()
    assert (await path.operator.look(await path.incident(), path.camera)).ok
    [identity] = [
        json.loads(file.read_text())["data"]
        for file in stack.home_assistant.folder.glob(".storage/jackson_rtcc.*")
        if file.is_file() and "signing_key" in file.read_text()
    ]
    secrets = {
        "the operator's token": (stack.hub.data / TOKEN_FILE).read_text(),
        "an enrolment code": code,
        "the owner's password": PASSWORD,
        "a private key": "PRIVATE KEY",
        "the home's signing key": identity["signing_key"].splitlines()[1],
        "the home's TLS key": identity["tls_key"].splitlines()[1],
        "a signed token": "eyJ",
        "the owner's name": "Demo Resident",
    }

    for log in (stack.data / "logs").iterdir():
        text = log.read_text(errors="replace")
        found = [what for what, secret in secrets.items() if secret in text]
        assert not found, f"{log.name} holds {found}"


async def test_the_hub_s_log_tells_no_place(path: WholePath) -> None:
    await path.incident()

    log = (path.stack.data / "logs/hub.log").read_text()

    assert "32.29" not in log
    assert "90.18" not in log


async def test_the_hub_keeps_no_picture(path: WholePath) -> None:
    assert (await path.operator.look(await path.incident(), path.camera)).ok

    kept = [
        file
        for file in path.stack.hub.data.rglob("*")
        if file.is_file() and JPEG in file.read_bytes()
    ]
    assert kept == []


async def test_nobody_else_may_read_the_data(path: WholePath) -> None:
    hub = path.stack.hub.data
    ours = [hub, *(file for file in hub.rglob("*") if file.name != "demo-ports.json")]
    stores = path.stack.home_assistant.folder.glob(".storage/jackson_rtcc.*")

    assert [file for file in (*ours, *stores) if _open_to_others(file)] == []


def _open_to_others(file: Path) -> bool:
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)
