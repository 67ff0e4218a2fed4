"""Runs a hub: opens what it needs in order, tells that it is ready, and ends cleanly."""

import asyncio
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from urllib.parse import urlsplit

import uvloop
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from hub.assembly import Hub, Parts
from hub.config import Config, public_name
from hub.console.maps import map_source
from hub.console.room import ConsoleSettings
from hub.data import DataFolder
from hub.documents.rules import Rules, read_rules
from hub.errors import StartError
from hub.homes.authority import Authority, KeyPair, open_hub_key
from hub.homes.homes import Homes
from hub.http.browsers import browsers_pair, root_file
from hub.incidents.webhook import WebhookAt
from hub.listening import listening_socket
from hub.logs import set_up
from hub.messaging.inbox import REPLY_SUBSCRIPTIONS, SUBSCRIPTIONS
from hub.messaging.setup import broker_bus, broker_of, server_names
from hub.operators.door import door_of
from hub.operators.tokens import Tokens
from hub.pictures.vault import Vault
from hub.protocol.keys import fingerprint, to_jwk
from hub.protocol.tokens import Signer
from hub.registrations.mail import Mailer
from hub.running import BrokerAddress, Running, withdraw
from hub.store.engine import open_database
from hub.streams.turn import ice_servers
from hub.transparency.log import AccessLog
from hub.transparency.witnesses import witnesses_of

_LOGGER = logging.getLogger(__name__)

_PROJECT = "jackson-rtcc-hub"
_REQUESTS_LIMIT_S = 20.0
_HTTPS = 443


def run(config: Config, path: Path) -> int:
    """Serve until SIGTERM or SIGINT and return the exit status.

    Raises:
        StartError: if the hub cannot start; one clear line.

    """
    set_up(config.log.level, json=config.log.json)
    folder = DataFolder.open(path)
    with folder.served():
        uvloop.run(_Server(config, folder).serve())
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


