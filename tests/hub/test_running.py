"""What a running hub tells the commands beside it."""

import os
import signal
from pathlib import Path

import pytest

from hub.data import DataFolder
from hub.running import BrokerAddress, Running, withdraw


def running(pid: int) -> Running:
    return Running(
        pid=pid,
        url="https://localhost:8443",
        broker=BrokerAddress("127.0.0.1", 8883),
        ca="/ca.pem",
        fingerprint="0000",
    )


def test_it_is_found_while_it_serves_and_is_ready(folder: DataFolder) -> None:
    assert Running.find(folder) is None
    with folder.served():
        assert Running.find(folder) is None
        running(os.getpid()).announce(folder)
        assert Running.find(folder) == running(os.getpid())
        withdraw(folder)
        assert Running.find(folder) is None
    withdraw(folder)


@pytest.mark.parametrize("left", [b"{}", b"nonsense", None])
def test_facts_that_a_killed_hub_left_are_not_believed(
    folder: DataFolder, left: bytes | None
) -> None:
    if left is None:
        running(1).announce(folder)
    else:
        folder.write("hub.json", left)
    assert Running.find(folder) is None
    with folder.served():
        assert Running.find(folder) is None


def test_it_is_told_by_a_signal(tmp_path: Path) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: heard.append(number))
    try:
        assert running(os.getpid()).read_again()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]
    assert not running(2**22 + 1).read_again()
