"""Puts a new enrolment in the place of an old one: new keys and ids, the same settings."""

from dataclasses import replace
from secrets import token_hex
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from . import consents as consent_records
from . import farewell, issues
from . import identity as identities
from . import memory as memories
from .const import CONF_ACCEPTED_BY
from .home import Enrolment, HomeConfigEntry, camera_subentries
from .identity import Identity
from .protocol.consent import SignedConsent


async def replace_enrolment(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    *,
    data: dict[str, Any],
    title: str,
    identity: Identity,
    signed: SignedConsent,
) -> None:
    """End the old enrolment at its city as far as that can be done, and switch to the new one."""
    old, new = Enrolment.parse(entry.data), Enrolment.parse(data)
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    before = await consent_records.load(hass, old.home)
    remembered = await memories.load(hass, old.home)
    known = await identities.load(hass, old.home)
    if known is not None and not (before.withdrawn and before.told):
        name = entry.data[CONF_ACCEPTED_BY]
        if not await farewell.leave_city(hass, old, known, remembered, before, name):
            farewell.tell_later(hass, old, known, name)

    await identities.save(hass, new.home, identity)
    consents = await consent_records.load(hass, new.home)
    consents.records = list(before.records)
    await consents.add(signed, told=True)
    # The hub knows a camera's id by the home that used it first.
    cameras = {subentry.subentry_id: token_hex(8) for subentry in camera_subentries(entry)}
    memory = memories.new(hass, new.home)
    memory.on = remembered.on
    memory.cameras = {
        id_: replace(remembered.cameras[id_], camera=camera)
        for id_, camera in cameras.items()
        if id_ in remembered.cameras
    }
    await memory.save()

    for subentry in camera_subentries(entry):
        hass.config_entries.async_update_subentry(
            entry,
            subentry,
            data={**subentry.data, "camera": cameras[subentry.subentry_id]},
        )
    hass.config_entries.async_update_entry(entry, unique_id=new.home, title=title, data=data)
    issues.clear(hass, entry.entry_id)
    await identities.destroy(hass, old.home)
    await memories.forget(remembered)
    await consent_records.forget(before)
    hass.config_entries.async_schedule_reload(entry.entry_id)
