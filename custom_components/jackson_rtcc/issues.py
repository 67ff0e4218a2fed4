"""Repair issues: the one place where they are raised and taken back, a function for each."""

from datetime import datetime
from enum import StrEnum

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN

ATTR_ENTRY = "entry_id"
ATTR_SUBENTRY = "subentry_id"


class Issue(StrEnum):
    """What an owner can repair; each is a translation key."""

    CAMERA_GONE = "camera_gone"
    SCHEDULE_GONE = "schedule_gone"
    RULES_CHANGED = "rules_changed"
    HUB_KEY_CHANGED = "hub_key_changed"
    TWIN_HOME = "twin_home"
    CLOCK_OFF = "clock_off"
    CERTIFICATE_ENDING = "certificate_ending"
    LOG_WRONG = "log_wrong"
    LOG_EXTRA = "log_extra"


_ERRORS = frozenset(
    {
        Issue.RULES_CHANGED,
        Issue.HUB_KEY_CHANGED,
        Issue.TWIN_HOME,
        Issue.LOG_WRONG,
        Issue.LOG_EXTRA,
    }
)
FIXABLE = _ERRORS | {Issue.CAMERA_GONE, Issue.SCHEDULE_GONE}


def issue_id(issue: Issue, owner: str) -> str:
    """Return the id of an issue of an entry, or of a camera's subentry."""
    return f"{issue}_{owner}"


@callback
def rules_changed(hass: HomeAssistant, entry_id: str, city: str) -> None:
    """The waiver or the policy in force is not what the owner accepted."""
    _raise(hass, Issue.RULES_CHANGED, entry_id, {"city": city})


@callback
def hub_key_changed(
    hass: HomeAssistant, entry_id: str, city: str, *, pinned: str, found: str
) -> None:
    """The hub has another key than the one that was pinned at enrolment; fingerprints of both."""
    _raise(
        hass,
        Issue.HUB_KEY_CHANGED,
        entry_id,
        {"city": city, "pinned": pinned, "found": found},
    )


@callback
def twin_home(hass: HomeAssistant, entry_id: str, city: str) -> None:
    """Another Home Assistant uses this home's keys."""
    _raise(hass, Issue.TWIN_HOME, entry_id, {"city": city})


@callback
def clock_off(hass: HomeAssistant, entry_id: str, city: str) -> None:
    """The clock of this machine and the city's differ too much."""
    _raise(hass, Issue.CLOCK_OFF, entry_id, {"city": city})


@callback
def certificate_ending(
    hass: HomeAssistant, entry_id: str, city: str, ends: datetime, why: str
) -> None:
    """The certificate ends soon and could not be renewed."""
    _raise(
        hass,
        Issue.CERTIFICATE_ENDING,
        entry_id,
        {"city": city, "ends": f"{dt_util.as_local(ends):%Y-%m-%d %H:%M}", "why": why},
    )


@callback
def log_wrong(hass: HomeAssistant, entry_id: str, city: str, at: datetime, reason: str) -> None:
    """The city's access log does not add up."""
    when = f"{dt_util.as_local(at):%Y-%m-%d %H:%M:%S}"
    _raise(hass, Issue.LOG_WRONG, entry_id, {"city": city, "when": when, "reason": reason})


@callback
def log_extra(hass: HomeAssistant, entry_id: str, city: str, looks: str) -> None:
    """The city's access log shows looks that this home knows nothing of."""
    _raise(hass, Issue.LOG_EXTRA, entry_id, {"city": city, "looks": looks})


@callback
def camera_gone(hass: HomeAssistant, entry_id: str, subentry_id: str, camera: str) -> None:
    """A shared camera is not in Home Assistant any more."""
    _raise(hass, Issue.CAMERA_GONE, entry_id, {"camera": camera}, subentry_id)


@callback
def schedule_gone(hass: HomeAssistant, entry_id: str, subentry_id: str, camera: str) -> None:
    """The schedule by which a camera is shared is not in Home Assistant any more."""
    _raise(hass, Issue.SCHEDULE_GONE, entry_id, {"camera": camera}, subentry_id)


@callback
def keep_only(hass: HomeAssistant, entry_id: str, subentry_ids: set[str]) -> None:
    """Take back the issues of an entry's cameras that are shared no more."""
    found = [
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN
        and issue.data
        and issue.data.get(ATTR_ENTRY) == entry_id
        and issue.data.get(ATTR_SUBENTRY) not in (None, *subentry_ids)
    ]
    for id_ in found:
        ir.async_delete_issue(hass, DOMAIN, id_)


@callback
def gone(hass: HomeAssistant, issue: Issue, owner: str) -> None:
    """Take back an issue of an entry, or of a camera's subentry; nothing if there is none."""
    ir.async_delete_issue(hass, DOMAIN, issue_id(issue, owner))


@callback
def clear(hass: HomeAssistant, entry_id: str) -> None:
    """Take back every issue of an entry and of its cameras."""
    found = [
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.data and issue.data.get(ATTR_ENTRY) == entry_id
    ]
    for id_ in found:
        ir.async_delete_issue(hass, DOMAIN, id_)


def _raise(
    hass: HomeAssistant,
    issue: Issue,
    entry_id: str,
    words: dict[str, str],
    subentry_id: str | None = None,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(issue, subentry_id or entry_id),
        data={ATTR_ENTRY: entry_id, ATTR_SUBENTRY: subentry_id},
        is_fixable=issue in FIXABLE,
        severity=ir.IssueSeverity.ERROR if issue in _ERRORS else ir.IssueSeverity.WARNING,
        translation_key=issue,
        translation_placeholders=words,
    )
