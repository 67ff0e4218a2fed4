"""The lock files hold hashes, no addresses, and one truth about versions."""

import re
from pathlib import Path

import pytest

LOCKS = ["bootstrap", "dev", "ha-next", "hub"]


def read(root: Path, name: str) -> str:
    return (root / "requirements" / f"{name}.txt").read_text()


def versions(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_no_addresses(root: Path, name: str) -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host|/work|/tmp", read(root, name))


@pytest.mark.parametrize("name", LOCKS)
def test_every_version_has_hashes(root: Path, name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", read(root, name))[1:]
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_hub_runs_on_what_was_tested(root: Path) -> None:
    hub, dev = versions(read(root, "hub")), versions(read(root, "dev"))
    assert hub.items() <= dev.items()


def test_home_assistant_versions(root: Path) -> None:
    assert versions(read(root, "dev"))["homeassistant"] == "2026.10.4"
    assert versions(read(root, "ha-next"))["homeassistant"].startswith("2026.11.")
