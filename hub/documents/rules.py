"""Read the waiver and the policy that are in force."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.config import Documents
from hub.errors import StartError
from hub.protocol.documents import Policy, Waiver
from hub.protocol.errors import Rejected

_PACKAGED = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in force, read, and as the documents that homes hash for themselves."""

    waiver: Waiver
    policy: Policy
    waiver_document: dict[str, Any]
    policy_document: dict[str, Any]


def read_rules(data: Path, documents: Documents) -> Rules:
    """Return the city's own rules where there are any, and the packaged ones otherwise.

    Raises:
        StartError: naming the file and what is wrong in it.

    """
    waiver_file = _choose(documents.waiver, data, "waiver.toml")
    policy_file = _choose(documents.policy, data, "policy.toml")
    waiver_document, policy_document = _read(waiver_file), _read(policy_file)
    try:
        waiver = Waiver.parse(waiver_document)
    except Rejected as err:
        raise StartError(f"the waiver {waiver_file}: {err.detail}") from err
    try:
        policy = Policy.parse(policy_document)
    except Rejected as err:
        raise StartError(f"the policy {policy_file}: {err.detail}") from err
    return Rules(
        waiver=waiver,
        policy=policy,
        waiver_document=waiver_document,
        policy_document=policy_document,
    )


def _choose(named: str, data: Path, name: str) -> Path:
    if named:
        return Path(named)
    return data / name if (data / name).exists() else _PACKAGED / name


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise StartError(f"cannot read {path}: {err.strerror}") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise StartError(f"{path} is not TOML: {err}") from err
