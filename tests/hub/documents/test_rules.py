"""The rules in force: the packaged ones, or the city's own."""

from pathlib import Path

import pytest

from hub.config import Documents
from hub.documents.rules import read_rules
from hub.errors import StartError
from hub.protocol.documents import document_hash
from hub.protocol.vocabulary import Scope


def test_the_packaged_rules_speak_english_and_spanish(tmp_path: Path) -> None:
    rules = read_rules(tmp_path, Documents())
    assert set(rules.waiver.text) == {"en", "es"}
    assert all({"en", "es"} <= set(rule.name) for rule in rules.policy.kinds.values())
    assert all(Scope.SNAPSHOT in rule.scopes for rule in rules.policy.kinds.values())
    assert rules.waiver.digest == document_hash(rules.waiver_document)
    assert rules.policy.digest == document_hash(rules.policy_document)


OWN = """
version = "7"
[text]
en = "Our own words."
"""


def test_a_city_may_have_its_own(tmp_path: Path) -> None:
    (tmp_path / "waiver.toml").write_text(OWN)
    assert read_rules(tmp_path, Documents()).waiver.text == {"en": "Our own words."}
    named = tmp_path / "elsewhere.toml"
    named.write_text(OWN.replace("7", "8"))
    assert read_rules(tmp_path, Documents(waiver=str(named))).waiver.version == "8"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("waiver.toml", b"version = ''", "the waiver .*waiver.toml: version"),
        ("waiver.toml", b"version = '1'\n[text]\nes = 'x'", "text is missing in English"),
        ("waiver.toml", b"nonsense", "waiver.toml is not TOML"),
        ("waiver.toml", b"\xff", "waiver.toml is not TOML"),
        ("policy.toml", b"version = '1'\n[kinds]", "the policy .*policy.toml: kinds is empty"),
        ("policy.toml", b"version = 1.5", "the policy .*policy.toml"),
    ],
)
def test_bad_rules_are_one_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(StartError, match=says) as caught:
        read_rules(tmp_path, Documents())
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"cannot read /nowhere\.toml"):
        read_rules(tmp_path, Documents(policy="/nowhere.toml"))
