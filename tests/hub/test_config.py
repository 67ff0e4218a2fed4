"""The configuration: defaults, file, environment, and one clear line for what is wrong."""

import socket
import tomllib
from pathlib import Path

import msgspec
import pytest

from hub.config import Config, Http, data_folder, public_name, read_config
from hub.errors import StartError
from tests.hub.conftest import CHECKOUT


def file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "hub.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_it_needs_no_configuration() -> None:
    assert read_config(None, {"PATH": "/bin", "RTCC_DATA": "/x"}) == Config()


def test_the_example_explains_every_key_and_holds_the_defaults(tmp_path: Path) -> None:
    example = CHECKOUT / "hub/config.example.toml"
    assert read_config(example, {}) == Config()
    assert tomllib.loads(example.read_text()) == msgspec.json.decode(msgspec.json.encode(Config()))


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    path = file(tmp_path, '[http]\nport = 1\nbind = "::1"\n')
    environment = {
        "RTCC_HTTP__PORT": "443",
        "RTCC_HTTP__NAMES": "rtcc.example, 10.0.0.5",
        "RTCC_CITY__NAME": "1822",
        "RTCC_LOG__JSON": "true",
    }
    found = read_config(path, environment)
    assert found.http == Http(bind="::1", port=443, names=("rtcc.example", "10.0.0.5"))
    assert (found.city.name, found.log.json) == ("1822", True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[http]\nport = 'x'", r"hub.toml: http.port: Expected `int`, got `str`"),
        ("[http]\nprot = 1", r"hub.toml: http: Object contains unknown field `prot`"),
        ("[htpp]", r"hub.toml: Object contains unknown field `htpp`"),
        ("http = 1", r"hub.toml: http: Expected `object`"),
        ("[log]\nlevel = 'loud'", r"hub.toml: log.level: Invalid enum value 'loud'"),
        ("[broker]\nport = 70000", r"hub.toml: broker.port: Expected `int` <= 65535"),
        ("[http]\nnames = ['']", r"hub.toml: http.names\[0\]: "),
        ("[map]\nfile = 'a'\nstyle = 'https://b/c'", r"hub.toml: map: name the map's file or its"),
        ("[map]\nstyle = 'http://b/c'", r"hub.toml: map.style: "),
        ("[map]\nstyle = 'https://b; script-src */c'", r"hub.toml: map.style: "),
        ("[map]\nhosts = [\"https://b 'unsafe-inline'\"]", r"hub.toml: map.hosts\[0\]: "),
        ("[map]\nlat = 91", r"hub.toml: map.lat: "),
        ("nonsense", r"hub.toml is not TOML"),
        (b"\xff", r"hub.toml is not TOML"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(StartError, match=says) as caught:
        read_config(file(tmp_path, text), {})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("RTCC_HTTP__PORT", "x", "RTCC_HTTP__PORT: Expected `int`"),
        ("RTCC_HTTP__PROT", "1", "RTCC_HTTP__PROT: there is no key http.prot"),
        ("RTCC_HTPP__PORT", "1", "RTCC_HTPP__PORT: there is no section htpp"),
        ("RTCC_CITY__NAME", "", "RTCC_CITY__NAME: Expected `str` of length >= 1"),
        ("RTCC_HTTP__NAMES", "x" * 300, "the environment: http.names"),
    ],
)
def test_a_bad_variable_is_one_line(variable: str, value: str, says: str) -> None:
    with pytest.raises(StartError, match=says):
        read_config(None, {variable: value})


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere\.toml: No such file or directory"):
        read_config(tmp_path / "nowhere.toml", {})


def test_the_data_folder_is_given_or_named_or_here() -> None:
    assert data_folder("/a", {"RTCC_DATA": "/b"}) == Path("/a")
    assert data_folder(None, {"RTCC_DATA": "/b"}) == Path("/b")
    assert data_folder(None, {}) == Path("rtcc-data")


def test_the_name_to_print_is_the_best_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert public_name(Config(http=Http(names=("a.example", "b")))) == "a.example"
    assert public_name(Config(http=Http(bind="10.1.2.3"))) == "10.1.2.3"
    assert public_name(Config()) != ""

    def no_network(*_: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket, "socket", no_network)
    assert public_name(Config()) == "127.0.0.1"
