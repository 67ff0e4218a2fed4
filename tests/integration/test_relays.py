"""Relays: only what the city named as its own passes for one, by address or by name."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.jackson_rtcc.protocol.stream import IceServer
from custom_components.jackson_rtcc.relays import hosts, relay_addresses


def test_hosts_of_all_turn_servers() -> None:
    urls = (
        "stun:stun.city.test:3478",
        "turn:relay.city.test",
        "turns:relay2.city.test:443?transport=tcp",
        "turn:[2001:db8::7]:3478?transport=udp",
        "turn:198.51.100.4?transport=udp",
    )
    assert hosts([IceServer(urls)]) == {
        "relay.city.test",
        "relay2.city.test",
        "2001:db8::7",
        "198.51.100.4",
    }


async def test_names_are_looked_up_and_unknown_ones_are_nowhere(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def known(host: str, *_: Any, **__: Any) -> list[Any]:
        if host != "relay.city.test":
            raise OSError("no such name")
        return [
            (2, 2, 17, "", ("198.51.100.4", 0)),
            (10, 2, 17, "", ("2001:DB8:0::7", 0, 0, 0)),
        ]

    monkeypatch.setattr(hass.loop, "getaddrinfo", known)
    urls = ("turn:relay.city.test", "turn:gone.city.test", "turn:198.51.100.9")
    found = await relay_addresses(hass, [IceServer(urls)])
    assert found == {"198.51.100.4", "2001:db8::7", "198.51.100.9"}
