"""Waiting for what another process does: a condition and a deadline, never a mere pause."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing

INTERVAL = 0.02


class Failed(Exception):  # noqa: N818 - it says what is
    """The demonstration cannot go on; the message is one clear line."""


async def until[T](
    ask: Callable[[], Awaitable[T]], what: str, limit: float, interval: float = INTERVAL
) -> T:
    """Ask again and again until the answer is true, and return it.

    Raises:
        Failed: with `what`, when the limit (seconds) is over.

    """
    last: T | None = None
    try:
        async with asyncio.timeout(limit):
            while not (last := await ask()):
                await asyncio.sleep(interval)
            return last
    except TimeoutError:
        raise Failed(f"{what}: not within {limit:g} s (the last answer was {last!r})") from None


def free_port(wanted: int = 0, host: str = "") -> int:
    """Return `wanted` if nobody listens there, else a port that is free at this moment."""
    for port in (wanted, 0):
        try:
            listener = socket.create_server((host, port), reuse_port=False)
        except OSError:
            continue
        with closing(listener):
            return int(listener.getsockname()[1])
    raise Failed("there is no free port on this machine")
