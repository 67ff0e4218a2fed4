"""Rate limits: a small bucket of tokens for each address, session and token."""

import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub.errors import RATE_LIMITED, Problem

_MOST = 20_000


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Limiter:
    """So many a second for each key, and as many at once as `burst`."""

    def __init__(self, per_second: float, burst: float, now: Callable[[], datetime]) -> None:
        """Take the rate, the burst and the clock."""
        self._rate = per_second
        self._burst = burst
        self._now = now
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str) -> None:
        """Count one.

        Raises:
            Problem: `rate-limited`, with the seconds to wait.

        """
        now = self._now().timestamp()
        bucket = self._buckets.get(key)
        if bucket is None:
            self._make_room(now)
            bucket = self._buckets[key] = _Bucket(self._burst, now)
        self._fill(bucket, now)
        if bucket.level < 1:
            wait = math.ceil((1 - bucket.level) / self._rate)
            raise Problem(RATE_LIMITED, f"Too many: wait {wait} s.", retry_after=wait)
        bucket.level -= 1

    def _fill(self, bucket: _Bucket, now: float) -> None:
        # A clock that was set back gives nothing and takes nothing.
        passed = max(0.0, now - bucket.at)
        bucket.level = min(self._burst, bucket.level + passed * self._rate)
        bucket.at = now

    def _make_room(self, now: float) -> None:
        """Forget the keys that used nothing lately, and if all did, the oldest half."""
        if len(self._buckets) < _MOST:
            return
        for bucket in self._buckets.values():
            self._fill(bucket, now)
        busy = {key: one for key, one in self._buckets.items() if one.level < self._burst}
        self._buckets = busy if len(busy) < _MOST else dict(list(busy.items())[_MOST // 2 :])


@dataclass(frozen=True, slots=True)
class Limits:
    """The hub's two rates: of requests at all, and of what opens a door."""

    requests: Limiter
    doors: Limiter

    @classmethod
    def of(
        cls, requests_per_second: float, sign_ins_per_minute: float, now: Callable[[], datetime]
    ) -> Limits:
        """Return limits with bursts of four seconds and of one minute."""
        return cls(
            Limiter(requests_per_second, 4 * requests_per_second, now),
            Limiter(sign_ins_per_minute / 60, sign_ins_per_minute, now),
        )


def source(address: str | None) -> str:
    """Return who sends, as limits count: a whole /64 of IPv6 is one sender."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
