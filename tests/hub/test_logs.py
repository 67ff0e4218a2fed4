"""How the hub logs: a line for a person, or an object for a machine."""

import json
import logging
import sys

import pytest

from hub.logs import JsonLines, set_up


def test_a_record_is_one_json_object() -> None:
    try:
        int("why")
    except ValueError:
        record = logging.LogRecord(
            "hub.x", logging.WARNING, __file__, 1, "Refused %s", ("it",), sys.exc_info()
        )
    line = JsonLines().format(record)
    assert "\n" not in line
    value = json.loads(line)
    assert value["level"] == "warning"
    assert value["message"] == "Refused it"
    assert value["time"].endswith("+00:00")
    assert "ValueError" in value["exception"]


@pytest.mark.parametrize("as_json", [True, False])
def test_logs_go_to_standard_error(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        set_up("info", json=as_json)
        logging.getLogger("hub.test").info("Something happened")
        logging.getLogger("hub.test").debug("Not this")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "Something happened" in lines[0]
    assert lines[0].startswith("{") is as_json
