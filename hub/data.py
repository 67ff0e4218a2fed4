"""The data folder: the one place where the hub keeps files, private and never half-written."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hub.errors import StartError

FOLDER_MODE = 0o700
FILE_MODE = 0o600
# A command that looks whether a hub serves holds its lock for a moment.
_TRIES, _MOMENT_S = 20, 0.01
_SERVING = ".serving"
_CHANGING = ".changing"


def one_line(action: str, path: Path, err: OSError) -> StartError:
    """Return the error of the operating system as one clear line."""
    return StartError(f"cannot {action} {path}: {err.strerror or err}")


def write_whole(path: Path, content: str | bytes, mode: int = FILE_MODE) -> None:
    """Write a file, all of it or nothing; unless told otherwise only its owner may read it.

    Raises:
        StartError: if it cannot be written (full disk, no permission).

    """
    data = content.encode() if isinstance(content, str) else content
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as err:
        raise one_line("write", path, err) from err
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as err:
        with suppress(OSError):
            Path(name).unlink()
        raise one_line("write", path, err) from err


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder of the hub's own; every file in it is private."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Make the folder if it is not there, and see that nobody else may look into it.

        Raises:
            StartError: if it cannot be made or belongs to another.

        """
        path = path.absolute()
        try:
            path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            path.chmod(FOLDER_MODE)
        except OSError as err:
            raise one_line("use the data folder", path, err) from err
        return cls(path)

    def file(self, name: str) -> Path:
        """Return the path of a file, whose folder is there; the file may not be."""
        path = self.path / name
        if path.parent != self.path:
            try:
                path.parent.mkdir(mode=FOLDER_MODE, exist_ok=True)
            except OSError as err:
                raise one_line("make", path.parent, err) from err
        return path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file, all of it or nothing, and return its path."""
        path = self.file(name)
        write_whole(path, content)
        return path

    def read(self, name: str) -> str | None:
        """Return a file's text, or None if it is not there.

        Raises:
            StartError: if it is there and cannot be read.

        """
        path = self.path / name
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as err:
            raise StartError(f"cannot read {path}: it is not a text file") from err
        except OSError as err:
            raise one_line("read", path, err) from err

    @contextmanager
    def served(self) -> Iterator[None]:
        """Hold the folder as its one running hub.

        Raises:
            StartError: if another hub holds it.

        """
        with self._locked(_SERVING, wait=False, tries=_TRIES) as descriptor:
            try:
                os.truncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
            except OSError as err:
                raise one_line("write", self.path / _SERVING, err) from err
            yield

    def server(self) -> int | None:
        """Return the process that holds the folder as its hub, if there is one."""
        try:
            with self._locked(_SERVING, wait=False):
                return None
        except StartError:
            return int(self.read(_SERVING) or 0) or None

    @contextmanager
    def changed(self) -> Iterator[None]:
        """Hold the folder while keys or tables are made: the hub and its commands take turns."""
        with self._locked(_CHANGING, wait=True):
            yield

    @contextmanager
    def _locked(self, name: str, *, wait: bool, tries: int = 1) -> Iterator[int]:
        path = self.file(name)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        except OSError as err:
            raise one_line("open", path, err) from err
        try:
            for left in reversed(range(tries)):
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
                    break
                except BlockingIOError:
                    if not left:
                        raise
                    time.sleep(_MOMENT_S)
            yield descriptor
        except BlockingIOError as err:
            raise StartError(f"another hub is running with the data folder {self.path}") from err
        finally:
            os.close(descriptor)
