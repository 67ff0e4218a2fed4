"""Diagnostics: how the home is doing, without keys, names or places.

What may be told is named here one by one; so what is added elsewhere stays at home.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.util import dt as dt_util

from .consents import Consents
from .home import Home, HomeConfigEntry, camera_subentries
from .ledger import Look
from .log_evidence import Evidence
from .log_watch import LogWatch
from .protocol.consent import record
from .protocol.documents import Policy, Waiver
from .protocol.keys import b64url
from .protocol.merkle import leaf_hash

_NEWEST = 20


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: HomeConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of a home."""
    found: dict[str, Any] = {"state": entry.state.value}
    if entry.state is not ConfigEntryState.LOADED:
        return found
    home = entry.runtime_data
    starts, ends = home.identity.valid
    city = home.enrolment.city
    return found | {
        "rules": {"waiver": _document(city.waiver), "policy": _document(city.policy)},
        "consent": _consent(home.consents),
        "holds": sorted(hold.name.lower() for hold in home.standing.holds),
        "certificate": {"starts": starts.isoformat(), "ends": ends.isoformat()},
        "link": {
            "connected": home.link.connected,
            "connections": home.link.connections,
            "last_contact": _time(home.link.last_contact),
        },
        "answers": dict(home.looks.counts),
        "receipts": dict(home.receipts.counts),
        "streams": {"under_way": len(home.sessions), "counts": dict(home.sessions.counts)},
        "access_log": _access_log(home.watch),
        "looks": _looks(home.ledger.looks),
        "sharing": home.shares.home_on,
        "cameras": [_camera(hass, home, subentry) for subentry in camera_subentries(entry)],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: HomeConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the diagnostics of one camera; of the home's own device, those of the home."""
    if entry.state is ConfigEntryState.LOADED:
        for subentry in camera_subentries(entry):
            if device.config_subentry_id == subentry.subentry_id:
                home = entry.runtime_data
                return _camera(hass, home, subentry) | {
                    "looks": _looks(home.ledger.search(subentry.subentry_id))
                }
    return await async_get_config_entry_diagnostics(hass, entry)


def _consent(consents: Consents) -> dict[str, Any] | None:
    if (newest := consents.newest) is None:
        return None
    return {
        "told": consents.told,
        "record": async_redact_data(record(newest.consent), {"name", "pii_principal_id", "key"}),
    }


def _camera(hass: HomeAssistant, home: Home, subentry: ConfigSubentry) -> dict[str, Any]:
    id_, data = subentry.subentry_id, subentry.data
    share = home.shares.all[id_]
    now = dt_util.utcnow()
    grant = home.shares.grant(id_)
    registered = er.async_get(hass).entities.get_entry(share.entity)
    return {
        "integration": registered.platform if registered else None,
        "state": _state(hass, registered.entity_id) if registered else None,
        "site": share.site,
        "gate": share.gate,
        "scopes": sorted(share.scopes),
        "precision": share.precision_m,
        "conditions": {name: _is_set(data, name) for name in ("hours", "schedule", "nobody_home")},
        "masked": _is_set(data, "mask"),
        "switch": home.shares.camera_on(id_),
        "sharing": home.shares.sharing(id_, now),
        "granted": grant is not None,
        "grant_ends": _time(grant.ends) if grant else None,
        "under_way": home.ledger.under_way(id_),
        "last_look": _time(home.ledger.latest(id_)),
        "looks_this_month": home.ledger.this_month(id_, now, dt_util.get_default_time_zone()),
    }


def _access_log(watch: LogWatch) -> dict[str, Any]:
    """Tell of the log what others need to check it; entries by their hashes, for they name much."""
    return {
        "health": watch.health,
        "size": watch.seen.size,
        "checked": _time(watch.checked),
        "unknown_looks": len(watch.unknown),
        "evidence": [_evidence(evidence) for evidence in watch.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    shown = dict(evidence.shown)
    if (entry := shown.pop("entry", None)) is not None:
        shown["leaf"] = b64url(leaf_hash(entry.encode()))
    return {
        "at": evidence.at.isoformat(),
        "source": evidence.source,
        "reason": evidence.reason,
        "detail": evidence.detail,
        "shown": shown,
        "seen": {"size": evidence.size, "root": evidence.root, "checkpoint": evidence.note},
    }


def _document(document: Waiver | Policy) -> dict[str, str]:
    return {"sha256": document.digest}


def _is_set(data: Mapping[str, Any], name: str) -> bool:
    return bool(data.get(name))


def _state(hass: HomeAssistant, entity_id: str) -> str | None:
    return state.state if (state := hass.states.get(entity_id)) else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _looks(looks: list[Look]) -> dict[str, Any]:
    return {
        "outcomes": dict(Counter(look.reason or look.outcome for look in looks)),
        "newest": [
            {
                "action": look.action,
                "operator_role": look.operator.role,
                "outcome": look.outcome,
                "reason": look.reason,
                "log_index": look.log_index,
                "seconds": look.seconds,
                "answered_at": look.answered.isoformat(),
            }
            for look in looks[:_NEWEST]
        ],
    }
