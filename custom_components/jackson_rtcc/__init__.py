"""Jackson RTCC: lend a camera to the city's Real Time Command Center, and take it back."""

from typing import NoReturn

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from . import consents, farewell, handed_over, identity, issues, ledger, log_watch, memory
from .announce import announce_looks
from .const import CONF_ACCEPTED_BY, DOMAIN
from .entity import rename_devices
from .home import Enrolment, Home, HomeConfigEntry, shares_of
from .preview import async_setup_preview
from .services import async_setup_services

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.SENSOR,
    Platform.SWITCH,
]
CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions."""
    async_setup_services(hass)
    async_setup_preview(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HomeConfigEntry) -> bool:
    """Set up a home.

    A broker that cannot be reached is no reason to fail: the owner's switches must work, or an
    automation that revokes while the line is down would be lost.
    """
    enrolment = Enrolment.parse(entry.data)
    records = await consents.load(hass, enrolment.home)
    if records.withdrawn:
        await _stay_withdrawn(hass, entry, enrolment, records)
    found = await identity.load(hass, enrolment.home)
    if found is None:
        raise ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key="keys_lost")
    home = Home(
        hass,
        entry,
        enrolment,
        found,
        await memory.load(hass, enrolment.home),
        records,
        await ledger.load(hass, entry.entry_id),
        await handed_over.load(hass, entry.entry_id, set(shares_of(entry))),
        await log_watch.load(hass, entry.entry_id, enrolment.home, enrolment.city),
    )
    entry.runtime_data = home
    entry.async_on_unload(home.shares.close)
    entry.async_on_unload(home.sessions.close)
    announce_looks(hass, entry)
    home.apply_subentries()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    home.start()

    async def on_stop(_event: Event) -> None:
        await home.stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, on_stop))
    entry.async_on_unload(entry.add_update_listener(_on_update))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HomeConfigEntry) -> bool:
    """Unload a home: it goes offline at the city."""
    if unloaded := await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        await entry.runtime_data.stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: HomeConfigEntry) -> None:
    """Remove a home: revoke every camera, withdraw the consent, then destroy the keys."""
    enrolment = Enrolment.parse(entry.data)
    remembered = await memory.load(hass, enrolment.home)
    records = await consents.load(hass, enrolment.home)
    found = await identity.load(hass, enrolment.home)
    if found is not None and not (records.withdrawn and records.told):
        name = entry.data[CONF_ACCEPTED_BY]
        if not await farewell.leave_city(hass, enrolment, found, remembered, records, name):
            farewell.tell_later(hass, enrolment, found, name)
    issues.clear(hass, entry.entry_id)
    await identity.destroy(hass, enrolment.home)
    await memory.forget(remembered)
    await consents.forget(records)
    await ledger.forget(hass, entry.entry_id)
    await log_watch.forget(hass, entry.entry_id)
    await handed_over.destroy(hass, entry.entry_id)


async def _stay_withdrawn(
    hass: HomeAssistant,
    entry: HomeConfigEntry,
    enrolment: Enrolment,
    records: consents.Consents,
) -> NoReturn:
    """See that the city knows of the withdrawal; nothing else happens until a new enrolment."""
    issues.clear(hass, entry.entry_id)
    found = await identity.load(hass, enrolment.home)
    if found is not None:
        remembered = await memory.load(hass, enrolment.home)
        name = entry.data[CONF_ACCEPTED_BY]
        if not records.told and not await farewell.leave_city(
            hass, enrolment, found, remembered, records, name
        ):
            # Home Assistant tries again by itself.
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN, translation_key="withdrawal_untold"
            )
        await identity.destroy(hass, enrolment.home)
    raise ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key="withdrawn")


async def _on_update(hass: HomeAssistant, entry: HomeConfigEntry) -> None:
    if entry.runtime_data.outdated:
        hass.config_entries.async_schedule_reload(entry.entry_id)
    else:
        entry.runtime_data.apply_subentries()
        rename_devices(hass, entry)
