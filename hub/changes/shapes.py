"""What the feed tells: the shapes of the console's `api/types.ts`."""

from datetime import datetime, timedelta

import msgspec

from hub.access.looks import REFUSED, Look
from hub.protocol.grant import Grant
from hub.protocol.vocabulary import Gate, Scope, Site, Still


class CameraNow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A live camera, as its owner tells of it."""

    camera: str
    name: str
    site: Site
    scopes: list[Scope]
    gate: Gate
    accuracy_m: int
    live: bool
    still: Still
    still_every_s: int
    starts: datetime
    ends: datetime
    lat: float
    lon: float
    bearing: int | None = None
    fov: int | None = None


class CamerasChanged(msgspec.Struct, frozen=True):
    """Cameras that went live or changed, and those that are not live any more, whyever."""

    live: list[CameraNow]
    gone: list[str]


class LookNow(msgspec.Struct, frozen=True):
    """One look; `ended` is null while a stream runs."""

    id: str
    incident: str
    camera: str
    scope: Scope
    pseudonym: str
    asked: datetime
    ended: datetime | None
    outcome: str | None


def camera_now(grant: Grant) -> CameraNow:
    """Tell of a live camera."""
    view = grant.view
    return CameraNow(
        camera=grant.camera,
        name=grant.name,
        site=grant.site,
        scopes=sorted(grant.scopes),
        gate=grant.gate,
        accuracy_m=view.accuracy_m,
        live=grant.live,
        still=grant.still,
        still_every_s=grant.still_every_s,
        starts=grant.starts,
        ends=grant.ends,
        lat=view.place.lat,
        lon=view.place.lon,
        bearing=view.bearing,
        fov=view.fov,
    )


def look_now(look: Look) -> LookNow | None:
    """Tell of a look; None if it was refused, or may yet be.

    Refusals are not told: when they came would say whether it was the hub or the home (rule 7).
    """
    ended = None
    if look.outcome == REFUSED:
        return None
    if look.outcome is not None:
        ended = (look.answered or look.asked) + timedelta(seconds=look.seconds or 0)
    elif look.answered is None:
        return None
    return LookNow(
        id=look.id,
        incident=look.incident,
        camera=look.camera,
        scope=look.scope,
        pseudonym=look.pseudonym,
        asked=look.asked,
        ended=ended,
        outcome=look.outcome,
    )
