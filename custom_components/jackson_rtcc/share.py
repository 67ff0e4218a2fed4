"""The share: an owner's standing rule for one camera, as its subentry holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from . import masks
from .hours import Hours
from .masks import Mask
from .protocol.claims import Fields, malformed
from .protocol.errors import Rejected
from .protocol.geo import Point, coarsen
from .protocol.grant import View
from .protocol.stream import SLOWEST_STILL_S
from .protocol.vocabulary import Gate, Scope, Site

VIEWERS = 2
STILL_EVERY_S = 2
MOST_VIEWERS = 10
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One camera, what may be taken of it, when, and how precisely its place is told.

    `entity` and `schedule` are ids of Home Assistant's entity registry. At most so many `viewers`
    watch it live at once, with `relay_only` by relays that hide where the home is; one operator
    gets a new still every `still_every_s` seconds.
    """

    camera: str
    entity: str
    name: str
    site: Site
    scopes: frozenset[Scope]
    gate: Gate
    hours: Hours | None
    place: Point
    precision_m: int
    schedule: str | None = None
    nobody_home: bool = False
    mask: Mask = ()
    relay_only: bool = False
    viewers: int = VIEWERS
    still_every_s: int = STILL_EVERY_S

    @property
    def view(self) -> View:
        """Return the place as the city learns it."""
        if not self.precision_m:
            return View(place=self.place, accuracy_m=0)
        return View(place=coarsen(self.place, self.precision_m), accuracy_m=self.precision_m)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Share:
        """Read the data of a camera subentry.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(dict(data))
        place = fields.object("location")
        return cls(
            camera=fields.identifier("camera"),
            entity=fields.text("entity", 255),
            name=fields.text("name", 100),
            site=fields.choice("site", Site),
            scopes=fields.choices("scopes", Scope),
            gate=fields.choice("gate", Gate),
            hours=_hours(Fields(dict(fields.mapping("hours")))) if "hours" in fields else None,
            place=Point(place.number("latitude", -90, 90), place.number("longitude", -180, 180)),
            precision_m=fields.integer("precision", 0, 10_000),
            schedule=fields.text("schedule", 255) if "schedule" in fields else None,
            nobody_home="nobody_home" in fields and fields.flag("nobody_home"),
            mask=_mask(fields.items("mask")) if "mask" in fields else (),
            relay_only="relay_only" in fields and fields.flag("relay_only"),
            viewers=fields.integer("viewers", 1, MOST_VIEWERS) if "viewers" in fields else VIEWERS,
            still_every_s=fields.integer("still_every", 1, SLOWEST_STILL_S)
            if "still_every" in fields
            else STILL_EVERY_S,
        )


def _mask(lines: list[object]) -> Mask:
    try:
        return masks.parse(str(line) for line in lines)
    except masks.MaskError as err:
        raise malformed(str(err)) from err


def _hours(fields: Fields) -> Hours:
    days = fields.items("days", most=len(DAYS))
    try:
        return Hours(
            days=frozenset(DAYS.index(day) for day in days),
            start=time.fromisoformat(fields.text("start")),
            end=time.fromisoformat(fields.text("end")),
        )
    except Rejected:
        raise
    except ValueError as err:
        raise malformed("hours name an unknown day or time") from err
