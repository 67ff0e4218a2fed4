"""`rtcc-hub turn-config`: the configuration of the city's relay."""

import argparse
import ipaddress
import sys
from collections.abc import Callable
from typing import Protocol

from hub.config import Config
from hub.data import DataFolder
from hub.streams.coturn import FIRST_PORT, LAST_PORT, Network, Relay, turnserver_conf
from hub.streams.turn import turn_secret

type _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
type _Add = Callable[[_Commands, str, str], argparse.ArgumentParser]


class Desk(Protocol):
    """What the command works with."""

    @property
    def config(self) -> Config:
        """Return the configuration."""
        ...

    @property
    def folder(self) -> DataFolder:
        """Return the data folder."""
        ...


def add(commands: _Commands, new: _Add) -> None:
    """Add the command."""
    which = new(commands, "turn-config", "print the configuration of the relay for live video")
    coturn = new(
        which.add_subparsers(required=True, metavar="SERVER"),
        "coturn",
        "a turnserver.conf for coturn 4.6 or newer; it holds the secret",
    )
    coturn.add_argument(
        "--listen", action="append", default=[], type=_address, metavar="ADDRESS",
        help="the address to listen on (default: all)",
    )  # fmt: skip
    coturn.add_argument(
        "--external-ip", type=_external, metavar="PUBLIC[/PRIVATE]",
        help="its public address, behind a NAT with the private one that it stands for",
    )  # fmt: skip
    coturn.add_argument("--port", type=_port, help="default: that of turn.urls, or 3478")
    coturn.add_argument("--tls-port", type=_port, help="default: that of turn.urls, or 5349")
    coturn.add_argument("--min-port", type=_port, default=FIRST_PORT)
    coturn.add_argument("--max-port", type=_port, default=LAST_PORT)
    coturn.add_argument("--certificate", default="", type=_word, metavar="FILE")
    coturn.add_argument("--key", default="", type=_word, metavar="FILE")
    coturn.add_argument(
        "--allow-peer", action="append", default=[], type=_network, metavar="NETWORK",
        help="a private network that the relay may reach all the same, as 10.20.0.0/16",
    )  # fmt: skip
    coturn.set_defaults(command=print_coturn)


async def print_coturn(desk: Desk, options: argparse.Namespace) -> None:
    """Print coturn's configuration."""
    relay = Relay(
        listen=tuple(options.listen),
        external=options.external_ip or "",
        port=options.port,
        tls_port=options.tls_port,
        first_port=options.min_port,
        last_port=options.max_port,
        certificate=options.certificate,
        key=options.key,
        allowed=tuple(options.allow_peer),
    )
    turn = desk.config.turn
    sys.stdout.write(turnserver_conf(turn, turn_secret(turn, desk.folder), relay))


def _address(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _external(text: str) -> str:
    return "/".join(_address(one) for one in text.split("/", 1))


def _network(text: str) -> Network:
    return ipaddress.ip_network(text)


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"1 to {LAST_PORT}")
    return port


def _word(text: str) -> str:
    if not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError("a path without spaces")
    return text
