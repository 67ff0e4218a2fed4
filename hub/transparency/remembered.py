"""What someone who checks a log remembers of it from one time to the next: a small file."""

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


class StateError(Exception):
    """The file cannot be read or written; one clear line."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The last checkpoint that was verified, and when the hub showed it (None: it was a copy)."""

    checkpoint: str
    seen: datetime | None

    @classmethod
    def read(cls, path: Path) -> Remembered | None:
        """Read the file; None if there is none yet.

        Raises:
            StateError: if it is damaged. It is not overwritten then: it may be evidence.

        """
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            seen = value["seen"]
            return cls(
                str(value["checkpoint"]),
                None if seen is None else datetime.fromisoformat(seen).astimezone(UTC),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
            raise StateError(f"{path} cannot be read as what was seen before: {err}") from err

    def write(self, path: Path) -> None:
        """Write the file, all or nothing.

        Raises:
            StateError: if that fails.

        """
        seen = None if self.seen is None else self.seen.isoformat()
        text = json.dumps({"checkpoint": self.checkpoint, "seen": seen}, indent=2)
        try:
            replace_file(path, f"{text}\n".encode())
        except OSError as err:
            raise StateError(f"{path} cannot be written: {err.strerror}") from err


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that after a power cut it is the old one or the new one.

    Raises:
        OSError: if that fails; the old one is there still.

    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
