"""The home at work: ties identity, link, shares and looks together for one config entry."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_URL, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from yarl import URL

from . import identity as identities
from . import issues
from .consents import Consents
from .const import CONF_CITY, CONF_HOME, DOMAIN, SUBENTRY_CAMERA
from .enrol import CityError
from .gone import report_gone
from .handed_over import HandedOver
from .identity import Identity
from .issues import Issue
from .ledger import Ledger
from .link import Callbacks, Link
from .log_check import LogCheck
from .log_watch import LogWatch
from .look import Looks
from .memory import Memory
from .options import streams_at_once
from .protocol.city import City
from .receipts import Receipts
from .renew import ends_soon, renew, renewal_due
from .session_rule import End
from .sessions import Sessions, is_word
from .share import Share
from .shares import Shares
from .standing import BEFORE_GRANTS_S, Standing
from .words import trouble_words, unknown_words

_LOGGER = logging.getLogger(__name__)

type HomeConfigEntry = ConfigEntry[Home]

# A clock that is set while we run moves every edge, and timers do not notice.
_TICK = timedelta(minutes=1)
_DAY = timedelta(days=1)
_BETWEEN_RENEWALS = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the config entry holds: where the city is, who we are to it, and its document."""

    home: str
    url: URL
    city: City

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Enrolment:
        """Read the data of a config entry.

        Raises:
            Rejected: `malformed` if the city document is out of shape.

        """
        return cls(home=data[CONF_HOME], url=URL(data[CONF_URL]), city=City.parse(data[CONF_CITY]))


