"""The hub's wheel is complete in itself: the linked protocol package arrives as real files."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target],
        cwd=root,
        check=True,
        capture_output=True,
    )
    return next(target.glob("*.whl"))


def test_protocol_is_real_files(wheel: Path, root: Path) -> None:
    source = root / "custom_components/jackson_rtcc/protocol"
    with ZipFile(wheel) as archive:
        packed = {
            name: archive.read(name)
            for name in archive.namelist()
            if name.startswith("hub/protocol/") and name.endswith(".py")
        }
    assert packed == {
        f"hub/protocol/{file.relative_to(source)}": file.read_bytes()
        for file in source.rglob("*.py")
    }


def test_wheel_carries_the_hub_alone(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert top == {"hub", "jackson_rtcc_hub-0.1.0.dist-info"}


def test_import_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import hub.protocol
print(hub.protocol.__file__)
"""
    shown = subprocess.run(
        [sys.executable, "-I", "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == str(tmp_path / "hub/protocol/__init__.py")
