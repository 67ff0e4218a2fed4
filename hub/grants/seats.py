"""The seats of a pilot: how many cameras can be live at once, first come, first served."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.access.case import Seat
from hub.protocol.documents import Pilot

GRACE = timedelta(minutes=5)
"""So long a camera keeps its seat while it is away: a lost connection gives it to nobody else."""


@dataclass(slots=True)
class _Class:
    """The city's cameras, or the others: who sits, in order, and who stands in line."""

    seats: int
    seated: dict[str, datetime | None] = field(default_factory=dict)
    """With the moment since which a camera is away; None while it is there."""
    line: dict[str, None] = field(default_factory=dict)


class Seats:
    """Who is live in a pilot, and who would be if there were room."""

    def __init__(self, pilot: Pilot) -> None:
        """Take the numbers of seats."""
        self._classes = {
            True: _Class(pilot.city_cameras),
            False: _Class(pilot.private_cameras),
        }

    def take(self, camera: str, *, city: bool) -> bool:
        """Give a camera a seat, or a place in line; tell whether it sits."""
        other = self._classes[not city]
        if camera in other.seated or camera in other.line:
            # The owner said what kind of place it is anew.
            other.seated.pop(camera, None)
            other.line.pop(camera, None)
        own = self._classes[city]
        if camera in own.seated or len(own.seated) < own.seats:
            own.line.pop(camera, None)
            own.seated[camera] = None
            return True
        own.line[camera] = None
        return False

    def leave(self, camera: str) -> None:
        """Take a camera's seat back, or its place in line."""
        for each in self._classes.values():
            each.seated.pop(camera, None)
            each.line.pop(camera, None)

    def note(self, live: set[str], now: datetime) -> None:
        """Take back the seats of cameras that have been away for too long."""
        for each in self._classes.values():
            for camera, away in list(each.seated.items()):
                if camera in live:
                    each.seated[camera] = None
                elif away is None:
                    each.seated[camera] = now
                elif now - away >= GRACE:
                    del each.seated[camera]

    def next(self) -> str | None:
        """Return who is first in a line for which there is room, if anybody is."""
        for each in self._classes.values():
            if each.line and len(each.seated) < each.seats:
                return next(iter(each.line))
        return None

    def of(self, camera: str) -> Seat | None:
        """Return a camera's place: those above the number of seats stand in line."""
        for city, each in self._classes.items():
            if camera in each.seated:
                return Seat(city, list(each.seated).index(camera) + 1)
            if camera in each.line:
                return Seat(city, each.seats + list(each.line).index(camera) + 1)
        return None
