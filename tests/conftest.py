"""What tests of every part share: the programs that they run, or loud words when one is missing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def missing(what: str) -> None:
    """Skip with a reason that the summary prints; in continuous integration, fail."""
    message = f"{what} is missing: run script/setup --next and read what it says"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def program() -> Callable[[str], Path]:
    """Find a program of the checkout's private tools, else the machine's, else skip or fail."""

    def find(name: str) -> Path:
        places = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
        private = ROOT / ".tools/bin" / name
        found = private if private.exists() else shutil.which(name, path=places)
        if found is None:
            missing(name)
        return Path(str(found))

    return find


@pytest.fixture(scope="session")
def faketime() -> Path:
    """Give the library that, by LD_PRELOAD and FAKETIME, sets the clock of a real process."""
    library = ROOT / ".tools/lib/faketime/libfaketime.so.1"
    if not library.exists():
        missing("libfaketime")
    return library


@pytest.fixture(scope="session")
def next_python() -> Path:
    """Give the interpreter of the environment with the next Home Assistant."""
    python = ROOT / ".venv-next/bin/python"
    if not python.exists():
        missing("The environment of the next Home Assistant (.venv-next)")
    return python
