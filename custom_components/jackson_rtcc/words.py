"""The city's rules in plain words, in the owner's language, for the form that asks for a name."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .log_watch import StoredUnknown
from .protocol.documents import KindRule, Pilot, Policy, Purpose, Retention, Unaided, Waiver
from .protocol.vocabulary import Scope


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in the language, or in English."""
    return texts.get(language) or texts.get(language.partition("-")[0]) or texts["en"]


def waiver_words(hass: HomeAssistant, waiver: Waiver) -> str:
    """Return the waiver."""
    return in_language(waiver.text, hass.config.language)


def kind_word(hass: HomeAssistant, policy: Policy, kind: str) -> str:
    """Return the name of an incident kind; of one that the policy does not know, its key."""
    rule = policy.kinds.get(kind)
    return in_language(rule.name, hass.config.language) if rule else kind


async def trouble_words(hass: HomeAssistant, trouble: str) -> str:
    """Return what went wrong with the city, as the config flow says it."""
    language = hass.config.language.partition("-")[0]
    words = await async_get_translations(hass, language, "config", [DOMAIN])
    return words[f"component.{DOMAIN}.config.error.{trouble}"]


def unknown_words(hass: HomeAssistant, policy: Policy, looks: Mapping[str, StoredUnknown]) -> str:
    """Return looks that this home knows nothing of as a list, one line each."""
    return "\n".join(
        f"- {dt_util.as_local(datetime.fromisoformat(look['at'])):%Y-%m-%d %H:%M:%S}: "
        f"{kind_word(hass, policy, look['kind'])}, {look['reference']} ({look['pseudonym']})"
        for look in looks.values()
    )


async def policy_words(hass: HomeAssistant, policy: Policy) -> str:
    """Return the policy as a list: its kinds, what is never allowed, what is kept, its pilot."""
    language = hass.config.language
    words = await async_get_translations(hass, language.partition("-")[0], "selector", [DOMAIN])
    prefix = f"component.{DOMAIN}.selector"
    said = {
        key.removeprefix(f"{prefix}.rules.options."): text
        for key, text in words.items()
        if key.startswith(f"{prefix}.rules.options.")
    }
    lines = [
        said["kind"].format(
            kind=in_language(rule.name, language),
            radius=rule.radius_m,
            duration=duration_words(rule.duration),
            scopes=", ".join(scope_words(rule, words, prefix)),
        )
        + (said["approval"].format(limits=unaided_words(rule.approval)) if rule.approval else "")
        for rule in policy.kinds.values()
    ]
    if policy.prohibited:
        lines.append(said["prohibited"].format(purposes=purpose_words(policy.prohibited, language)))
    lines.append(retention_words(policy.retention, said["retention"]))
    if policy.pilot is not None:
        lines.append(pilot_words(policy.pilot, said["pilot"]))
    return "\n".join(f"- {line}" for line in lines)


def unaided_words(limits: Unaided) -> str:
    """Return how far one person may go alone."""
    return f"{limits.radius_m} m, {duration_words(limits.duration)}"


def purpose_words(purposes: Iterable[Purpose], language: str) -> str:
    """Return purposes in one line."""
    return "; ".join(in_language(purpose.name, language) for purpose in purposes)


def retention_words(retention: Retention, line: str) -> str:
    """Return how long pictures are kept."""
    return line.format(
        unattached=f"{int(retention.unattached.total_seconds())}\N{NO-BREAK SPACE}s",
        attached=retention.attached.days,
        uncharged=retention.uncharged.days,
    )


def pilot_words(pilot: Pilot, line: str) -> str:
    """Return when a pilot ends, and how many cameras take part."""
    return line.format(
        ends=f"{dt_util.as_local(pilot.ends):%Y-%m-%d %H:%M}",
        city=pilot.city_cameras,
        private=pilot.private_cameras,
    )


def scope_words(rule: KindRule, words: Mapping[str, str], prefix: str) -> list[str]:
    """Return what a rule lets be taken."""
    allowed = [scope for scope in Scope if scope in rule.scopes]
    return [words[f"{prefix}.scopes.options.{scope}"].lower() for scope in allowed]


def duration_words(duration: timedelta) -> str:
    """Return a duration in hours, or in minutes if it is not whole hours."""
    minutes = int(duration.total_seconds() // 60)
    number, unit = (minutes, "min") if minutes % 60 else (minutes // 60, "h")
    # They stay on one line.
    return f"{number}\N{NO-BREAK SPACE}{unit}"
