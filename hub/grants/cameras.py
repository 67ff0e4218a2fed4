"""The live set: which cameras their owners lend right now, kept in memory.

A camera is live when its newest word is a grant whose window holds now, its home is online,
and the hub hears its broker. Anything else is not live.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from hub.access.case import Seat
from hub.grants.index import LiveIndex
from hub.grants.seats import Seats
from hub.protocol.documents import Pilot
from hub.protocol.errors import Reason, Rejected
from hub.protocol.geo import Circle
from hub.protocol.grant import Grant, Revocation
from hub.protocol.rules import Permission
from hub.protocol.vocabulary import Scope, Site

MOST_CAMERAS = 256
"""Of one home; a school or a hospital has fewer, and one home shall not fill the hub."""
PILOT_FULL = "pilot_full"
_BITS = {scope: 1 << position for position, scope in enumerate(Scope)}


@dataclass(frozen=True, slots=True)
class Held:
    """The newest word on a camera: its grant, or None after a revocation.

    `standing` is the grant that may be live: `grant` once it is stored, and until then the one
    before it if the new one gives at least as much. A renewal leaves no gap that way.
    """

    home: str
    seq: int
    digest: bytes
    grant: Grant | None
    standing: Grant | None


@dataclass(frozen=True, slots=True)
class Near:
    """A live camera, and how far it is from the asked place in metres."""

    grant: Grant
    distance_m: float


class Cameras:
    """All cameras known, and the index of those that can be live."""

    def __init__(
        self,
        waiver: str,
        policy: str,
        pilot: Pilot | None = None,
        count: Callable[[str], None] = lambda _reason: None,
    ) -> None:
        """Start with none, and with no word from the broker.

        Only grants under this waiver and this policy, by their hashes, go live; in a pilot as many
        as it has seats, until it ends. `count` hears of each grant for which there was none.
        """
        self._rules = (waiver, policy)
        self._pilot = pilot
        self._seats = Seats(pilot) if pilot else None
        self._count = count
        self._held: dict[str, Held] = {}
        self._online: set[str] = set()
        # Tuples, because nearly all homes have a camera or two, and an empty set takes 216 bytes.
        self._homes: dict[str, tuple[str, ...]] = {}
        self._index = LiveIndex[str]()
        self._suspended = False
        self.on_hidden: Callable[[], None] = lambda: None
        """Told when something is not live any more, except by time alone."""
        self.on_changed: Callable[[str], None] = lambda _camera: None
        """Told of a camera that may have gone live, changed or gone, except by time alone."""

    def held(self, camera: str) -> Held | None:
        """Return the newest word on a camera."""
        return self._held.get(camera)

    def check(self, camera: str, word: Grant | Revocation) -> None:
        """Refuse a word that may not replace the newest one (rule 2).

        Raises:
            Rejected: `foreign_camera` if another home holds the id, `rollback` if `seq` does not
                grow, `too_many` if the home has more cameras than a home can have.

        """
        held = self._held.get(camera)
        if held is None:
            if len(self._homes.get(word.home, ())) >= MOST_CAMERAS:
                raise Rejected(Reason.TOO_MANY, f"a home has at most {MOST_CAMERAS} cameras")
            return
        if held.home != word.home:
            raise Rejected(Reason.FOREIGN_CAMERA, "another home holds this camera id")
        if word.seq <= held.seq:
            raise Rejected(Reason.ROLLBACK, f"seq {word.seq} is not above {held.seq}")

    def reserve(self, camera: str, word: Grant | Revocation, digest: bytes) -> None:
        """Make `word` the newest; what it takes back is not live from here on."""
        before = self._held.get(camera)
        standing = None if before is None else before.standing
        grant = word if isinstance(word, Grant) else None
        if standing is None or grant is None or not _renews(grant, standing):
            standing = None
            self._hide(camera)
            if grant is None:
                self._leave(camera)
        self._keep(camera, Held(word.home, word.seq, digest, grant, standing))

    def admit(self, camera: str) -> None:
        """Let a reserved grant go live, now that the store holds it."""
        held = self._held[camera]
        self._keep(camera, replace(held, standing=held.grant))
        self._show(camera)

    def _show(self, camera: str) -> None:
        held = self._held[camera]
        grant = held.standing
        if grant is None or held.home not in self._online:
            return
        if (grant.waiver, grant.policy) != self._rules:
            return
        if not self._seated(camera, grant):
            self._hide(camera)
            return
        self._index.put(
            camera,
            grant.view.place,
            grant.live_from.timestamp(),
            grant.ends.timestamp(),
            sum(_BITS[scope] for scope in grant.scopes),
        )
        self.on_changed(camera)

    def _seated(self, camera: str, grant: Grant) -> bool:
        if self._seats is None:
            return True
        stood = self._seats.of(camera) is not None
        seated = self._seats.take(camera, city=grant.site is Site.CITY)
        if not seated and not stood:
            self._count(PILOT_FULL)
        return seated

    def _hide(self, camera: str) -> None:
        if camera in self._index:
            self._index.remove(camera)
            self.on_hidden()
            self.on_changed(camera)

    def _leave(self, camera: str) -> None:
        """Take a camera's seat back, and let who is next in line go live."""
        if self._seats is not None:
            self._seats.leave(camera)
            self._sit_down(self._seats)

    def _sit_down(self, seats: Seats) -> None:
        while (camera := seats.next()) is not None:
            self._show(camera)
            if camera not in self._index:
                # Its home is offline, or its grant is no longer good: it stands in nobody's way.
                seats.leave(camera)

    def set_online(self, home: str, *, online: bool) -> None:
        """Note a home's presence; nothing of an offline home is live."""
        if online:
            self._online.add(home)
            for camera in self._homes.get(home, ()):
                self._show(camera)
        else:
            self._online.discard(home)
            for camera in self._homes.get(home, ()):
                self._hide(camera)

    def all_offline(self) -> None:
        """Forget every home's presence: the hub does not hear its broker."""
        for home in list(self._online):
            self.set_online(home, online=False)

    def forget_home(self, home: str) -> None:
        """Drop a home that was removed, with its cameras."""
        self.set_online(home, online=False)
        for camera in self._homes.pop(home, ()):
            del self._held[camera]
            self._leave(camera)

    def suspend(self) -> None:
        """Believe nothing until `resume`: what is taken back now may not be heard."""
        self._suspended = True
        self.on_hidden()

    def resume(self) -> None:
        """Believe again what is held."""
        self._suspended = False

    def online(self) -> int:
        """Return how many homes are online."""
        return len(self._online)

    def seat(self, camera: str) -> Seat | None:
        """Return the camera's place in the pilot, if there is one."""
        return self._seats.of(camera) if self._seats is not None else None

    def _nothing(self, now: datetime) -> bool:
        """Tell whether nothing is live: while words are not heard, and once the pilot is over."""
        return self._suspended or (self._pilot is not None and now >= self._pilot.ends)

    def heard(self, now: datetime) -> bool:
        """Tell whether anything can be live: words are heard, and no pilot is over."""
        return not self._nothing(now)

    def shown(self) -> Iterator[str]:
        """Go over the ids of the cameras that are live as far as it is not for time."""
        return iter(self._index)

    def live(self, camera: str, now: datetime) -> Grant | None:
        """Return the camera's grant if it is live at `now`."""
        held = self._held.get(camera)
        if self._nothing(now) or held is None or held.standing is None or camera not in self._index:
            return None
        return held.standing if held.standing.live_from <= now < held.standing.ends else None

    def near(self, circle: Circle, scope: Scope, now: datetime) -> list[Near]:
        """Return the live cameras of `scope` in the circle, nearest first."""
        if self._nothing(now):
            return []
        hits = self._index.query(circle, now.timestamp(), _BITS[scope])
        return [
            Near(self._granted(camera), distance_m)
            for camera, distance_m in zip(hits.keys, hits.distances_m, strict=True)
        ]

    def lent(self, circle: Circle, now: datetime) -> list[Near]:
        """Return the live cameras in the circle that may be looked through now, nearest first.

        Some give stills only, some live video only.
        """
        found = {
            near.grant.camera: near
            for scope in (Scope.SNAPSHOT, Scope.STREAM)
            for near in self.near(circle, scope, now)
        }
        return sorted(found.values(), key=lambda near: near.distance_m)

    def count(self, now: datetime) -> int:
        """Return how many cameras are live at `now`."""
        return sum(self.live(camera, now) is not None for camera in self._index)

    def sweep(self, now: datetime) -> None:
        """Take grants that have ended out of the index."""
        ended = [
            camera
            for camera in self._index
            if (standing := self._held[camera].standing) is None or standing.ends <= now
        ]
        for camera in ended:
            self._hide(camera)
        if self._seats is not None:
            self._seats.note(set(self._index), now)
            self._sit_down(self._seats)

    def load(self, words: Iterable[tuple[str, Held]]) -> None:
        """Take over what the store holds; nothing is live before its home is online."""
        for camera, held in words:
            self._keep(camera, held)

    def __iter__(self) -> Iterator[str]:
        """Go over the ids of all cameras."""
        return iter(self._held)

    def _keep(self, camera: str, held: Held) -> None:
        if camera not in self._held:
            self._homes[held.home] = (*self._homes.get(held.home, ()), camera)
        self._held[camera] = held

    def _granted(self, camera: str) -> Grant:
        grant = self._held[camera].standing
        assert grant is not None  # noqa: S101 - only standing grants are put into the index
        return grant


def _renews(grant: Grant, standing: Grant) -> bool:
    """Tell whether a new grant gives, from now on, at least what the standing one does."""
    return (
        grant.starts <= grant.issued
        and grant.ends >= standing.ends
        and grant.scopes >= standing.scopes
        and (grant.gate, grant.view, grant.waiver, grant.policy)
        == (standing.gate, standing.view, standing.waiver, standing.policy)
    )


def permission(grant: Grant) -> Permission:
    """Return what the hub knows of a grant for the decision: its place as the owner tells it."""
    return Permission(
        scopes=grant.scopes,
        gate=grant.gate,
        starts=grant.live_from,
        ends=grant.ends,
        place=grant.view.place,
        policy=grant.policy,
    )
