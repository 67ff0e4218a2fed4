"""Words: every key that the code uses is there in English and Spanish, and nothing besides."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from custom_components.jackson_rtcc import camera_flow, config_flow, rules
from custom_components.jackson_rtcc.enrol import Trouble
from custom_components.jackson_rtcc.issues import FIXABLE, Issue
from custom_components.jackson_rtcc.link import Failure
from custom_components.jackson_rtcc.protocol.vocabulary import Gate, Scope, Site
from custom_components.jackson_rtcc.share import DAYS

FOLDER = Path(__file__).parents[2] / "custom_components/jackson_rtcc"
LANGUAGES = ["en", "es"]


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def keys(tree: Any, path: str = "") -> set[str]:
    if not isinstance(tree, dict):
        return {path}
    return {key for name, below in tree.items() for key in keys(below, f"{path}.{name}")}


def texts(tree: Any) -> list[str]:
    return [tree] if isinstance(tree, str) else [t for below in tree.values() for t in texts(below)]


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Any:
    return read(f"translations/{request.param}.json")


def test_same_keys_and_placeholders_in_both_languages() -> None:
    english, spanish = (read(f"translations/{language}.json") for language in LANGUAGES)
    assert keys(english) == keys(spanish)
    for one, other in zip(texts(english), texts(spanish), strict=True):
        assert set(re.findall(r"{\w+}", one)) == set(re.findall(r"{\w+}", other)), one


def test_text_is_in_shape(words: Any) -> None:
    for text in texts(words):
        assert text.strip() == text
        assert text
        assert "<" not in text
        assert not re.search(r"'{\w+}'", text)
    for path in keys(words):
        assert re.fullmatch(r"(\.[a-z0-9_-]+)+", path), path


def fields(schema: Any) -> set[str]:
    return {str(key) for key in schema.schema}


def test_config_flow(words: Any) -> None:
    flow = words["config"]
    schemas = {
        "user": config_flow.USER_SCHEMA,
        "reauth_confirm": config_flow.USER_SCHEMA,
        "reconfigure": config_flow.RECONFIGURE_SCHEMA,
        "city": config_flow.CITY_SCHEMA,
    }
    assert set(flow["step"]) == {*schemas, "connect"}
    for step, schema in schemas.items():
        assert set(flow["step"][step]["data"]) == fields(schema)
        assert set(flow["step"][step]["data_description"]) == fields(schema)
    own = {"code_malformed", "code_needed", "name_missing", "not_accepted"}
    assert set(flow["error"]) == {*Trouble, *(failure.value for failure in Failure), *own}
    assert set(flow["abort"]) == {"already_configured"}


def test_issues(words: Any) -> None:
    assert set(words["issues"]) == set(Issue)
    for issue, text in words["issues"].items():
        assert set(text) == {"title", "fix_flow" if issue in FIXABLE else "description"}


def test_repairs_of_the_home(words: Any) -> None:
    accept = words["issues"][Issue.RULES_CHANGED]["fix_flow"]
    assert set(accept["step"]) == {"accept"}
    for texts_of in ("data", "data_description"):
        assert set(accept["step"]["accept"][texts_of]) == fields(config_flow.CITY_SCHEMA)
    about_codes = {Trouble.INVALID_URL, Trouble.WRONG_CITY, *config_flow._CODE_TROUBLES}
    assert set(accept["error"]) == {*Trouble} - about_codes | {"name_missing", "not_accepted"}
    assert set(accept["abort"]) == {"not_loaded", "as_accepted"}
    for issue in (Issue.HUB_KEY_CHANGED, Issue.TWIN_HOME):
        anew = words["issues"][issue]["fix_flow"]
        assert set(anew["step"]) == {"confirm"}
        assert set(anew["abort"]) == {"not_loaded", "enrol_anew"}


def test_camera_flow(words: Any) -> None:
    flow = words["config_subentries"]["camera"]
    schemas = {
        "user": camera_flow.CAMERA_SCHEMA,
        "reconfigure": camera_flow.RULES_SCHEMA,
        "hours": camera_flow.HOURS_SCHEMA,
    }
    assert set(flow["step"]) == set(schemas)
    for step, schema in schemas.items():
        assert set(flow["step"][step]["data"]) == fields(schema)
        assert set(flow["step"][step]["data_description"]) == fields(schema)
    assert set(flow["error"]) == errors_in("camera_flow.py")
    assert set(flow["initiate_flow"]) == {"user", "reconfigure"}
    assert flow["entry_type"]


def errors_in(name: str) -> set[str]:
    """Return the texts that are assigned to an item of `errors`."""
    return {
        node.value.value
        for node in ast.walk(ast.parse((FOLDER / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Subscript)
        and isinstance(node.targets[0].value, ast.Name)
        and node.targets[0].value.id == "errors"
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def test_selectors(words: Any) -> None:
    options = {name: set(selector["options"]) for name, selector in words["selector"].items()}
    limits = {"radius", "duration", "scopes"}
    assert options == {
        "changes": {"waiver", "policy", *limits}
        | {f"{limit}_changed" for limit in limits}
        | {f"kind_{sign}" for sign in rules.Sign}
        | {f"paragraph_{sign}" for sign in ("added", "removed")},
        "days": set(DAYS),
        "gate": set(Gate),
        "hours": {camera_flow.ANY_TIME, camera_flow.CHOSEN},
        "precision": set(camera_flow.PRECISIONS),
        "rules": {"kind"},
        "scopes": set(Scope),
        "site": set(Site),
    }


def keywords(name: str) -> set[str]:
    """Return the texts passed under a keyword anywhere in the integration."""
    return {
        keyword.value.value
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == name
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def test_exceptions(words: Any) -> None:
    assert set(words["exceptions"]) == keywords("translation_key")


def test_entities_and_icons(words: Any) -> None:
    icons = read("icons.json")
    found = {}
    for platform in ("binary_sensor", "sensor", "switch"):
        text = (FOLDER / f"{platform}.py").read_text(encoding="utf-8")
        found[platform] = set(re.findall(r'\(entry, (?:subentry, )?"(\w+)"\)', text))
        assert found[platform] == set(words["entity"][platform])
        # An entity with a device class has its icon from that.
        if platform == "switch":
            assert set(icons["entity"][platform]) == found[platform]
    assert set(words["entity"]) == set(found)


def test_services(words: Any) -> None:
    services = yaml.safe_load((FOLDER / "services.yaml").read_text(encoding="utf-8"))
    assert set(services) == set(words["services"]) == set(read("icons.json")["services"])
    for name, service in services.items():
        described = words["services"][name].get("fields", {})
        assert set((service or {}).get("fields", {})) == set(described)


def test_manifest() -> None:
    manifest = read("manifest.json")
    names = list(manifest)
    assert names[:2] == ["domain", "name"]
    assert names[2:] == sorted(names[2:])
    assert manifest["domain"] == FOLDER.name
    assert manifest["dependencies"] == ["camera"]
    assert not [need for need in manifest["requirements"] if " " in need]
    for link in ("documentation", "issue_tracker"):
        assert manifest[link].startswith("https://github.com/jackson-rtcc/")


def test_imported_components_are_dependencies() -> None:
    """What Home Assistant's core always has needs no naming."""
    always = {"binary_sensor", "diagnostics", "repairs", "sensor", "switch"}
    imported = {
        found
        for path in FOLDER.rglob("*.py")
        for found in re.findall(
            r"homeassistant\.components(?:\.| import )(\w+)", path.read_text(encoding="utf-8")
        )
    }
    assert imported <= always | set(read("manifest.json")["dependencies"])


def test_brand() -> None:
    for name, size in (("icon.png", 256), ("icon@2x.png", 512)):
        with Image.open(FOLDER / "brand" / name) as image:
            assert image.format == "PNG"
            assert image.size == (size, size)
