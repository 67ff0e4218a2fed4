"""ICE: lends the city's TURN servers to cameras, for the sessions that the city asked for."""

from collections.abc import Iterator
from contextvars import ContextVar

from homeassistant.components.web_rtc import async_register_ice_servers
from homeassistant.core import HomeAssistant, callback
from webrtc_models import RTCIceServer

from .protocol.stream import IceServer


class Loan:
    """Servers that whatever is called within one session may use, until it is over."""

    __slots__ = ("_lender", "_servers", "_token")

    def __init__(self, lender: IceServers, servers: tuple[IceServer, ...]) -> None:
        """Take whose they are, because a home may belong to two cities."""
        self._lender = lender
        self._servers = servers

    def __enter__(self) -> None:
        """Lend them to what is started from here, and to the tasks that those start."""
        self._token = _loan.set(self)

    def __exit__(self, *_: object) -> None:
        """Lend them to nothing else; what was started goes on with them."""
        _loan.reset(self._token)

    @callback
    def end(self) -> None:
        """Take them back from what is still running."""
        self._servers = ()

    def servers(self, lender: IceServers) -> tuple[IceServer, ...]:
        """Return the servers if they are this lender's."""
        return self._servers if lender is self._lender else ()


_loan: ContextVar[Loan | None] = ContextVar("jackson_rtcc_ice", default=None)
"""Home Assistant asks for servers without saying for whom; the caller's context tells it."""


class IceServers:
    """The city's servers, of which everyone else in the house sees nothing."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Register with Home Assistant, once."""
        self._remove = async_register_ice_servers(hass, self._lent)

    @callback
    def close(self) -> None:
        """Take the registration back."""
        self._remove()

    def lend(self, servers: tuple[IceServer, ...]) -> Loan:
        """Return a loan of these servers for one session."""
        return Loan(self, servers)

    def _lent(self) -> Iterator[RTCIceServer]:
        loan = _loan.get()
        for server in loan.servers(self) if loan else ():
            # A provider may change what it gets.
            yield RTCIceServer(list(server.urls), server.username, server.credential)
