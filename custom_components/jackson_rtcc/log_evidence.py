"""Evidence: what a city showed of its log that does not add up, kept so that others can check."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

MOST = 10
"""Pieces of evidence that are kept."""


class Source(StrEnum):
    """Where the log was shown."""

    REQUEST = "request"
    RECEIPT = "receipt"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What did not add up: what the city showed, and what it had shown before.

    `shown` is the claim `log` or the part of an answer; `note` is the checkpoint that the hub
    signed over `size` and `root`, None if nothing was seen before.
    """

    at: datetime
    source: Source
    reason: str
    detail: str
    shown: Mapping[str, Any]
    size: int
    root: str
    note: str | None


class StoredEvidence(TypedDict):
    """One piece of evidence as it is stored."""

    at: str
    source: str
    reason: str
    detail: str
    shown: dict[str, Any]
    size: int
    root: str
    note: str | None


def write_evidence(evidence: Evidence) -> StoredEvidence:
    """Write it for the store."""
    return {
        "at": evidence.at.isoformat(),
        "source": evidence.source,
        "reason": evidence.reason,
        "detail": evidence.detail,
        "shown": dict(evidence.shown),
        "size": evidence.size,
        "root": evidence.root,
        "note": evidence.note,
    }


def read_evidence(stored: StoredEvidence) -> Evidence:
    """Read it from the store."""
    return Evidence(
        at=datetime.fromisoformat(stored["at"]),
        source=Source(stored["source"]),
        reason=stored["reason"],
        detail=stored["detail"],
        shown=stored["shown"],
        size=stored["size"],
        root=stored["root"],
        note=stored["note"],
    )


def write_root(root: bytes) -> str:
    """Write a root as checkpoints do."""
    return base64.b64encode(root).decode("ascii")
