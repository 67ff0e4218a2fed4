"""Puts the rooms of a hub together around its store, its keys and its bus."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from ssl import PEM_cert_to_DER_cert
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.access.access import Access
from hub.access.api import AccessApi
from hub.access.asks import Asks
from hub.access.ends import Ends
from hub.access.judge import Judge
from hub.access.looks import Looks
from hub.access.path import Path
from hub.access.receipts import Receipts
from hub.access.shown import Shown
from hub.changes.room import Changes
from hub.config import Limits as LimitSettings
from hub.console.room import Console, ConsoleSettings
from hub.documents.enactment import enact
from hub.grants import words
from hub.grants.api import GrantsApi
from hub.grants.cameras import Cameras
from hub.grants.intake import Intake
from hub.homes.api import HomesApi
from hub.homes.homes import Homes
from hub.http.health import HealthApi, description
from hub.http.limits import Limits
from hub.http.page import front_page
from hub.http.server import application
from hub.incidents.api import IncidentsApi
from hub.incidents.incidents import Incidents
from hub.incidents.room import IncidentWork
from hub.incidents.webhook import WebhookAt
from hub.messaging.bus import Bus
from hub.messaging.inbox import Inbox
from hub.metrics import Metrics
from hub.operators.door import Door
from hub.operators.room import Operators
from hub.operators.tokens import Tokens
from hub.pictures.api import PicturesApi
from hub.pictures.pictures import Pictures
from hub.pictures.recent import Recent
from hub.pictures.vault import Vault
from hub.protocol.documents import Policy, Waiver
from hub.protocol.entries import EntryKind
from hub.protocol.keys import fingerprint
from hub.protocol.tokens import Signer
from hub.public.room import PublicRoom
from hub.registrations.mail import Mailer
from hub.rejections import Rejections
from hub.streams.api import stream_routes
from hub.streams.heard import Heard
from hub.streams.pages.api import LookPageApi
from hub.streams.players import Players
from hub.streams.room import new_streams
from hub.streams.turn import IceServers
from hub.supervision.room import Supervision
from hub.transparency.api import LogApi
from hub.transparency.log import HUB, AccessLog
from hub.transparency.mine import MineApi
from hub.transparency.reading import Reading
from hub.transparency.witnesses import WitnessAt, Witnesses

_LOGGER = logging.getLogger(__name__)
_SWEEP_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a hub is made of; `city` is the city document, its broker's host None for the hub's.

    `url` is where residents reach the hub; empty is where operators do.
    """

    engine: AsyncEngine
    log: AccessLog
    signer: Signer
    ca_pem: str
    homes: Homes
    tokens: Tokens
    waiver: Waiver
    policy: Policy
    city: Mapping[str, Any]
    bus: Bus
    version: str
    now: Callable[[], datetime]
    vault: Vault
    mailer: Mailer | None = None
    url: str = ""
    door: Door = field(default_factory=Door)
    limits: LimitSettings = field(default_factory=LimitSettings)
    witnesses: tuple[WitnessAt, ...] = ()
    ice: IceServers = field(default_factory=IceServers)
    strict_etag: bool = False
    webhook: WebhookAt | None = None
    console: ConsoleSettings = field(default_factory=ConsoleSettings)


