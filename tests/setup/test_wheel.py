"""The hub's wheel is complete in itself: the linked protocol package arrives as real files."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

NO_NODE = {**os.environ, "PATH": "/nowhere"}
"""What runs in it finds no Node.js of the machine, nor anything else."""


def packed(folder: Path, target: Path, kind: str) -> Path:
    """Pack what is in a folder and return the package."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target],
        cwd=folder,
        check=True,
        capture_output=True,
        env=NO_NODE,
    )
    return next(target.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(root, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def sources(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.unpack_archive(packed(root, folder, "sdist"), folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def console_in(wheel: Path) -> dict[str, bytes]:
    """Return the console's files in a wheel, after a look at what the page needs."""
    with ZipFile(wheel) as archive:
        files = {
            name.removeprefix("hub/console/built/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("hub/console/built/")
        }
    named = re.findall(r'(?:src|href)="/console/([^"]+)"', files["index.html"].decode())
    assert len(named) >= 2
    assert set(named) <= files.keys()
    return files


def test_protocol_is_real_files(wheel: Path, root: Path) -> None:
    source = root / "custom_components/jackson_rtcc/protocol"
    with ZipFile(wheel) as archive:
        found = {
            name: archive.read(name)
            for name in archive.namelist()
            if name.startswith("hub/protocol/") and name.endswith(".py")
        }
    assert found == {
        f"hub/protocol/{file.relative_to(source)}": file.read_bytes()
        for file in source.rglob("*.py")
    }


def test_wheel_carries_the_hub_alone(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"hub", "jackson_rtcc_hub-0.1.0.dist-info"}
    assert [name for name in names if name.startswith("hub/console/web")] == []


def test_wheel_carries_the_console(wheel: Path, root: Path) -> None:
    files = console_in(wheel)
    assert any(name.endswith(".js.gz") for name in files)
    text = b"".join(data for name, data in files.items() if name.endswith((".js", ".html")))
    assert str(root).encode() not in text


def test_sources_build_the_same_wheel(sources: Path, wheel: Path, tmp_path: Path) -> None:
    """Also where npm's registry is out of reach: they carry the console that was built."""
    assert not (sources / "hub/console/web/node_modules").exists()
    with ZipFile(packed(sources, tmp_path, "wheel")) as again, ZipFile(wheel) as first:
        assert sorted(again.namelist()) == sorted(first.namelist())
        assert console_in(wheel) == {
            name.removeprefix("hub/console/built/"): again.read(name)
            for name in again.namelist()
            if name.startswith("hub/console/built/")
        }


def test_the_console_is_built_without_any_node_of_the_machine(
    sources: Path, wheel: Path, root: Path, tmp_path: Path
) -> None:
    built = sources / "hub/console/built"
    before = (built / "stamp").read_text()
    modules = sources / "hub/console/web/node_modules"
    modules.symlink_to(root / "hub/console/web/node_modules")
    (built / "stamp").write_text("other sources")
    try:
        files = console_in(packed(sources, tmp_path, "wheel"))
    finally:
        modules.unlink()
    assert files["stamp"].decode() == before
    assert files == console_in(wheel)
    assert [path for path in built.parent.glob("built.*") if path.is_dir()] == []


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
