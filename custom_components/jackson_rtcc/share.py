"""The share: an owner's standing rule for one camera, as its subentry holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from .hours import Hours
from .protocol.claims import Fields, malformed
from .protocol.errors import Rejected
from .protocol.geo import Point, coarsen
from .protocol.grant import View
from .protocol.vocabulary import Gate, Scope, Site

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFERED_SCOPES = (Scope.SNAPSHOT,)
"""What a home can answer today; a scope that cannot be answered is not granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One camera, what may be taken of it, when, and how precisely its place is told."""

    camera: str
    entity: str
    name: str
    site: Site
    scopes: frozenset[Scope]
    gate: Gate
    hours: Hours | None
    place: Point
    precision_m: int

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
        )


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
