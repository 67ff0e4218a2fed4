"""The ledger: the home's own record of looks, which of them are under way, who is told of them."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import partial
from itertools import chain, islice
from operator import attrgetter
from typing import NotRequired, TypedDict

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .protocol.reply import Picture
from .protocol.request import Operator, Request
from .protocol.vocabulary import Outcome, Role, Scope

KEPT = 1_000
"""Looks of which something was handed over, and as many others: refusals push no look out."""
_VERSION = 1
_LATER_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One request that this home answered; `camera` is a subentry, None if it has no such camera.

    The camera's name is the one at that time: the record outlives the share. `log_index` is where
    the look stands in the city's access log; what follows is how it ended, as the log tells it.
    """

    id: str
    camera: str | None
    name: str | None
    action: Scope
    operator: Operator
    incident: str
    kind: str
    reference: str
    requested: datetime
    answered: datetime
    outcome: Outcome
    reason: str | None
    log_index: int | None = None
    seconds: int | None = None
    end: str | None = None
    end_index: int | None = None

    @classmethod
    def of(
        cls,
        request: Request,
        *,
        camera: str | None,
        name: str | None,
        answered: datetime,
        outcome: Outcome,
        reason: str | None,
        log_index: int | None = None,
    ) -> Look:
        """Return the look that answers a request."""
        return cls(
            id=request.id,
            camera=camera,
            name=name,
            action=request.action,
            operator=request.operator,
            incident=request.incident.id,
            kind=request.incident.kind,
            reference=request.incident.reference,
            requested=request.issued,
            answered=answered,
            outcome=outcome,
            reason=reason,
            log_index=log_index,
        )

    @property
    def facts(self) -> dict[str, str | None]:
        """Return who, why, what and how it ended, as entities, events and actions show it."""
        return {
            "action": self.action,
            "operator": self.operator.pseudonym,
            "operator_role": self.operator.role,
            "incident_kind": self.kind,
            "incident_reference": self.reference,
            "outcome": self.outcome,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """A look that was just answered, or is over; the context ties together what is made of it."""

    look: Look
    picture: Picture | None
    context: Context
    over: bool = False


class StoredLook(TypedDict):
    """One look as it is stored."""

    id: str
    camera: str | None
    name: str | None
    action: str
    pseudonym: str
    role: str
    incident: str
    kind: str
    reference: str
    requested: str
    answered: str
    outcome: str
    reason: str | None
    log_index: NotRequired[int | None]
    seconds: NotRequired[int | None]
    end: NotRequired[str | None]
    end_index: NotRequired[int | None]


class Stored(TypedDict):
    """The ledger as it is stored."""

    month: str
    counts: dict[str, int]
    latest: dict[str, str]
    refused: int
    began: NotRequired[str]
    looks: list[StoredLook]


class Ledger:
    """What was answered, newest last; counts of a month outlive the looks that they count."""

    def __init__(self, store: Store[Stored]) -> None:
        """Start empty."""
        self._store = store
        self._handed_over: deque[Look] = deque(maxlen=KEPT)
        self._others: deque[Look] = deque(maxlen=KEPT)
        self._month = ""
        self._counts: Counter[str] = Counter()
        self._latest: dict[str, datetime] = {}
        self._under_way: Counter[str] = Counter()
        # Dictionaries, because they keep the order: the event on the bus comes first.
        self._listeners: dict[Callable[[Answered], None], str | None] = {}
        self._watchers: dict[Callable[[], None], str] = {}
        self.refused = 0
        self.began = dt_util.utcnow()
        """Since when this record is complete, but for what was pushed out."""

    @property
    def looks(self) -> list[Look]:
        """Return every look that is still known, newest first."""
        both = chain(self._handed_over, self._others)
        return sorted(both, key=attrgetter("answered"), reverse=True)

    def search(
        self, camera: str | None = None, since: datetime | None = None, limit: int | None = None
    ) -> list[Look]:
        """Return the newest looks at a camera, or at any, that were answered since a time."""
        found = (
            look
            for look in self.looks
            if camera in (None, look.camera) and (since is None or look.answered >= since)
        )
        return list(islice(found, limit))

    def latest(self, camera: str) -> datetime | None:
        """Return when something of this camera was last handed over."""
        return self._latest.get(camera)

    def this_month(self, camera: str, now: datetime, tz: tzinfo) -> int:
        """Return how often something of this camera was handed over in the month of `now`."""
        return self._counts[camera] if _month(now, tz) == self._month else 0

    def under_way(self, camera: str) -> bool:
        """Tell whether somebody looks through this camera now."""
        return self._under_way[camera] > 0

    @callback
    def begin(self, camera: str) -> CALLBACK_TYPE:
        """Note that a look begins, and return what ends it."""
        self._under_way[camera] += 1
        self._tell_watchers(camera)
        ended = False

        @callback
        def end() -> None:
            nonlocal ended
            if ended:
                return
            ended = True
            self._under_way[camera] -= 1
            self._tell_watchers(camera)

        return end

    @contextmanager
    def looking(self, camera: str) -> Iterator[None]:
        """Note that a look is under way for as long as the context lasts."""
        end = self.begin(camera)
        try:
            yield
        finally:
            end()

    def knows(self, id_: str) -> bool:
        """Tell whether this request is in the record already."""
        return self.find(id_) is not None

    def find(self, id_: str) -> Look | None:
        """Return a look that is still known."""
        both = chain(self._handed_over, self._others)
        return next((look for look in both if look.id == id_), None)

    def covers(self, at: datetime) -> bool:
        """Tell whether a look of that time would be in the record."""
        return at >= self.began and not any(
            len(kept) == KEPT and at < kept[0].answered
            for kept in (self._handed_over, self._others)
        )

    @callback
    def begin_anew(self) -> None:
        """Note that looks of before may be missing: this is a restored backup."""
        self.began = dt_util.utcnow()
        self.save_later()

    @callback
    def end(self, id_: str, *, seconds: int, outcome: str, index: int) -> bool:
        """Note how a look ended, as the log tells it; return whether it is known. Once is enough.

        Where it stands in the order is not touched.
        """
        for kept in (self._handed_over, self._others):
            for place, look in enumerate(kept):
                if look.id != id_:
                    continue
                if look.end_index is None:
                    kept[place] = replace(look, seconds=seconds, end=outcome, end_index=index)
                    self.save_later()
                return True
        return False

    @callback
    def finish(self, id_: str, *, seconds: int, reason: str) -> None:
        """Note why and after how long a look ended here, before the log tells; tell who follows."""
        for place, look in enumerate(self._handed_over):
            if look.id == id_:
                self._handed_over[place] = over = replace(look, seconds=seconds, reason=reason)
                self.save_later()
                self._tell(Answered(over, None, Context(), over=True))

    @callback
    def record(self, look: Look, tz: tzinfo, picture: Picture | None = None) -> None:
        """Keep a look, and tell who wants to know."""
        if look.outcome is Outcome.OK:
            self._handed_over.append(look)
            if look.camera is not None:
                self._count(look.camera, look.answered, tz)
        else:
            self._others.append(look)
            self.refused += look.outcome is Outcome.REFUSED
        self.save_later()
        self._tell(Answered(look, picture, Context()))

    @callback
    def subscribe(
        self, listener: Callable[[Answered], None], camera: str | None = None
    ) -> CALLBACK_TYPE:
        """Call `listener` with each look at a camera, or at any."""
        self._listeners[listener] = camera
        return partial(self._listeners.__delitem__, listener)

    @callback
    def watch(self, watcher: Callable[[], None], camera: str) -> CALLBACK_TYPE:
        """Call `watcher` whenever a look at this camera begins or ends."""
        self._watchers[watcher] = camera
        return partial(self._watchers.__delitem__, watcher)

    @callback
    def keep_only(self, cameras: set[str]) -> None:
        """Forget the counts of cameras that are not shared any more; their looks stay."""
        for camera in (self._counts.keys() | self._latest.keys()) - cameras:
            self._counts.pop(camera, None)
            self._latest.pop(camera, None)
            self.save_later()

    def save_later(self) -> None:
        """Save soon."""
        self._store.async_delay_save(self._stored, _LATER_S)

    async def save(self) -> None:
        """Save now."""
        await self._store.async_save(self._stored())

    def restore(self, stored: Stored) -> None:
        """Take what was stored."""
        self._month = stored["month"]
        self._counts = Counter(stored["counts"])
        self._latest = {
            camera: datetime.fromisoformat(at) for camera, at in stored["latest"].items()
        }
        self.refused = stored["refused"]
        if "began" in stored:
            self.began = datetime.fromisoformat(stored["began"])
        for look in map(_read, stored["looks"]):
            kept = self._handed_over if look.outcome is Outcome.OK else self._others
            kept.append(look)

    def _count(self, camera: str, at: datetime, tz: tzinfo) -> None:
        if (month := _month(at, tz)) != self._month:
            self._month = month
            self._counts.clear()
        self._counts[camera] += 1
        self._latest[camera] = at

    def _tell(self, answered: Answered) -> None:
        for listener, camera in list(self._listeners.items()):
            if camera is None or camera == answered.look.camera:
                listener(answered)

    def _tell_watchers(self, camera: str) -> None:
        for watcher, watched in list(self._watchers.items()):
            if watched == camera:
                watcher()

    def _stored(self) -> Stored:
        return {
            "month": self._month,
            "counts": dict(self._counts),
            "latest": {camera: at.isoformat() for camera, at in self._latest.items()},
            "refused": self.refused,
            "began": self.began.isoformat(),
            "looks": [_write(look) for look in reversed(self.looks)],
        }


def month_start(now: datetime, tz: tzinfo) -> datetime:
    """Return when the month of `now` began where the home is."""
    return now.astimezone(tz).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _month(at: datetime, tz: tzinfo) -> str:
    return at.astimezone(tz).strftime("%Y-%m")


def _write(look: Look) -> StoredLook:
    return {
        "id": look.id,
        "camera": look.camera,
        "name": look.name,
        "action": look.action,
        "pseudonym": look.operator.pseudonym,
        "role": look.operator.role,
        "incident": look.incident,
        "kind": look.kind,
        "reference": look.reference,
        "requested": look.requested.isoformat(),
        "answered": look.answered.isoformat(),
        "outcome": look.outcome,
        "reason": look.reason,
        "log_index": look.log_index,
        "seconds": look.seconds,
        "end": look.end,
        "end_index": look.end_index,
    }


def _read(stored: StoredLook) -> Look:
    return Look(
        id=stored["id"],
        camera=stored["camera"],
        name=stored["name"],
        action=Scope(stored["action"]),
        operator=Operator(pseudonym=stored["pseudonym"], role=Role(stored["role"])),
        incident=stored["incident"],
        kind=stored["kind"],
        reference=stored["reference"],
        requested=datetime.fromisoformat(stored["requested"]),
        answered=datetime.fromisoformat(stored["answered"]),
        outcome=Outcome(stored["outcome"]),
        reason=stored["reason"],
        log_index=stored.get("log_index"),
        seconds=stored.get("seconds"),
        end=stored.get("end"),
        end_index=stored.get("end_index"),
    )


def _store(hass: HomeAssistant, entry_id: str) -> Store[Stored]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.looks", private=True)


async def load(hass: HomeAssistant, entry_id: str) -> Ledger:
    """Return the ledger of a home."""
    store = _store(hass, entry_id)
    ledger = Ledger(store)
    if (stored := await store.async_load()) is not None:
        ledger.restore(stored)
    return ledger


async def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Delete the record of a home."""
    await _store(hass, entry_id).async_remove()
