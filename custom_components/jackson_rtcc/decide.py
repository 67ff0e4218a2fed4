"""Which grant should exist now? The one decision; whatever can change it asks here again."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from .const import GRANT_AHEAD, GRANT_LIFE
from .hours import window_after, window_at
from .share import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What the owner has switched: the home, the camera, and sharing for a while."""

    home: bool
    camera: bool
    until: datetime | None = None

    def for_a_while(self, now: datetime) -> bool:
        """Tell whether the owner shares until a set time, whatever the hours and switch say."""
        return self.until is not None and now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What Home Assistant knows now that a share depends on.

    `ready` tells that the camera is there, in use and can give what is shared of it. The schedule
    helper is on until `schedule_until`; None is without an end that is known.
    """

    ready: bool = True
    schedule_on: bool = True
    schedule_until: datetime | None = None
    nobody_home: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """The grant that should exist: from `starts` until `ends`.

    `latest` is how far the owner's rule reaches from here; None is without an end.
    """

    starts: datetime
    ends: datetime
    latest: datetime | None


def grant_due(
    share: Share, switches: Switches, around: Surroundings, now: datetime, tz: tzinfo
) -> Due | None:
    """Return the grant that should exist now, or None.

    Sharing for a while overrides hours, schedule and the camera's switch; it overrides neither the
    home's switch nor that somebody is at home, whose picture may not be the owner's to give.
    """
    if not switches.home or not around.ready or (share.nobody_home and not around.nobody_home):
        return None
    reaches: list[datetime | None] = [switches.until] if switches.for_a_while(now) else []
    if switches.camera:
        reaches += _rule_reaches(share, around, now, tz)
    if reaches:
        return _due(now, None if None in reaches else max(end for end in reaches if end))
    if (
        switches.camera
        and share.hours is not None
        # How the schedule helper will stand then is not known.
        and share.schedule is None
        and (window := window_after(share.hours, now, tz))
        and window.starts - now <= GRANT_AHEAD
    ):
        return _due(window.starts, window.ends)
    return None


def _rule_reaches(
    share: Share, around: Surroundings, now: datetime, tz: tzinfo
) -> list[datetime | None]:
    """Return until when hours and schedule allow it (None: without an end), or nothing."""
    limits: list[datetime] = []
    if share.hours is not None:
        if (window := window_at(share.hours, now, tz)) is None:
            return []
        limits.append(window.ends)
    if share.schedule is not None:
        if not around.schedule_on:
            return []
        if around.schedule_until is not None:
            limits.append(around.schedule_until)
    if not limits:
        return [None]
    reach = min(limits)
    # The schedule helper may be a moment late.
    return [reach] if reach > now else []


def _due(starts: datetime, latest: datetime | None) -> Due:
    ends = starts + GRANT_LIFE
    return Due(starts, ends if latest is None else min(ends, latest), latest)


def renewal_at(starts: datetime, ends: datetime, jitter: float) -> datetime:
    """Return when to renew a grant: at half its life, moved by `jitter` (-1 to 1) tenths of it."""
    return starts + (ends - starts) * (0.5 + 0.1 * jitter)


def stands(starts: datetime, ends: datetime, renewal: datetime, due: Due, now: datetime) -> bool:
    """Tell whether the grant that was given from `starts` to `ends` still serves what is due."""
    if ends <= now or starts > due.starts or (due.latest is not None and ends > due.latest):
        return False
    if starts > now and starts != due.starts:
        return False
    return now < renewal or ends == due.latest


def next_edge(
    share: Share,
    switches: Switches,
    around: Surroundings,
    now: datetime,
    tz: tzinfo,
    *,
    renewal: datetime | None,
    ends: datetime | None,
) -> datetime | None:
    """Return the next time at which the decision could come out differently by itself."""
    edges: list[datetime | None] = [renewal, ends, switches.until]
    if switches.home and switches.camera and share.hours is not None:
        if window := window_at(share.hours, now, tz):
            edges.append(window.ends)
        if window := window_after(share.hours, now, tz):
            edges += (window.starts - GRANT_AHEAD, window.starts)
    if share.schedule is not None:
        edges.append(around.schedule_until)
    return min((edge for edge in edges if edge is not None and edge > now), default=None)


def share_for_end(now: datetime, duration: timedelta) -> datetime:
    """Return when sharing for a while ends, in whole seconds."""
    return (now + duration).replace(microsecond=0)