class Home:
    """One enrolled home, from setup to unload."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HomeConfigEntry,
        enrolment: Enrolment,
        identity: Identity,
        memory: Memory,
        consents: Consents,
        ledger: Ledger,
        handed_over: HandedOver,
        watch: LogWatch,
    ) -> None:
        """Put the parts together; nothing runs before `start`."""
        random = Random()  # noqa: S311 - jitter
        self._hass = hass
        self._entry = entry
        self._identity = identity
        self._memory = memory
        self._tls: ssl.SSLContext | None = None
        self._listeners: set[Callable[[], None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._enrolled_as = dict(entry.data)
        self._asking: asyncio.Task[None] | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._renewal_tried: datetime | None = None
        self._refused = False
        self.enrolment = enrolment
        self.consents = consents
        self.ledger = ledger
        self.handed_over = handed_over
        self.watch = watch
        self.device_id = (
            dr.async_get(hass)
            .async_get_or_create(
                config_entry_id=entry.entry_id,
                identifiers={(DOMAIN, entry.entry_id)},
                name=entry.title,
                manufacturer="Jackson RTCC",
                entry_type=dr.DeviceEntryType.SERVICE,
            )
            .id
        )
        self.shares = Shares(
            hass,
            home=enrolment.home,
            city=enrolment.city,
            signer=identity.signer,
            memory=memory,
            random=random,
        )
        self.sessions = Sessions(
            hass,
            self.shares,
            ledger,
            home=enrolment.home,
            city=enrolment.city,
            signer=identity.signer,
            most=lambda: streams_at_once(entry.options),
        )
        self.looks = Looks(
            hass,
            self.shares,
            ledger,
            watch,
            self.sessions,
            home=enrolment.home,
            city=enrolment.city,
            signer=identity.signer,
        )
        self.receipts = Receipts(
            watch,
            ledger,
            home=enrolment.home,
            city=enrolment.city,
            signer=identity.signer,
        )
        self.log_check = LogCheck(
            hass,
            home=enrolment.home,
            url=enrolment.url,
            city=enrolment.city,
            identity=identity,
            watch=watch,
            ledger=ledger,
            find=self._find,
        )
        self.link = Link(
            enrolment.home,
            enrolment.city.broker,
            self._context,
            Callbacks(
                up=self._on_up,
                down=partial(self.sessions.end_all, End.DISCONNECTED),
                request=self._on_request,
                receipt=self.receipts.receive,
                changed=self._notify,
                refused=self._on_refused,
                rival=lambda: self.standing.twin,
            ),
            random,
        )
        self.standing = Standing(
            hass,
            entry,
            home=enrolment.home,
            url=enrolment.url,
            city=enrolment.city,
            identity=identity,
            memory=memory,
            consents=consents,
        )
        self.shares.publish = partial(self.link.publish, retain=True)
        self.shares.publish_urgently = partial(self.link.publish, retain=True, urgent=True)
        self.shares.changed = self._on_shares
        self.sessions.publish = self.link.publish
        self.looks.publish = self.link.publish
        self.looks.doubt = self._on_doubt
        self.looks.doubt_log = self._on_log_doubt
        self.receipts.publish = self.link.publish
        self.receipts.doubt = self._on_log_doubt
        self.watch.changed = self._on_watch
        self.standing.changed = self._on_standing
        self.standing.behind = self.shares.start_over
        self.standing.restored = self.ledger.begin_anew
        self._on_standing()
        self._on_watch()

    @property
    def identity(self) -> Identity:
        """Return the keys and the certificate in use."""
        return self._identity

    @property
    def outdated(self) -> bool:
        """Tell whether the config entry says something else now than at the setup."""
        return self._enrolled_as != dict(self._entry.data)

    @callback
    def subscribe(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `listener` whenever anything that entities show may have changed."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @callback
    def apply_subentries(self) -> None:
        """Take the shares from the config entry's subentries."""
        self.shares.apply(shares_of(self._entry))
        report_gone(self._hass, self._entry.entry_id, self.shares.all)
        self.ledger.keep_only(set(self.shares.all))

    @callback
    def start(self) -> None:
        """Begin to work; entities are there already."""
        self._unsubscribe += [
            self._hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry, _is_of_a_share
            ),
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._on_config),
            async_track_time_interval(self._hass, self._on_tick, _TICK),
            async_track_time_interval(self._hass, self._on_day, _DAY),
        ]
        self._task = self._entry.async_create_background_task(
            self._hass, self._run(), "jackson_rtcc link"
        )

    async def stop(self) -> None:
        """Stop working: presence goes offline, and everything that runs ends."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self.shares.close()
        await self.sessions.close()
        await self.looks.close()
        await self._memory.save()
        await self.ledger.save()
        await self.watch.save()
        await self.handed_over.close()
        if self._beginning is not None:
            # Nothing may say "online" after the goodbye.
            self._beginning.cancel()
        if self._task is not None:
            await self.link.stop(self._task)
            self._task = None

    async def _run(self) -> None:
        await self._renew_if_due()
        await self.link.run()

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = await self._hass.async_add_executor_job(
                identities.tls_context, self._identity
            )
        return self._tls

    async def _renew_if_due(self) -> bool:
        """Renew the certificate if it is time; return whether there is a new one."""
        (starts, ends), now = self._identity.valid, dt_util.utcnow()
        if not renewal_due(starts, ends, now):
            return False
        enrolment, self._renewal_tried = self.enrolment, now
        try:
            renewed = await renew(
                self._hass, enrolment.url, enrolment.home, enrolment.city.hub, self._identity
            )
        except CityError as err:
            _LOGGER.warning("The certificate could not be renewed, next try tomorrow: %s", err)
            if ends_soon(ends, now):
                why = await trouble_words(self._hass, err.trouble)
                issues.certificate_ending(
                    self._hass, self._entry.entry_id, self._entry.title, ends, why
                )
            return False
        await identities.save(self._hass, enrolment.home, renewed)
        self._identity, self._tls = renewed, None
        issues.gone(self._hass, Issue.CERTIFICATE_ENDING, self._entry.entry_id)
        return True

    @callback
    def _on_up(self) -> None:
        if self._refused:
            self._refused = False
            for flow in list(self._entry.async_get_active_flows(self._hass, {SOURCE_REAUTH})):
                self._hass.config_entries.flow.async_abort(flow["flow_id"])
        self.shares.publish_revocations()
        if self._beginning is not None:
            self._beginning.cancel()
        self._beginning = self._entry.async_create_background_task(
            self._hass, self._begin(), "jackson_rtcc grants"
        )

    async def _begin(self) -> None:
        """Grant as soon as the hub has told how we stand, or does not say."""
        if self._asking is None or self._asking.done():
            self._asking = self._entry.async_create_background_task(
                self._hass, self.standing.check(), "jackson_rtcc status"
            )
        await asyncio.wait({self._asking}, timeout=BEFORE_GRANTS_S)
        self.shares.publish_grants()
        self.link.announce()
        # After the answer, because that tells whether the record here is an old one.
        await asyncio.wait({self._asking})
        await self.log_check.check()

    @callback
    def _on_request(self, token: bytes) -> None:
        if is_word(token):
            self.sessions.receive(token)
        else:
            self.looks.receive(token)

    @callback
    def _on_shares(self) -> None:
        self.sessions.check()
        self._notify()

    @callback
    def _on_standing(self) -> None:
        self.shares.stop_granting(bool(self.standing.holds))

    @callback
    def _on_watch(self) -> None:
        """Show what the owner has not read yet of what the access log does not add up to."""
        entry_id, city = self._entry.entry_id, self._entry.title
        if self.watch.evidence_unread:
            newest = self.watch.evidence[-1]
            issues.log_wrong(self._hass, entry_id, city, newest.at, newest.reason)
        else:
            issues.gone(self._hass, Issue.LOG_WRONG, entry_id)
        if self.watch.unknown_unread:
            looks = unknown_words(self._hass, self.enrolment.city.policy, self.watch.unknown)
            issues.log_extra(self._hass, entry_id, city, looks)
        else:
            issues.gone(self._hass, Issue.LOG_EXTRA, entry_id)
        self._notify()

    @callback
    def _on_log_doubt(self) -> None:
        self._entry.async_create_background_task(
            self._hass, self.log_check.suspect(), "jackson_rtcc access log"
        )

    def _find(self, camera: str) -> tuple[str | None, str | None]:
        """Return the subentry and the name of a camera."""
        subentry_id = self.shares.find(camera)
        return subentry_id, self.shares.all[subentry_id].name if subentry_id else None

    @callback
    def _on_doubt(self, clock: bool) -> None:
        self._entry.async_create_background_task(
            self._hass, self.standing.suspect(clock=clock), "jackson_rtcc status"
        )

    @callback
    def _on_refused(self) -> None:
        self._refused = True
        self._entry.async_create_background_task(
            self._hass, self._renew_or_enrol_anew(), "jackson_rtcc refused"
        )

    async def _renew_or_enrol_anew(self) -> None:
        tried = self._renewal_tried
        lately = tried is not None and dt_util.utcnow() - tried < _BETWEEN_RENEWALS
        if not lately and await self._renew_if_due():
            return
        self._entry.async_start_reauth(self._hass)

    @callback
    def _notify(self) -> None:
        for listener in list(self._listeners):
            listener()

    @callback
    def _on_registry(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self.shares.follow()
        report_gone(self._hass, self._entry.entry_id, self.shares.all)

    @callback
    def _on_config(self, _event: Event[Any]) -> None:
        self.shares.settle()

    @callback
    def _on_tick(self, now: datetime) -> None:
        self.shares.settle()
        if self.standing.ask_again_due(now):
            self._on_doubt(clock=False)

    async def _on_day(self, _now: datetime) -> None:
        await self._renew_if_due()
        await self.standing.check()
        await self.log_check.check()


@callback
def _is_of_a_share(data: er.EventEntityRegistryUpdatedData) -> bool:
    return data["entity_id"].startswith(("camera.", "schedule."))


def camera_subentries(entry: HomeConfigEntry) -> list[ConfigSubentry]:
    """Return the subentries that are cameras."""
    return entry.get_subentries_of_type(SUBENTRY_CAMERA)


def shares_of(entry: HomeConfigEntry) -> dict[str, Share]:
    """Return the shares that a config entry holds, by subentry id."""
    return {
        subentry.subentry_id: Share.parse(subentry.data) for subentry in camera_subentries(entry)
    }
