"""The log watch: what this home has seen of the city's access log, and what did not add up."""

import asyncio
import base64
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .log_compare import LoggedLook
from .log_evidence import (
    MOST,
    Evidence,
    Source,
    StoredEvidence,
    read_evidence,
    write_evidence,
    write_root,
)
from .protocol.city import City
from .protocol.entries import Entry
from .protocol.errors import LOG_REASONS, Reason, Rejected
from .protocol.keys import from_jwk
from .protocol.proofs import Advance, Logged, Proof, Seen

_LOGGER = logging.getLogger(__name__)
_VERSION = 1
_LATER_S = 5.0
_MOST_UNKNOWN = 100
_MOST_INDICES = 10_000
_MOST_RECEIPTS = 500


MISSING = "log_missing"
"""The reason if the city keeps an entry from this home that it had proved before."""


class Health(StrEnum):
    """Whether the log adds up, as far as this home knows."""

    UNCHECKED = "unchecked"
    OK = "ok"
    WRONG = "wrong"


class StoredUnknown(TypedDict):
    """A look that this home knows nothing of, as it is stored."""

    id: str
    at: str
    role: str
    pseudonym: str
    kind: str
    reference: str


class Stored(TypedDict):
    """The watch as it is stored."""

    hub: str
    home: str
    size: int
    root: str
    note: str | None
    start: int
    indices: list[int]
    receipts: list[str]
    checked: str | None
    evidence: list[StoredEvidence]
    evidence_unread: bool
    unknown: list[StoredUnknown]
    unknown_unread: bool


