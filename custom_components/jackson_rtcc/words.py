"""The city's rules in plain words, in the owner's language, for the form that asks for a name."""

from collections.abc import Mapping
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .protocol.documents import KindRule, Policy, Waiver


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in the language, or in English."""
    return texts.get(language) or texts.get(language.partition("-")[0]) or texts["en"]


def waiver_words(hass: HomeAssistant, waiver: Waiver) -> str:
    """Return the waiver."""
    return in_language(waiver.text, hass.config.language)


async def policy_words(hass: HomeAssistant, policy: Policy) -> str:
    """Return the policy as a list, one line per incident kind."""
    language = hass.config.language.partition("-")[0]
    words = await async_get_translations(hass, language, "selector", [DOMAIN])
    prefix = f"component.{DOMAIN}.selector"
    line = words[f"{prefix}.rules.options.kind"]
    return "\n".join(
        "- "
        + line.format(
            kind=in_language(rule.name, hass.config.language),
            radius=rule.radius_m,
            duration=_duration(rule.duration),
            scopes=", ".join(_scopes(rule, words, prefix)),
        )
        for rule in policy.kinds.values()
    )


def _scopes(rule: KindRule, words: Mapping[str, str], prefix: str) -> list[str]:
    return sorted(words[f"{prefix}.scopes.options.{scope}"].lower() for scope in rule.scopes)


def _duration(duration: timedelta) -> str:
    minutes = int(duration.total_seconds() // 60)
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"
