"""Relays: where the city's TURN servers are, so that nobody else passes for one of them."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address

from homeassistant.core import HomeAssistant

from .protocol.stream import IceServer

_SCHEMES = ("turn:", "turns:")
_LIMIT_S = 2


def hosts(servers: Iterable[IceServer]) -> frozenset[str]:
    """Return the hosts of all TURN servers (RFC 7065): names and addresses."""
    urls = (url for server in servers for url in server.urls)
    return frozenset(_host(url) for url in urls if url.startswith(_SCHEMES))


async def relay_addresses(hass: HomeAssistant, servers: Iterable[IceServer]) -> frozenset[str]:
    """Return the addresses of all TURN servers; of one that nobody knows there is none."""
    found: set[str] = set()
    for host in hosts(servers):
        try:
            found.add(str(ip_address(host)))
        except ValueError:
            found |= await _looked_up(hass, host)
    return frozenset(found)


async def _looked_up(hass: HomeAssistant, host: str) -> set[str]:
    try:
        async with asyncio.timeout(_LIMIT_S):
            told = await hass.loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except OSError:
        # A timeout is one too.
        return set()
    return {str(ip_address(address[0])) for *_, address in told}


def _host(url: str) -> str:
    address = url.partition(":")[2].partition("?")[0]
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0]
