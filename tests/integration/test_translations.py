"""Words: every key that the code uses is there in English and Spanish, and nothing besides."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from custom_components.jackson_rtcc import camera_flow, config_flow, options, rules
from custom_components.jackson_rtcc.announce import TYPES
from custom_components.jackson_rtcc.bridge import Reason
from custom_components.jackson_rtcc.camera_repairs import SCHEDULE_SCHEMA
from custom_components.jackson_rtcc.enrol import Trouble
from custom_components.jackson_rtcc.issues import FIXABLE, Issue
from custom_components.jackson_rtcc.link import Failure
from custom_components.jackson_rtcc.masks import MaskTrouble
from custom_components.jackson_rtcc.protocol.vocabulary import Gate, Scope, Site, Still
from custom_components.jackson_rtcc.session_rule import End
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


def test_latin_american_spanish_is_the_same() -> None:
    """Home Assistant knows two kinds of Spanish, and what is missing in one it says in English."""
    spanish, latin_american = (
        (FOLDER / f"translations/{language}.json").read_bytes() for language in ("es", "es-419")
    )
    assert latin_american == spanish


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


def test_options(words: Any) -> None:
    step = words["options"]["step"]
    assert set(step) == {"init"}
    for texts_of in ("data", "data_description"):
        assert set(step["init"][texts_of]) == fields(options.OPTIONS_SCHEMA)


def test_every_reason_of_a_stream_has_its_words(words: Any) -> None:
    said = words["entity"]["event"]["access"]["state_attributes"]["reason"]["state"]
    assert {*End, *Reason} <= set(said)


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
    for issue in (Issue.LOG_WRONG, Issue.LOG_EXTRA):
        read_it = words["issues"][issue]["fix_flow"]
        assert set(read_it["step"]) == {"confirm"}
        assert set(read_it["abort"]) == {"not_loaded"}


def test_camera_flow(words: Any) -> None:
    flow = words["config_subentries"]["camera"]
    schemas = {
        "user": camera_flow.CAMERA_SCHEMA,
        "replace": camera_flow.CAMERA_SCHEMA,
        "indoor": camera_flow.INDOOR_SCHEMA,
        "settings": camera_flow.settings_schema(list(Scope)),
        "hours": camera_flow.HOURS_SCHEMA,
    }
    assert set(flow["step"]) == {*schemas, "preview"}
    for step, schema in schemas.items():
        assert set(flow["step"][step]["data"]) == fields(schema)
        assert set(flow["step"][step]["data_description"]) == fields(schema)
    assert list(flow["step"]["preview"]["menu_options"]) == camera_flow.PREVIEW_MENU
    assert set(flow["error"]) == errors_in("camera_flow.py") | set(MaskTrouble)
    assert set(flow["abort"]) == {"already_configured"}
    assert set(flow["initiate_flow"]) == {"user", "reconfigure"}
    assert flow["entry_type"]


def test_repairs_of_cameras(words: Any) -> None:
    camera = words["issues"][Issue.CAMERA_GONE]["fix_flow"]
    assert set(camera["step"]) == {"init", "remove"}
    assert set(camera["step"]["init"]["menu_options"]) == {"replace", "remove"}
    assert set(camera["abort"]) == {"replace", "gone_already"}
    schedule = words["issues"][Issue.SCHEDULE_GONE]["fix_flow"]
    assert set(schedule["step"]) == {"schedule"}
    for texts_of in ("data", "data_description"):
        assert set(schedule["step"]["schedule"][texts_of]) == fields(SCHEDULE_SCHEMA)
    assert set(schedule["error"]) == errors_in("camera_repairs.py")
    assert set(schedule["abort"]) == {"gone_already"}


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
        | {f"paragraph_{sign}" for sign in ("added", "removed")}
        | {"approval", "approval_changed", "approval_removed", "prohibited", "permitted"}
        | {"retention", "kept", "trial"}
        | {f"pilot_{sign}" for sign in rules.Sign},
        "days": set(DAYS),
        "gate": set(Gate),
        "hours": {camera_flow.ANY_TIME, camera_flow.CHOSEN},
        "logbook": {*TYPES, "for_a_time"},
        "place": {"exact", "coarse"},
        "precision": set(camera_flow.PRECISIONS),
        "preview": {"size", "no_picture", "stream", "relayed"},
        "rules": {"kind", "approval", "prohibited", "retention", "pilot"},
        "scopes": set(Scope),
        "site": set(Site),
        "still": set(Still),
        "stream": {"offered", "not_offered", "masked"},
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


def test_brand() -> None:
    for name, size in (("icon.png", 256), ("icon@2x.png", 512)):
        with Image.open(FOLDER / "brand" / name) as image:
            assert image.format == "PNG"
            assert image.size == (size, size)
