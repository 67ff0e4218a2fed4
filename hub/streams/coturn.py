"""Writes a complete turnserver.conf for the relay that the hub's configuration names."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from hub.config import Turn

PORT, TLS_PORT = 3478, 5349
FIRST_PORT, LAST_PORT = 49_152, 65_535
"""Between which it relays, if nobody says otherwise."""

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Whoever may use the relay could otherwise reach the city's own machines through it.
PRIVATE: tuple[Network, ...] = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/127",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "100::/64",
        "2001::/32",
        "2002::/16",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """What the machine that relays has of its own; ports None are those of the addresses."""

    listen: tuple[str, ...] = ()
    external: str = ""
    port: int | None = None
    tls_port: int | None = None
    first_port: int = FIRST_PORT
    last_port: int = LAST_PORT
    certificate: str = ""
    key: str = ""
    allowed: tuple[Network, ...] = ()
    user_quota: int = 12
    total_quota: int = 1_200
    bytes_per_second: int = 1_500_000


def turnserver_conf(turn: Turn, secret: str, relay: Relay) -> str:
    """Return the file; it holds the secret."""
    tls = any(url.startswith("turns:") for url in turn.urls)
    sections = [
        _SAID.format(urls=_urls(turn, relay)),
        "# Who may relay: whoever has credentials that the hub made, until they end.",
        "use-auth-secret",
        f"static-auth-secret={secret}",
        f"realm={turn.realm}",
        "stale-nonce=600",
        "fingerprint",
        "",
        "# Where it listens. Open these in the firewall, for UDP and TCP, and the relayed ports",
        "# for UDP.",
        *(f"listening-ip={address}" for address in relay.listen),
        f"listening-port={relay.port or _port(turn, 'turn:', PORT)}",
        *([f"external-ip={relay.external}"] if relay.external else []),
        f"min-port={relay.first_port}",
        f"max-port={relay.last_port}",
        "",
        *_tls(turn, relay, wanted=tls or bool(relay.certificate)),
        "",
        "# Peers that nobody reaches through it, except those that were allowed.",
        "no-multicast-peers",
        *(f"denied-peer-ip={_range(network)}" for network in PRIVATE),
        *(f"allowed-peer-ip={_range(network)}" for network in relay.allowed),
        "",
        "# How much: allocations of one side of one stream, of all, and bytes a second of each.",
        f"user-quota={relay.user_quota}",
        f"total-quota={relay.total_quota}",
        f"max-bps={relay.bytes_per_second}",
        "",
        "# Nothing else is served, and nothing is told about it.",
        "no-cli",
        "no-tcp-relay",
        "no-rfc5780",
        "no-stun-backward-compatibility",
        "response-origin-only-with-rfc5780",
        "no-software-attribute",
        "log-file=stdout",
        "simple-log",
    ]
    return "".join(f"{line}\n" for line in sections)


_SAID = """\
# turnserver.conf for coturn 4.6 or newer, written by `rtcc-hub turn-config coturn`.
# It holds the secret that the hub shares with it: only coturn's user may read it.
# The hub's configuration needs, with the name under which homes and browsers reach this machine:
#   [turn]
#   urls = [{urls}]
"""


def _urls(turn: Turn, relay: Relay) -> str:
    port = relay.port or PORT
    urls = turn.urls or tuple(
        f"turn:turn.example.gov:{port}?transport={one}" for one in ("udp", "tcp")
    )
    return ", ".join(f'"{url}"' for url in urls)


def _tls(turn: Turn, relay: Relay, *, wanted: bool) -> Iterable[str]:
    if not wanted:
        return (
            "# Without a turns: address there is no TLS. Media is encrypted end to end all the",
            "# same; TLS on port 443 helps those whose networks let nothing else through.",
            "no-tls",
            "no-dtls",
        )
    return (
        "# A certificate that browsers believe, for the name in the turns: address.",
        f"tls-listening-port={relay.tls_port or _port(turn, 'turns:', TLS_PORT)}",
        f"cert={relay.certificate or '/etc/coturn/certificate.pem'}",
        f"pkey={relay.key or '/etc/coturn/key.pem'}",
        "no-tlsv1",
        "no-tlsv1_1",
    )


def _port(turn: Turn, scheme: str, default: int) -> int:
    """Return the port of the first address of a scheme, or the one of the scheme."""
    for url in turn.urls:
        if url.startswith(scheme):
            host = url.removeprefix(scheme).partition("?")[0]
            _, _, port = host.rpartition("]")[2].rpartition(":")
            return int(port) if port.isdecimal() and port != host else default
    return default


def _range(network: Network) -> str:
    # To coturn a range that begins with 0.0.0.0 or :: begins nowhere, in either family. Those two
    # it refuses by itself.
    first = network[1] if network[0].is_unspecified else network[0]
    return f"{first}-{network[-1]}"