class Hub:
    """A hub that can be started and stopped, and the application that it serves."""

    def __init__(self, parts: Parts) -> None:
        """Connect the rooms; nothing runs yet."""
        self._parts = parts
        self._metrics = Metrics()
        self.log = parts.log
        rejections = Rejections(self._metrics.refused)
        hub, now, verifier_of = parts.signer.kid, parts.now, parts.homes.verifier
        self._cameras = Cameras(
            parts.waiver.digest, parts.policy.digest, parts.policy.pilot, self._metrics.refused
        )
        self._intake = Intake(
            cameras=self._cameras,
            engine=parts.engine,
            hub=hub,
            verifier_of=verifier_of,
            rejections=rejections,
            now=now,
        )
        self._asks = Asks(parts.bus, parts.signer, rejections, now)
        shown = Shown()
        self._receipts = Receipts(
            engine=parts.engine,
            log=self.log,
            bus=parts.bus,
            signer=parts.signer,
            shown=shown,
            verifier_of=verifier_of,
            rejections=rejections,
            doubted=self._doubted,
            now=now,
        )
        self._looks = Looks(parts.engine)
        self._incidents = Incidents(parts.engine, self.log, parts.policy)
        self.supervision = Supervision(parts.engine, self.log, parts.policy, self._incidents, now)
        approved = self.supervision.approvals.of
        self._ends = Ends(self.log, self._looks, self._receipts, self._metrics.looked)
        self._path = Path(
            log=self.log,
            judge=Judge(self._incidents, self._cameras, parts.policy, verifier_of, approved),
            looks=self._looks,
            ends=self._ends,
            asks=self._asks,
            shown=shown,
            count=self._metrics.looked,
            doubted=self._doubted,
            now=now,
        )
        self._access = Access(self._path, self._ends)
        self.streams = new_streams(
            engine=parts.engine,
            bus=parts.bus,
            signer=parts.signer,
            policy=parts.policy,
            path=self._path,
            looks=self._looks,
            ends=self._ends,
            idle=parts.door.idle,
            metrics=self._metrics,
            now=now,
        )
        self.streams.ice = lambda _look, _ends: parts.ice.fresh(now())
        self.inbox = Inbox(
            cameras=self._cameras,
            intake=self._intake,
            asks=self._asks,
            receipts=self._receipts,
            heard=Heard(self.streams, hub, verifier_of, rejections, now),
            verifier_of=verifier_of,
            rejections=rejections,
            now=now,
        )
        recent = Recent(parts.policy.retention.unattached, now)
        self._access.on_picture = recent.hold
        self._pictures = Pictures(
            engine=parts.engine,
            log=self.log,
            vault=parts.vault,
            recent=recent,
            incidents=self._incidents,
            policy=parts.policy,
            now=now,
        )
        self.work = IncidentWork(
            engine=parts.engine,
            log=self.log,
            incidents=self._incidents,
            approvals=self.supervision.approvals,
            cameras=self._cameras,
            looks=self._looks,
            pictures=self._pictures,
            webhook=parts.webhook,
            now=now,
        )
        self._public = PublicRoom(
            engine=parts.engine,
            log=self.log,
            homes=parts.homes,
            ca_der=PEM_cert_to_DER_cert(parts.ca_pem),
            policy=parts.policy,
            hub=hub,
            city=str(parts.city["name"]),
            url=parts.url or parts.door.origin,
            mailer=parts.mailer,
            now=now,
        )
        self._mine = MineApi(parts.engine, self.log, shown, hub, verifier_of, self._doubted, now)
        self.operators = Operators(parts.engine, self.log, parts.tokens, parts.door, now)
        self._witnesses = Witnesses(self.log, parts.engine, parts.witnesses)
        self.changes = Changes(
            engine=parts.engine,
            log=self.log,
            cameras=self._cameras,
            incidents=self._incidents,
            approvals=self.supervision.approvals,
            looks=self._looks,
            streams=self.streams,
            idle=parts.door.idle,
            now=now,
        )
        self.log.on_grown = self._grown
        self._cameras.on_hidden = self.streams.recheck
        self.operators.sessions.on_session_ended = self._session_ended
        self._sweeper: asyncio.Task[None] | None = None
        self._forgetting: set[asyncio.Task[None]] = set()
        parts.homes.on_removed = self._home_removed

    def _grown(self) -> None:
        """Tell that something was entered: whatever changes what may be seen has an entry."""
        self._witnesses.grown()
        self.streams.recheck()
        self.changes.feed.grown()

    def _session_ended(self, _operator: str, _session: str) -> None:
        self.streams.recheck()
        self.changes.feed.check()

    def application(self) -> web.Application:
        """Return the application that serves the whole API."""
        parts = self._parts
        page = front_page(str(parts.city["name"]), fingerprint(parts.signer.kid))
        routes = [
            *HomesApi(parts.homes, parts.ca_pem.encode(), parts.city, parts.now).routes(),
            *GrantsApi(self._cameras, parts.now).routes(),
            *IncidentsApi(
                self._incidents,
                self.supervision.approvals,
                self._cameras,
                self._looks,
                parts.now,
            ).routes(),
            *self.work.routes(),
            *self.changes.routes(),
            *self.supervision.routes(),
            *AccessApi(self._access).routes(),
            *stream_routes(
                self.streams,
                Players(parts.engine, self._path.judge, parts.ice, parts.now),
                parts.now,
                strict_etag=parts.strict_etag,
            ),
            *self._mine.routes(),
            *LogApi(self.log, Reading(self.log, parts.engine)).routes(),
            *self.operators.routes(),
            *PicturesApi(self._pictures).routes(),
            *self._public.routes(),
            *LookPageApi(str(parts.city["name"]), self.operators.authenticate, parts.now).routes(),
            *Console(parts.engine, parts.console, parts.version).routes(),
            *HealthApi(self.why_not_ready, self._measure, page).routes(),
        ]
        app = application(
            [*routes, description(routes, parts.version)],
            self.operators.authenticate,
            parts.now,
            self._metrics.answered,
            Limits.of(
                parts.limits.requests_per_second, parts.limits.sign_ins_per_minute, parts.now
            ),
        )
        # First, so that the pages that play something hear of it.
        app.on_shutdown.insert(0, self._end_streams)
        return app

    async def _end_streams(self, _app: web.Application) -> None:
        await self.streams.stop()
        await self.changes.feed.stop()

    async def start(self) -> None:
        """Load the store, then listen to the homes."""
        parts = self._parts
        await self.log.load()
        await enact(self.log, parts.waiver, parts.policy, parts.city)
        await self._receipts.load()
        self._cameras.load(
            (camera, held)
            for camera, held in await words.load(parts.engine)
            if parts.homes.verifier(held.home) is not None
        )
        self._intake.start()
        parts.bus.on_message = self.inbox.take
        parts.bus.on_link = self.inbox.link
        await parts.bus.start()
        self._receipts.start()
        self.work.webhook.start()
        self.streams.start()
        self._witnesses.start()
        await self._sweep_operators()
        await self.supervision.round(parts.now())
        self._sweeper = asyncio.create_task(self._sweep(), name="sweep")

    async def stop(self) -> None:
        """Stop listening; what was not stored will be sent again."""
        await self.streams.stop()
        await self.changes.feed.stop()
        await self.work.webhook.stop()
        await self._parts.bus.stop()
        await self._intake.stop()
        await self._receipts.stop()
        await self._witnesses.stop()
        await self.operators.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await asyncio.gather(*self._forgetting, return_exceptions=True)

    def why_not_ready(self) -> str | None:
        """Return why no look is possible, or None."""
        if not self._parts.bus.connected:
            return "The hub does not hear its broker."
        if not self._intake.storing:
            return "The hub cannot write its store."
        if not self.log.writable:
            return "The access log cannot be written: no look is possible."
        return None

    def _measure(self) -> bytes:
        self._metrics.broker_connected.set(self._parts.bus.connected)
        self._metrics.store_writable.set(self._intake.storing)
        self._metrics.log_writable.set(self.log.writable)
        self._metrics.log_size.set(len(self.log))
        self._metrics.receipts_pending.set(len(self._receipts))
        self._metrics.streams_running.set(len(self.streams))
        self._metrics.homes_online.set(self._cameras.online())
        self._metrics.cameras_live.set(self._cameras.count(self._parts.now()))
        return self._metrics.text()

    async def _sweep_operators(self) -> None:
        try:
            await self.operators.sweep()
        except SQLAlchemyError as err:
            # Sessions and accounts are judged by the clock all the same, each time they are used.
            _LOGGER.error("Operators' accounts could not be looked after: %s", err)  # noqa: TRY400

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            await self.sweep()

    async def sweep(self) -> None:
        """Do what time asks for. What fails in one room stops no other one, and is done later."""
        now = self._parts.now()
        self._cameras.sweep(now)
        for what, work in {
            "Reviews": lambda: self.supervision.round(now),
            "The access log": lambda: self._look_after_log(now),
            "Operators' accounts": self.operators.sweep,
            "What is kept too long": self.expire,
        }.items():
            try:
                await work()
            except SQLAlchemyError as err:
                _LOGGER.error("%s could not be looked after: %s", what, err)  # noqa: TRY400
            except Exception:
                # A store that is away, or a row that nobody can read: nothing else waits for that.
                _LOGGER.exception("%s could not be looked after", what)

    async def expire(self) -> None:
        """Delete what its time is over for: pictures and registrations, each with its entry.

        Raises:
            SQLAlchemyError: if the store cannot be read or the log cannot be written.

        """
        await self._pictures.sweep()
        await self._public.sweep()

    async def _look_after_log(self, now: datetime) -> None:
        if not self.log.writable:
            # Nothing else may be left that writes: nobody is sent to a hub that is not ready.
            await self.log.write(EntryKind.ALARM, actor=HUB, outcome="over", about={})
        await self._ends.finish(now)
        await self._receipts.sweep(now)

    def _doubted(self, home: str, reason: str) -> None:
        self._metrics.doubted(reason)
        _LOGGER.critical("Home %s SAYS THAT THE ACCESS LOG DOES NOT ADD UP: %s", home, reason)

    def _home_removed(self, home: str) -> None:
        self._cameras.forget_home(home)
        task = asyncio.create_task(self._forget(home), name=f"forget {home}")
        self._forgetting.add(task)
        task.add_done_callback(self._forgetting.discard)

    async def _forget(self, home: str) -> None:
        try:
            await words.forget(self._parts.engine, home)
            await self._receipts.forget(home)
        except SQLAlchemyError:
            # Nothing depends on it: at the next start the words of a home without a key stay out.
            _LOGGER.exception("The grants of removed home %s stay in the store", home)
