"""Put the link together: the broker, the hub's own or the city's, and the bus to it."""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from hub.config import Config
from hub.data import DataFolder
from hub.homes.authority import HUB, HUB_REPLIES, Authority, client_context, local_names
from hub.messaging.child import Broker, find_mosquitto, free_port
from hub.messaging.external import ExternalBroker
from hub.messaging.gmqtt_bus import Connection, GmqttBus
from hub.messaging.mosquitto import Files, access_list, configuration


def broker_of(
    config: Config, folder: DataFolder, authority: Authority, now: datetime
) -> Broker | ExternalBroker:
    """Return the broker that the configuration asks for, not started.

    Raises:
        StartError: if it is to be the hub's own and cannot be.

    """
    broker = config.broker
    if broker.mode == "external":
        return ExternalBroker(
            host=broker.host,
            port=broker.port,
            crl=authority.crl_file,
            copy=Path(broker.crl) if broker.crl else None,
            command=broker.reload,
        )
    return embedded_broker(
        folder,
        authority,
        names=server_names(config),
        bind=broker.bind,
        port=broker.port,
        now=now,
    )


def server_names(config: Config) -> frozenset[str]:
    """Return every name and address that the hub's server certificate is for."""
    configured = (*config.http.names, config.http.bind, config.broker.bind)
    public = (config.broker.public_host,)
    unspecified = {"", "0.0.0.0", "::"}  # noqa: S104
    return local_names() | ({*configured, *public} - unspecified)


def embedded_broker(
    folder: DataFolder,
    authority: Authority,
    *,
    names: Iterable[str],
    bind: str = "",
    port: int = 8883,
    now: datetime,
) -> Broker:
    """Write what the hub's own Mosquitto reads, and return it, not started; port 0 is any free one.

    Raises:
        StartError: if there is no Mosquitto, or a file cannot be written.

    """
    program = find_mosquitto()
    port = port or free_port(bind)
    if not authority.crl_file.exists():
        authority.write_crl([], now)
    files = Files(
        acl=folder.write("broker/acl", access_list()),
        ca=authority.ca_file,
        crl=authority.crl_file,
        server=authority.server(names, now),
    )
    # As root, Mosquitto would become a user who cannot read the hub's private files.
    user = "root" if os.geteuid() == 0 else None
    text = configuration(files, port=port, bind=bind, user=user)
    written = folder.write("broker/mosquitto.conf", text)
    return Broker(program, written, folder.file("broker/pid"), bind, port)


def broker_bus(
    authority: Authority,
    *,
    host: str,
    port: int,
    messages: Sequence[str],
    replies: Sequence[str],
    now: datetime,
) -> GmqttBus:
    """Return the hub's bus: messages on one connection, replies on another.

    Pictures do not delay grants that way; and only the first has something to lose by a restart.
    """
    return GmqttBus(
        host,
        port,
        [
            Connection(
                name=name,
                tls=client_context(authority.ca_file, authority.client(name, now)),
                topics=topics,
                keep_session=keep_session,
            )
            for name, topics, keep_session in (
                (HUB, messages, True),
                (HUB_REPLIES, replies, False),
            )
        ],
    )