class LogWatch:
    """Checks what the city shows of its log against what it showed before.

    The pin (`seen`) only ever goes forward, whatever the owner makes of what was found.
    """

    def __init__(self, store: Store[Stored], home: str, city: City) -> None:
        """Start with nothing seen."""
        self._store = store
        self._home = home
        self._hub = city.hub
        self._key = from_jwk(city.key)
        self._note: str | None = None
        self._turn = asyncio.Lock()
        self._saved_size = 0
        self._receipts: dict[str, None] = {}
        self.seen = Seen()
        self.start = 0
        """The index from which the entries about this home are still to be compared."""
        self.indices: set[int] = set()
        """Entries about this home from `start` on that were proved to it."""
        self.checked: datetime | None = None
        self.evidence: list[Evidence] = []
        self.evidence_unread = False
        self.unknown: dict[str, StoredUnknown] = {}
        self.unknown_unread = False
        self.changed: Callable[[], None] = lambda: None
        """Told when there is something to read, when it was read, and when it was checked."""

    @property
    def health(self) -> Health:
        """Tell whether the log adds up."""
        if self.evidence_unread or self.unknown_unread:
            return Health.WRONG
        return Health.UNCHECKED if self.checked is None else Health.OK

    @callback
    def verify(self, logged: Logged, source: Source, check: Callable[[Entry], None]) -> None:
        """Prove an entry about this home, and that it tells what it should.

        Raises:
            Rejected: `log_behind` if the proof begins elsewhere than at what was seen; with a
                reason of `LOG_REASONS`, and kept as evidence, if the log does not add up.

        """
        before = self._before()
        try:
            seen = logged.verify(self._key, self._hub, self.seen)
            self._go_on(seen, logged.advance.checkpoint)
            check(logged.proof.entry)
        except Rejected as err:
            self._reject(err, source, logged.claims(), before)
            raise
        if logged.proof.index >= self.start and len(self.indices) < _MOST_INDICES:
            self.indices.add(logged.proof.index)
        self.save_later()

    @callback
    def take(self, advance: Advance, proofs: Iterable[Proof], since: Seen) -> bool:
        """Prove what the city answered to a question that was asked when `since` was seen.

        Return whether the answer counts: if more was seen in the meantime, it is to be asked again.

        Raises:
            Rejected: with a reason of `LOG_REASONS`, and kept as evidence.

        """
        before, shown = self._before(), advance.claims()
        try:
            seen = self._continue(advance, since)
            for proof in proofs:
                shown = proof.claims() | advance.claims()
                self._prove(proof, seen)
        except Rejected as err:
            self._reject(err, Source.CHECK, shown, before)
            raise
        if self.seen != since:
            return False
        self._go_on(seen, advance.checkpoint)
        return True

    @callback
    def settle(self, start: int, unknown: Iterable[LoggedLook], now: datetime) -> None:
        """Note that everything before `start` was compared, and which looks are not known here."""
        self.start = max(self.start, start)
        self.indices = {index for index in self.indices if index >= self.start}
        for look in unknown:
            if look.id not in self.unknown:
                self.unknown[look.id] = _describe(look)
                self.unknown_unread = True
        while len(self.unknown) > _MOST_UNKNOWN:
            del self.unknown[next(iter(self.unknown))]
        self.checked = now
        self.save_later()
        self.changed()

    @callback
    def miss(self, indices: list[int], listed: Iterable[int]) -> None:
        """Note that the city tells nothing of entries about this home that it had proved."""
        self.indices.difference_update(indices)
        detail = f"entries about this home are kept from it: {', '.join(map(str, indices))}"
        shown = {"missing": indices, "listed": list(listed)}
        self._keep(MISSING, detail, Source.CHECK, shown, self._before())

    @callback
    def mark_evidence_read(self) -> None:
        """Note that the owner has read what did not add up; what was seen stays pinned."""
        self.evidence_unread = False
        self.save_later()
        self.changed()

    @callback
    def mark_unknown_read(self) -> None:
        """Note that the owner has read of the looks that this home knows nothing of."""
        self.unknown_unread = False
        self.save_later()
        self.changed()

    def has_receipt(self, receipt: str) -> bool:
        """Tell whether this receipt was taken before."""
        return receipt in self._receipts

    @callback
    def keep_receipt(self, receipt: str) -> None:
        """Note that this receipt was taken."""
        self._receipts[receipt] = None
        while len(self._receipts) > _MOST_RECEIPTS:
            del self._receipts[next(iter(self._receipts))]
        self.save_later()

    @callback
    def save_later(self) -> None:
        """Save soon; what would be lost by then, the hub proves again."""
        self._store.async_delay_save(self._stored, _LATER_S)

    async def save(self) -> None:
        """Save now."""
        await self._store.async_save(self._stored())

    @callback
    def miss_proof(self, detail: str) -> None:
        """Note that the hub asked for a look without showing its line in the log."""
        self._keep(Reason.LOG_ENTRY, detail, Source.REQUEST, {}, self._before())

    async def save_seen(self) -> None:
        """Return when what is seen now is kept: a restart must not forget what was answered for."""
        size = self.seen.size
        async with self._turn:
            if self._saved_size < size:
                self._saved_size = self.seen.size
                await self.save()

    def restore(self, stored: Stored) -> None:
        """Take what was stored; of another hub's log nothing counts."""
        if stored["hub"] != self._hub:
            return
        self.seen = Seen(stored["size"], base64.b64decode(stored["root"]))
        self._note = stored["note"]
        self._saved_size = self.seen.size
        self.evidence = [read_evidence(evidence) for evidence in stored["evidence"]]
        self.evidence_unread = stored["evidence_unread"]
        self.unknown = {look["id"]: look for look in stored["unknown"]}
        self.unknown_unread = stored["unknown_unread"]
        if stored["home"] != self._home:
            # Enrolled anew: the log goes on, its entries are about another home from here on.
            self.start = self.seen.size
            return
        self.start = stored["start"]
        self.indices = set(stored["indices"])
        self._receipts = dict.fromkeys(stored["receipts"])
        self.checked = _time(stored["checked"])

    def _continue(self, advance: Advance, since: Seen) -> Seen:
        try:
            return advance.verify(self._key, self._hub, since)
        except Rejected as err:
            if err.reason is not Reason.LOG_BEHIND:
                raise
            # It was asked for the proof from there, so it has none: the log is shorter, say.
            raise Rejected(Reason.LOG_CONSISTENCY, err.detail) from err

    def _prove(self, proof: Proof, seen: Seen) -> None:
        proof.verify(seen)
        if proof.entry.home != self._home:
            raise Rejected(Reason.LOG_ENTRY, "an entry is not about this home")

    def _before(self) -> tuple[Seen, str | None]:
        return self.seen, self._note

    def _go_on(self, seen: Seen, note: str) -> None:
        if seen.size > self.seen.size:
            self.seen, self._note = seen, note

    def _reject(
        self,
        err: Rejected,
        source: Source,
        shown: Mapping[str, Any],
        before: tuple[Seen, str | None],
    ) -> None:
        if err.reason in LOG_REASONS:
            self._keep(err.reason, err.detail, source, shown, before)

    def _keep(
        self,
        reason: str,
        detail: str,
        source: Source,
        shown: Mapping[str, Any],
        before: tuple[Seen, str | None],
    ) -> None:
        if not self.evidence_unread:
            _LOGGER.error("The city's access log does not add up: %s: %s", reason, detail)
        seen, note = before
        evidence = Evidence(
            at=dt_util.utcnow(),
            source=source,
            reason=reason,
            detail=detail,
            shown=shown,
            size=seen.size,
            root=write_root(seen.root),
            note=note,
        )
        # The first ones and the newest: no flood pushes out how it began.
        self.evidence = [*self.evidence[: MOST - 1], evidence]
        self.evidence_unread = True
        self.save_later()
        self.changed()

    def _stored(self) -> Stored:
        return {
            "hub": self._hub,
            "home": self._home,
            "size": self.seen.size,
            "root": write_root(self.seen.root),
            "note": self._note,
            "start": self.start,
            "indices": sorted(self.indices),
            "receipts": list(self._receipts),
            "checked": self.checked.isoformat() if self.checked else None,
            "evidence": [write_evidence(evidence) for evidence in self.evidence],
            "evidence_unread": self.evidence_unread,
            "unknown": list(self.unknown.values()),
            "unknown_unread": self.unknown_unread,
        }


def _describe(look: LoggedLook) -> StoredUnknown:
    return {
        "id": look.id,
        "at": look.at.isoformat(),
        "role": look.operator.role,
        "pseudonym": look.operator.pseudonym,
        "kind": look.kind,
        "reference": look.reference,
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _store(hass: HomeAssistant, entry_id: str) -> Store[Stored]:
    # By the entry: what was seen of a city's log outlives a new enrolment with it.
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.log", private=True)


async def load(hass: HomeAssistant, entry_id: str, home: str, city: City) -> LogWatch:
    """Return the watch of a home."""
    store = _store(hass, entry_id)
    watch = LogWatch(store, home, city)
    if (stored := await store.async_load()) is not None:
        watch.restore(stored)
    return watch


async def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Delete what a home has seen of its city's log."""
    await _store(hass, entry_id).async_remove()
