"""Puts the streams' room together."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.access.ends import Ends
from hub.access.looks import Looks
from hub.access.path import Path
from hub.messaging.bus import Bus
from hub.metrics import Metrics
from hub.protocol.documents import Policy
from hub.protocol.tokens import Signer
from hub.streams.running import Running
from hub.streams.streams import Streams
from hub.streams.watch import Watch
from hub.streams.words import Words


def new_streams(
    *,
    engine: AsyncEngine,
    bus: Bus,
    signer: Signer,
    policy: Policy,
    path: Path,
    looks: Looks,
    ends: Ends,
    idle: timedelta,
    metrics: Metrics,
    now: Callable[[], datetime],
) -> Streams:
    """Return a hub's streams; `idle` is how long an operator's session may go unused."""
    words = Words(bus, signer, now)
    running = Running(ends, words, metrics.stream_ended, now)
    watch = Watch(engine, path.judge, running, idle, now)
    return Streams(
        path=path,
        looks=looks,
        ends=ends,
        policy=policy,
        running=running,
        watch=watch,
        words=words,
    )
