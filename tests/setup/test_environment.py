"""The set-up gives a Python, brokers and a clock that work, and a second run is quick."""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest


def test_python_is_new_enough() -> None:
    assert sys.version_info >= (3, 14, 2)
    assert metadata.version("homeassistant") == "2026.10.4"


def test_source_distributions_find_the_headers() -> None:
    assert (Path(sysconfig.get_paths()["include"]) / "Python.h").exists()


def test_child_processes_inherit_no_library_path() -> None:
    assert "LD_LIBRARY_PATH" not in os.environ


@pytest.mark.parametrize(("name", "version"), [("mosquitto", "2."), ("mosquitto-2.0", "2.0.")])
def test_brokers_start(program: Callable[[str], Path], name: str, version: str) -> None:
    shown = subprocess.run([program(name), "-h"], capture_output=True, text=True, check=False)
    assert shown.stdout.startswith(f"mosquitto version {version}")


def test_browser_starts(program: Callable[[str], Path]) -> None:
    shown = subprocess.run(
        [program("chromium"), "--version"], capture_output=True, text=True, check=True
    )
    assert "Chrom" in shown.stdout


def test_clock_of_a_process_can_be_set(faketime: Path) -> None:
    environment = {**os.environ, "LD_PRELOAD": str(faketime), "FAKETIME": "@2030-01-01 12:00:00"}
    shown = subprocess.run(
        [sys.executable, "-c", "import datetime; print(datetime.datetime.now().isoformat())"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert shown.stdout.startswith("2030-01-01T12:00:0")


def test_second_set_up_is_quick(root: Path) -> None:
    subprocess.run([root / "script/setup"], capture_output=True, check=True)
    started = time.monotonic()
    shown = subprocess.run([root / "script/setup"], capture_output=True, text=True, check=True)
    assert "Set up already" in shown.stdout
    assert time.monotonic() - started < 5


def test_unknown_option_is_refused(root: Path) -> None:
    shown = subprocess.run(
        [root / "script/setup", "--nxet"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 2
    assert "--nxet" in shown.stderr