class _Server:
    """One run of a hub."""

    def __init__(self, config: Config, folder: DataFolder) -> None:
        self._config = config
        self._folder = folder
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Open everything, serve until a signal says to end, and close everything."""
        config, folder = self._config, self._folder
        ended = _ending_signals()
        # Of an earlier hub that was killed: a command must not take this one for ready.
        withdraw(folder)
        rules = read_rules(folder.path, config.documents)
        signer = open_hub_key(folder)
        authority = Authority.open(folder, config.city.name, _now())
        ice = ice_servers(config.turn, config.stun, folder)
        webhook = WebhookAt.of(config.webhook)
        source = map_source(config.map, folder.path)
        console = ConsoleSettings(source, config.map, webhook=webhook is not None)
        async with AsyncExitStack() as stack:
            # Before anything is started that would have to be ended again.
            listening = stack.enter_context(_listen(config))
            engine = await open_database(folder, config.database.url)
            stack.push_async_callback(engine.dispose)
            log = AccessLog(engine, signer, _now)
            homes = Homes(engine, authority, signer.kid, rules.waiver, rules.policy, log)
            tokens = Tokens(engine, log)
            await homes.load(_now())
            broker = await self._open_broker(stack, authority, homes)
            bus = broker_bus(
                authority,
                host=broker.host,
                port=broker.port,
                messages=SUBSCRIPTIONS,
                replies=REPLY_SUBSCRIPTIONS,
                now=_now(),
            )
            hub = Hub(
                Parts(
                    engine=engine,
                    log=log,
                    signer=signer,
                    ca_pem=authority.pem,
                    homes=homes,
                    tokens=tokens,
                    waiver=rules.waiver,
                    policy=rules.policy,
                    city=_city(config, signer, rules, broker.port),
                    bus=bus,
                    version=_version(),
                    now=_now,
                    vault=Vault.open(folder),
                    mailer=Mailer.open(config.mail),
                    url=config.operators.origin.rstrip("/") or _url(config, listening),
                    door=door_of(config, listening.getsockname()[1]),
                    limits=config.limits,
                    witnesses=witnesses_of(config.log.witnesses),
                    ice=ice,
                    strict_etag=config.streams.strict_etag,
                    webhook=webhook,
                    console=console,
                )
            )
            # Also when it starts only half way.
            stack.push_async_callback(hub.stop)
            await _started(hub)
            pair = authority.server(server_names(config), _now())
            browsers = browsers_pair(folder, config.http, server_names(config), _now())
            await _open_https(stack, hub.application(), listening, (pair, browsers))
            url = _url(config, listening)
            self._watch_for_commands(homes, tokens, hub)
            stack.callback(withdraw, folder)
            self._tell(
                Running(
                    pid=os.getpid(),
                    url=url,
                    broker=broker,
                    ca=str(authority.ca_file),
                    fingerprint=fingerprint(signer.kid),
                )
            )
            await ended.wait()
            _LOGGER.info("Ending")

    async def _open_broker(
        self, stack: AsyncExitStack, authority: Authority, homes: Homes
    ) -> BrokerAddress:
        """Start the hub's own broker, or use the city's; return where it is."""
        broker = broker_of(self._config, self._folder, authority, _now())
        await broker.start()
        stack.push_async_callback(broker.stop)
        homes.on_crl = broker.reload
        return BrokerAddress(broker.host, broker.port)

    def _watch_for_commands(self, homes: Homes, tokens: Tokens, hub: Hub) -> None:
        """Read again what a command of `rtcc-hub` changed; it sends SIGHUP after it did."""

        def read_again() -> None:
            tokens.forget()
            self._later(homes.load(_now()))
            self._later(hub.operators.sweep())

        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, read_again)

    def _later(self, work: asyncio._CoroutineLike[None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (err := task.exception()) is not None:
            _LOGGER.error("What a command changed could not be read again: %s", err)

    def _tell(self, running: Running) -> None:
        """Say that the hub is there: to programs in a file, to a person in lines."""
        running.announce(self._folder)
        broker = f"{running.broker.host}, port {running.broker.port}"
        origin = door_of(self._config, urlsplit(running.url).port or _HTTPS).origin
        root = root_file(self._folder, self._config.http)
        for line in (
            f"Hub of {self._config.city.name} at {running.url}",
            f"Its key's fingerprint: {running.fingerprint}",
            f"Its CA certificate: {running.ca}",
            f"The operators' console: {origin}/console",
            *([] if root is None else [f"For their browsers: {root}"]),
            f"Broker at {broker} ({self._config.broker.mode})",
        ):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _ending_signals() -> asyncio.Event:
    ended = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    return ended


def _city(config: Config, signer: Signer, rules: Rules, port: int) -> dict[str, object]:
    return {
        "name": config.city.name,
        "key": to_jwk(signer.key.public_key()),
        "waiver": rules.waiver_document,
        "policy": rules.policy_document,
        "broker": {"host": config.broker.public_host or None, "port": port},
    }


def _listen(config: Config) -> socket.socket:
    try:
        return listening_socket(config.http.bind, config.http.port)
    except OSError as err:
        raise StartError(
            f"cannot serve HTTPS on port {config.http.port}: {err.strerror or err}"
        ) from err


async def _started(hub: Hub) -> None:
    try:
        await hub.start()
    except SQLAlchemyError as err:
        reason = str(getattr(err, "orig", None) or err).splitlines()[0]
        raise StartError(f"cannot write the access log: {reason}") from err


async def _open_https(
    stack: AsyncExitStack,
    application: web.Application,
    listening: socket.socket,
    pairs: Iterable[KeyPair],
) -> None:
    """Serve the application by TLS, to each client with the first pair that it understands."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for pair in pairs:
        context.load_cert_chain(pair.certificate, pair.key)
    runner = web.AppRunner(
        application, access_log=None, shutdown_timeout=_REQUESTS_LIMIT_S, handle_signals=False
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listening, ssl_context=context).start()


def _url(config: Config, listening: socket.socket) -> str:
    """Return the address for a person."""
    host = public_name(config)
    return f"https://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"


def _version() -> str:
    try:
        return installed_version(_PROJECT)
    except PackageNotFoundError:
        return "0"
