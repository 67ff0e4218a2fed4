"""What the hub needs of its link to the broker; its logic sees nothing else of MQTT."""

from collections.abc import Awaitable, Callable
from typing import Protocol


class Disconnected(ConnectionError):  # noqa: N818 - it says what is, as `Problem` does
    """There is no connection to the broker at this moment."""


class Bus(Protocol):
    """The link to the homes' messages.

    `on_message(topic, payload)` is awaited for every message; the broker's acknowledgement is sent
    only when it has returned, so what must be kept is kept before it returns. `on_link(up)` is
    called when the hub begins or ceases to hear the homes; each time it begins, all that is
    retained comes again.
    """

    on_message: Callable[[str, bytes], Awaitable[None]]
    on_link: Callable[[bool], None]

    @property
    def connected(self) -> bool:
        """Tell whether all of the link is up."""
        ...

    async def start(self) -> None:
        """Begin to connect and keep connected; returns at once."""
        ...

    async def stop(self) -> None:
        """Let the running handlers finish, disconnect, and stay so."""
        ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message (QoS 1).

        Raises:
            Disconnected: if the link is down; nothing was sent.

        """
        ...
