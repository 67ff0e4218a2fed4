"""The door's settings, from the configuration."""

from datetime import timedelta
from pathlib import Path

import pytest

from hub.config import Config, Http, Oidc, Operators, read_config
from hub.errors import StartError
from hub.operators.door import door_of

NAMED = Http(names=("rtcc.example.gov",))


def test_by_default_the_hubs_public_name_is_the_domain() -> None:
    door = door_of(Config(http=NAMED), 443)
    assert (door.rp_id, door.origin) == ("rtcc.example.gov", "https://rtcc.example.gov")
    assert door_of(Config(http=NAMED), 8443).origin == "https://rtcc.example.gov:8443"


def test_an_address_is_no_domain() -> None:
    door = door_of(Config(http=Http(names=("192.0.2.7",))), 8443)
    assert (door.rp_id, door.origin) == ("localhost", "https://localhost:8443")


def test_what_is_said_is_taken() -> None:
    settings = Operators(
        rp_id="example.gov", origin="https://rtcc.example.gov/", banner="Stop.", idle_minutes=10
    )
    door = door_of(Config(http=NAMED, operators=settings), 8443)
    assert (door.rp_id, door.origin) == ("example.gov", "https://rtcc.example.gov")
    assert (door.banner("es"), door.idle) == ("Stop.", timedelta(minutes=10))
    assert door.oidc is None


PROVIDER = 'issuer = "https://login.example.gov"\nclient_id = "rtcc"\n'


@pytest.mark.parametrize(
    ("section", "text", "says"),
    [
        ("operators", "idle_minutes = 31", "idle_minutes"),
        ("operators", 'origin = "http://rtcc.example.gov"', "origin"),
        ("operators.oidc", PROVIDER, "acr or amr"),
        ("operators.oidc", 'issuer = "https://login.example.gov"\namr = ["hwk"]', "client_id"),
        ("operators.oidc", 'issuer = "http://login.example.gov"', "issuer"),
        ("operators.oidc", PROVIDER + 'amr = ["hwk"]\nroles = { x = "chief" }', "chief"),
        ("limits", "requests_per_second = 0", "requests_per_second"),
    ],
)
def test_what_would_let_others_in_is_refused(
    tmp_path: Path, section: str, text: str, says: str
) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(f"[{section}]\n{text}\n")
    with pytest.raises(StartError, match=says):
        read_config(file, {})


def test_a_provider_that_resists_phishing_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(f'[operators.oidc]\n{PROVIDER}amr = ["hwk"]\n')
    found = door_of(read_config(file, {}), 8443).oidc
    assert found == Oidc(issuer="https://login.example.gov", client_id="rtcc", amr=("hwk",))
