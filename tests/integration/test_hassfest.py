"""The checks of Home Assistant's own `hassfest` that need no checkout of its core."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import homeassistant.components
import pytest
import yaml
from awesomeversion import AwesomeVersion
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import selector
from packaging.requirements import Requirement
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import bridge, permit, picture, system_health
from custom_components.jackson_rtcc.announce import TYPES
from custom_components.jackson_rtcc.log_check import AWAY
from custom_components.jackson_rtcc.protocol.errors import LOG_REASONS, Reason
from custom_components.jackson_rtcc.protocol.rules import Refusal
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Role, Scope
from custom_components.jackson_rtcc.session_rule import End

FOLDER = Path(__file__).parents[2] / "custom_components/jackson_rtcc"
CORE = Path(homeassistant.components.__path__[0])
DOMAIN = "jackson_rtcc"


def read(name: str) -> Any:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


@pytest.fixture(params=["en", "es"])
def words(request: pytest.FixtureRequest) -> Any:
    return read(f"translations/{request.param}.json")


# The manifest

REQUIRED = {"domain", "name", "codeowners", "documentation", "iot_class", "version"}
OPTIONAL = {
    "after_dependencies",
    "config_flow",
    "dependencies",
    "integration_type",
    "issue_tracker",
    "loggers",
    "requirements",
}


def test_manifest() -> None:
    manifest = read("manifest.json")
    names = list(manifest)
    assert set(names) >= REQUIRED
    assert set(names) <= REQUIRED | OPTIONAL
    assert names == ["domain", "name", *sorted(set(names) - {"domain", "name"})]
    assert manifest["domain"] == FOLDER.name == DOMAIN
    assert manifest["integration_type"] == "service"
    assert manifest["iot_class"] == "cloud_push"
    assert AwesomeVersion(manifest["version"]).strategy
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    for link in ("documentation", "issue_tracker"):
        assert manifest[link].startswith("https://github.com/jackson-rtcc/")


def test_requirements_are_parsable_and_bounded() -> None:
    for text in read("manifest.json")["requirements"]:
        assert " " not in text
        assert {given.operator for given in Requirement(text).specifier} == {">=", "<"}


def test_dependencies_exist() -> None:
    manifest = read("manifest.json")
    after = manifest.get("after_dependencies", [])
    for name in (*manifest["dependencies"], *after):
        assert (CORE / name / "manifest.json").exists()
    assert not set(after) & set(manifest["dependencies"])


def references() -> Iterator[tuple[Path, str]]:
    """Return each component of Home Assistant that a file imports."""
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module == "homeassistant.components":
                names = [f"homeassistant.components.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                if found := re.match(r"homeassistant\.components\.(\w+)", name):
                    yield path.relative_to(FOLDER), found[1]


ALWAYS_THERE = {*Platform, "automation", "homeassistant", "person", "script", "sun", "zone"}


def test_what_is_imported_is_declared() -> None:
    manifest = read("manifest.json")
    declared = {*manifest["dependencies"], *manifest.get("after_dependencies", [])}
    assert not {
        (str(path), component)
        for path, component in references()
        if component not in declared
        and component not in ALWAYS_THERE
        # A platform for another integration may use that one: it loads the platform itself.
        and not (FOLDER / f"{component}.py").is_file()
    }


def test_what_is_declared_is_used() -> None:
    manifest = read("manifest.json")
    used = {component for _, component in references()}
    # It registers views on the HTTP server through the object that Home Assistant holds.
    through_the_core = {"http"}
    assert set(manifest["dependencies"]) <= used | through_the_core
    assert set(manifest.get("after_dependencies", [])) <= used | through_the_core


# Translations

SECTIONS = {
    "config",
    "config_subentries",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
}


def leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree, str):
        yield path, tree
        return
    for name, below in tree.items():
        yield from leaves(below, (*path, name))


def test_sections(words: Any) -> None:
    assert set(words) <= SECTIONS


def test_texts(words: Any) -> None:
    for path, text in leaves(words):
        assert text, path
        assert text == text.strip(), path
        assert not re.search(r"https?://", re.sub(r"https://hub\.example\.org:8443", "", text)), (
            path
        )
        assert not re.search(r"<[^>]+>", text), path
        assert not re.search(r"'{\w+}'", text), path
        assert "[%key:" not in text, path
        assert all(re.fullmatch(r"[a-z0-9_-]+", name) for name in path), path
        assert not any(name.startswith("_") or name.endswith("_") for name in path), path


STEP = {"title", "description", "data", "data_description", "sections", "menu_options", "submit"}
FLOW = {"step", "error", "abort", "progress", "create_entry"}


def test_flows(words: Any) -> None:
    flows = [words["config"], words["options"], *words["config_subentries"].values()]
    flows += [issue["fix_flow"] for issue in words["issues"].values() if "fix_flow" in issue]
    for flow in flows:
        assert set(flow) <= FLOW | {"entry_type", "initiate_flow"}
        for name, step in flow["step"].items():
            assert set(step) <= STEP, name
            assert set(step.get("data_description", {})) <= set(step.get("data", {})), name
    for subentry in words["config_subentries"].values():
        assert subentry["entry_type"]
        assert set(subentry["initiate_flow"]) == {"user", "reconfigure"}


def test_issues(words: Any) -> None:
    for name, issue in words["issues"].items():
        assert issue["title"], name
        assert len({"description", "fix_flow"} & set(issue)) == 1, name
        assert set(issue) <= {"title", "description", "fix_flow"}, name


def test_system_health(words: Any) -> None:
    tree = ast.parse(Path(system_health.__file__).read_text(encoding="utf-8"))
    told = {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert set(words["system_health"]["info"]) == told


def test_words_of_looks(words: Any) -> None:
    """Every outcome and every reason that a home gives has its words."""
    attributes = words["entity"]["event"]["access"]["state_attributes"]
    states = {name: set(below["state"]) for name, below in attributes.items() if "state" in below}
    own = {permit.NOT_SHARING, permit.BUSY}
    of_streams = {*bridge.Reason, *End}
    of_requests = {Reason.EXPIRED, Reason.CLOCK, Reason.TOO_LONG, Reason.REPLAYED}
    assert states == {
        "event_type": set(TYPES),
        "action": set(Scope),
        "operator_role": set(Role),
        "outcome": set(Outcome),
        "reason": {*Refusal, *own, *of_requests, *of_streams, *picture.Reason, *LOG_REASONS, AWAY},
    }


async def test_entities_have_words_and_icons(
    hass: HomeAssistant, home: MockConfigEntry, words: Any
) -> None:
    """Every entity has its name in both languages and an icon; no name and no icon is left over."""
    found: dict[str, set[str | None]] = {}
    with_class = set()
    for entry in er.async_entries_for_config_entry(er.async_get(hass), home.entry_id):
        found.setdefault(entry.domain, set()).add(entry.translation_key)
        assert entry.has_entity_name
        assert entry.original_icon is None
        if entry.original_device_class:
            with_class.add((entry.domain, entry.translation_key))
    assert {platform: set(below) for platform, below in words["entity"].items()} == found
    icons = {
        (platform, key) for platform, below in read("icons.json")["entity"].items() for key in below
    }
    every = {(platform, key) for platform, keys in found.items() for key in keys}
    assert icons <= every
    # A device class brings an icon of its own.
    assert every - icons <= with_class


def test_icons() -> None:
    icons = read("icons.json")
    assert set(icons) == {"entity", "services"}
    for path, icon in leaves(icons):
        assert re.fullmatch(r"mdi:[a-z0-9-]+", icon), path
    for below in icons["entity"].values():
        for key, icon in below.items():
            assert set(icon) <= {"default", "state", "state_attributes"}, key
            assert icon["default"] not in icon.get("state", {}).values(), key


# Actions


async def test_services(hass: HomeAssistant, home: MockConfigEntry, words: Any) -> None:
    described = read("services.yaml")
    assert set(described) == set(hass.services.async_services_for_domain(DOMAIN))
    assert set(described) == set(words["services"]) == set(read("icons.json")["services"])
    for name, service in described.items():
        fields = (service or {}).get("fields", {})
        texts = words["services"][name]
        assert set(texts) <= {"name", "description", "fields"}
        assert set(fields) == set(texts.get("fields", {}))
        for field in fields.values():
            assert set(field) <= {"required", "default", "example", "selector"}
            (kind, config), *others = field["selector"].items()
            assert not others
            selector.selector({kind: config or {}})


def test_actions_are_documented() -> None:
    text = (FOLDER.parents[1] / "docs/residents.md").read_text(encoding="utf-8")
    for name, service in read("services.yaml").items():
        assert f"`{DOMAIN}.{name}`" in text
        for field in (service or {}).get("fields", {}):
            assert f"| `{field}` |" in text


# The quality scale

HEADINGS = {
    "docs-actions": "## Actions",
    "docs-configuration-parameters": "## Share a camera",
    "docs-data-update": "## How it stays up to date",
    "docs-examples": "## Examples",
    "docs-high-level-description": "# For owners of cameras",
    "docs-installation-instructions": "## Enrol",
    "docs-installation-parameters": "## Enrol",
    "docs-known-limitations": "## Known limitations",
    "docs-removal-instructions": "## Remove",
    "docs-supported-devices": "## Supported cameras",
    "docs-supported-functions": "## Entities",
    "docs-troubleshooting": "## If something is wrong",
    "docs-use-cases": "## Uses",
}


def rules_of_the_scale() -> set[str]:
    """Return the rules as any integration of Home Assistant itself names them."""
    found: set[str] = set()
    for name in ("ntfy", "unifi_access", "victron_gx", "mqtt", "ring"):
        path = CORE / name / "quality_scale.yaml"
        if path.exists():
            found |= set(yaml.safe_load(path.read_text(encoding="utf-8"))["rules"])
    return found


def test_quality_scale() -> None:
    rules = read("quality_scale.yaml")["rules"]
    assert len(rules) == 54
    assert set(rules) == rules_of_the_scale()
    for name, rule in rules.items():
        if rule != "done":
            assert set(rule) == {"status", "comment"}, name
            assert rule["status"] == "exempt", name
            assert len(rule["comment"]) > 20, name


def test_quality_scale_about_documents() -> None:
    rules = read("quality_scale.yaml")["rules"]
    done = {name for name, rule in rules.items() if name.startswith("docs-") and rule == "done"}
    assert done == set(HEADINGS)
    lines = (FOLDER.parents[1] / "docs/residents.md").read_text(encoding="utf-8").splitlines()
    for name, heading in HEADINGS.items():
        assert lines.count(heading) == 1, name


def test_quality_scale_about_platforms() -> None:
    """Each platform says how many updates run at the same time; none has any."""
    platforms = [FOLDER / f"{platform}.py" for platform in Platform]
    for path in platforms:
        if path.exists():
            assert "\nPARALLEL_UPDATES = 0\n" in path.read_text(encoding="utf-8"), path.name


def test_quality_scale_about_code() -> None:
    """What can be told from the text: no entry in `hass.data`, no polling, no tracebacks."""
    for path in FOLDER.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "hass.data[DOMAIN]" not in text, path.name
        assert "update_interval" not in text, path.name
        assert "_LOGGER.exception(" not in text, path.name
