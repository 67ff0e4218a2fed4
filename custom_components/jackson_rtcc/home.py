"""The home at work: ties identity, link, shares and looks together for one config entry."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_URL, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from yarl import URL

from . import identity as identities
from .const import CONF_CITY, CONF_HOME, DOMAIN, SUBENTRY_CAMERA
from .handed_over import HandedOver
from .identity import Identity
from .ledger import Ledger
from .link import Callbacks, Link
from .look import Looks
from .memory import Memory
from .protocol.city import City
from .renew import renew, renewal_due
from .share import Share
from .shares import Shares

type HomeConfigEntry = ConfigEntry[Home]

# A clock that is set while we run moves every edge, and timers do not notice.
_TICK = timedelta(minutes=1)
_DAY = timedelta(days=1)


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
        ledger: Ledger,
        handed_over: HandedOver,
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
        self.enrolment = enrolment
        self.ledger = ledger
        self.handed_over = handed_over
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
        self.looks = Looks(
            hass,
            self.shares,
            ledger,
            home=enrolment.home,
            city=enrolment.city,
            signer=identity.signer,
        )
        self.link = Link(
            enrolment.home,
            enrolment.city.broker,
            self._context,
            Callbacks(up=self.shares.publish_all, request=self.looks.receive, changed=self._notify),
            random,
        )
        self.shares.publish = lambda topic, token: self.link.publish(topic, token, retain=True)
        self.shares.changed = self._notify
        self.looks.publish = self.link.publish

    @property
    def identity(self) -> Identity:
        """Return the keys and the certificate in use."""
        return self._identity

    @callback
    def subscribe(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `listener` whenever anything that entities show may have changed."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @callback
    def apply_subentries(self) -> None:
        """Take the shares from the config entry's subentries."""
        self.shares.apply(shares_of(self._entry))
        self.ledger.keep_only(set(self.shares.all))

    @callback
    def start(self) -> None:
        """Begin to work; entities are there already."""
        self._unsubscribe += [
            self._hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry, _is_camera
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
        await self.looks.close()
        await self._memory.save()
        await self.ledger.save()
        await self.handed_over.close()
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

    async def _renew_if_due(self) -> None:
        starts, ends = self._identity.valid
        if not renewal_due(starts, ends, dt_util.utcnow()):
            return
        enrolment = self.enrolment
        renewed = await renew(
            self._hass, enrolment.url, enrolment.home, enrolment.city.hub, self._identity
        )
        if renewed is not None:
            await identities.save(self._hass, enrolment.home, renewed)
            self._identity, self._tls = renewed, None

    @callback
    def _notify(self) -> None:
        for listener in list(self._listeners):
            listener()

    @callback
    def _on_registry(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self.shares.settle()

    @callback
    def _on_config(self, _event: Event[Any]) -> None:
        self.shares.settle()

    @callback
    def _on_tick(self, _now: datetime) -> None:
        self.shares.settle()

    async def _on_day(self, _now: datetime) -> None:
        await self._renew_if_due()


@callback
def _is_camera(data: er.EventEntityRegistryUpdatedData) -> bool:
    return data["entity_id"].startswith("camera.")


def camera_subentries(entry: HomeConfigEntry) -> list[ConfigSubentry]:
    """Return the subentries that are cameras."""
    return entry.get_subentries_of_type(SUBENTRY_CAMERA)


def shares_of(entry: HomeConfigEntry) -> dict[str, Share]:
    """Return the shares that a config entry holds, by subentry id."""
    return {
        subentry.subentry_id: Share.parse(subentry.data) for subentry in camera_subentries(entry)
    }
