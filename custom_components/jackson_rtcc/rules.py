"""What changed between the rules that an owner accepted and those that the city has now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .protocol.city import City
from .protocol.documents import KindRule, Pilot, Policy, Purpose, Retention, Unaided
from .words import (
    duration_words,
    in_language,
    pilot_words,
    purpose_words,
    retention_words,
    scope_words,
    unaided_words,
)


class Sign(StrEnum):
    """What became of a kind or a paragraph."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Versions:
    """A document's version before and now."""

    before: str
    now: str


@dataclass(frozen=True, slots=True)
class KindChange:
    """An incident kind before and now; one of the two may be None."""

    before: KindRule | None
    now: KindRule | None

    @property
    def sign(self) -> Sign:
        """Return what became of the kind."""
        if self.before is None:
            return Sign.ADDED
        return Sign.REMOVED if self.now is None else Sign.CHANGED

    @property
    def rule(self) -> KindRule:
        """Return the rule that names the kind."""
        rule = self.now or self.before
        assert rule is not None  # noqa: S101 - a change has at least one side
        return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that changed; None or nothing for what stayed."""

    waiver: Versions | None
    policy: Versions | None
    kinds: tuple[KindChange, ...]
    prohibited: tuple[Purpose, ...]
    permitted: tuple[Purpose, ...]
    """Prohibited before, and no more."""
    retention: tuple[Retention, Retention] | None
    pilot: tuple[Pilot | None, Pilot | None] | None
    """Each before and now."""


class _Beside(TypedDict):
    prohibited: tuple[Purpose, ...]
    permitted: tuple[Purpose, ...]
    retention: tuple[Retention, Retention] | None
    pilot: tuple[Pilot | None, Pilot | None] | None


def same_rules(one: City, other: City) -> bool:
    """Tell whether both have the same waiver and the same policy, to the letter."""
    return digests(one) == digests(other)


def digests(city: City) -> tuple[str, str]:
    """Return the hashes by which a city's rules are known."""
    return city.waiver.digest, city.policy.digest


def changes(before: City, now: City) -> Changes:
    """Return what changed between two cities' rules."""
    old, new = before.policy.kinds, now.policy.kinds
    return Changes(
        waiver=None
        if before.waiver.digest == now.waiver.digest
        else Versions(before.waiver.version, now.waiver.version),
        policy=None
        if before.policy.digest == now.policy.digest
        else Versions(before.policy.version, now.policy.version),
        kinds=tuple(
            KindChange(old.get(kind), new.get(kind))
            for kind in [*new, *(kind for kind in old if kind not in new)]
            if old.get(kind) != new.get(kind)
        ),
        **_beside_kinds(before.policy, now.policy),
    )


def _beside_kinds(before: Policy, now: Policy) -> _Beside:
    return {
        "prohibited": tuple(each for each in now.prohibited if each not in before.prohibited),
        "permitted": tuple(each for each in before.prohibited if each not in now.prohibited),
        "retention": None
        if before.retention == now.retention
        else (before.retention, now.retention),
        "pilot": None if before.pilot == now.pilot else (before.pilot, now.pilot),
    }


def paragraphs(before: str, now: str) -> Iterator[tuple[Sign, str]]:
    """Go over the paragraphs that came or went, in the order of the text."""
    old, new = _split(before), _split(now)
    for tag, i, j, k, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from ((Sign.REMOVED, text) for text in old[i:j])
            yield from ((Sign.ADDED, text) for text in new[k:end])


async def changes_in_words(hass: HomeAssistant, before: City, now: City) -> str:
    """Return what changed as Markdown in the user's language."""
    language = hass.config.language
    found = await async_get_translations(hass, language.partition("-")[0], "selector", [DOMAIN])
    prefix = f"component.{DOMAIN}.selector"
    words = {
        key.removeprefix(f"{prefix}.changes.options."): text
        for key, text in found.items()
        if key.startswith(f"{prefix}.changes.options.")
    }
    what = changes(before, now)
    lines: list[str] = []
    for name, versions in (("waiver", what.waiver), ("policy", what.policy)):
        if versions is not None:
            lines.append("- " + words[name].format(before=versions.before, now=versions.now))
    for change in what.kinds:
        name = in_language(change.rule.name, language)
        details = "; ".join(_details(change, found, words))
        lines.append("- " + words[f"kind_{change.sign}"].format(kind=name, details=details))
    lines += [f"- {line}" for line in _beside_in_words(what, words, language)]
    if what.waiver is not None:
        texts = in_language(before.waiver.text, language), in_language(now.waiver.text, language)
        lines += [
            "\n" + words[f"paragraph_{sign}"].format(text=text.replace("\n", "\n> "))
            for sign, text in paragraphs(*texts)
        ]
    return "\n".join(lines)


def _beside_in_words(what: Changes, words: Mapping[str, str], language: str) -> Iterator[str]:
    """Say what changed beside the kinds."""
    for name in ("prohibited", "permitted"):
        if purposes := getattr(what, name):
            yield words[name].format(purposes=purpose_words(purposes, language))
    if what.retention is not None:
        before, now = what.retention
        yield words["retention"].format(
            now=retention_words(now, words["kept"]), before=retention_words(before, words["kept"])
        )
    if what.pilot is not None:
        yield from _pilot_in_words(*what.pilot, words)


def _pilot_in_words(
    before: Pilot | None, now: Pilot | None, words: Mapping[str, str]
) -> Iterator[str]:
    said = [pilot_words(each, words["trial"]) if each else "" for each in (before, now)]
    sign = Sign.ADDED if before is None else Sign.REMOVED if now is None else Sign.CHANGED
    yield words[f"pilot_{sign}"].format(before=said[0], now=said[1])


def _details(
    change: KindChange, found: Mapping[str, str], words: Mapping[str, str]
) -> Iterator[str]:
    """Say each limit of a kind that is new, and each that is another than before."""
    if change.now is None:
        return
    before = _limits(change.before, found) if change.before else {}
    for limit, now in _limits(change.now, found).items():
        if limit not in before:
            yield words[limit].format(now=now)
        elif before[limit] != now:
            yield words[f"{limit}_changed"].format(before=before[limit], now=now)
    yield from _approval(change.before.approval if change.before else None, change.now, words)


def _approval(before: Unaided | None, rule: KindRule, words: Mapping[str, str]) -> Iterator[str]:
    """Say what became of the limit beyond which a supervisor has to agree."""
    now = rule.approval
    if now == before:
        return
    if now is None:
        yield words["approval_removed"]
    elif before is None:
        yield words["approval"].format(now=unaided_words(now))
    else:
        yield words["approval_changed"].format(now=unaided_words(now), before=unaided_words(before))


def _limits(rule: KindRule, found: Mapping[str, str]) -> dict[str, str]:
    return {
        "radius": f"{rule.radius_m} m",
        "duration": duration_words(rule.duration),
        "scopes": ", ".join(scope_words(rule, found, f"component.{DOMAIN}.selector")),
    }


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]
