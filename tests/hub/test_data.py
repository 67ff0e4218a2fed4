"""The data folder: private, whole files, one hub."""

import errno
import os
import stat
from pathlib import Path

import pytest

from hub.data import DataFolder, write_whole
from hub.errors import StartError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_look_into_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    folder = DataFolder.open(tmp_path / "data")
    written = folder.write("keys/a.key", "secret")
    assert [mode(path) for path in (folder.path, written.parent, written)] == [0o700, 0o700, 0o600]
    assert folder.read("keys/a.key") == "secret"
    assert folder.read("keys/b.key") is None


def test_a_file_is_replaced_whole_or_not_at_all(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder.write("a", "before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StartError, match=f"cannot write {path}: No space left on device"):
        folder.write("a", "after")
    assert folder.read("a") == "before"
    assert [found.name for found in folder.path.iterdir()] == ["a"]


def test_a_full_device_is_one_line() -> None:
    with pytest.raises(StartError, match="cannot write /dev/full/a"):
        write_whole(Path("/dev/full/a"), "x")


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="cannot use the data folder"):
        DataFolder.open(tmp_path / "file/data")
    folder = DataFolder.open(tmp_path / "data")
    folder.write("keys", "a file where a folder should be")
    with pytest.raises(StartError, match="cannot make"):
        folder.write("keys/a", "x")
    with pytest.raises(StartError, match="cannot read"):
        folder.read("keys/a")
    folder.write("binary", b"\xff\xfe")
    with pytest.raises(StartError, match="not a text file"):
        folder.read("binary")
    (folder.path / ".serving").mkdir()
    with pytest.raises(StartError, match="cannot open"), folder.served():
        pass


def test_two_hubs_do_not_share_a_folder(folder: DataFolder) -> None:
    assert folder.server() is None
    with folder.served():
        assert folder.server() == os.getpid()
        with pytest.raises(StartError, match="another hub is running"), folder.served():
            pass
    assert folder.server() is None
    with folder.served(), folder.changed():
        pass
