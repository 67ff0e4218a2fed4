"""What is checked of an access log, without any input or output: entries, checkpoints, forks."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.protocol.checkpoint import Checkpoint, Note, cosigned_at, verify_checkpoint
from hub.protocol.entries import Entry, write_time
from hub.protocol.errors import Rejected
from hub.protocol.merkle import Tree, leaf_hash

LEEWAY = timedelta(seconds=60)
"""How far two clocks may be apart: the hub's and that of whoever saw the log."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that does not add up, and the first entry that is concerned."""

    index: int
    what: str

    def __str__(self) -> str:
        """Write it for a person."""
        return f"entry {self.index}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table `log_entries`, as it was found."""

    index: int
    kind: str | None
    time: datetime | None
    actor: str | None
    home: str | None
    hash: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """What someone holds of the log: an entry, a checkpoint, or an entry under a checkpoint."""

    source: str
    entry: bytes | None = None
    index: int | None = None
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Someone saw the log with `size` entries at a time."""

    who: str
    size: int
    at: datetime


@dataclass(slots=True)
class Entries:
    """The entries that were read: their tree up to the first gap, and when each was written."""

    tree: Tree = field(default_factory=Tree)
    findings: list[Finding] = field(default_factory=list)
    times: array[float] = field(default_factory=lambda: array("d"))
    gap: bool = False
    latest: float = 0.0

    def add(self, row: Row) -> None:
        """Check the next row of the table, in the order of their indices."""
        expected = len(self.tree)
        if not self.gap and row.index != expected:
            self.gap = True
            self._found(
                min(expected, row.index),
                "it is there twice"
                if row.index < expected
                else f"it is missing, and what follows up to entry {row.index - 1}"
                if row.index > expected + 1
                else "it is missing",
            )
        hashed = leaf_hash(row.data)
        if hashed != row.hash:
            self._found(row.index, "its data and its hash do not belong together: one was changed")
        try:
            entry = Entry.parse(row.data)
        except Rejected as err:
            self._found(row.index, f"its data is no entry: {err.detail}")
        else:
            self._check_columns(row, entry)
            self._check_time(row.index, entry.time.timestamp())
        if not self.gap:
            self.tree.append(hashed)
            self.times.append(self.latest)

    def _check_time(self, index: int, moment: float) -> None:
        if moment < self.latest:
            before = write_time(datetime.fromtimestamp(self.latest, UTC))
            self._found(index, f"it is dated back: the one before it was written at {before}")
        self.latest = max(self.latest, moment)

    def _check_columns(self, row: Row, entry: Entry) -> None:
        differs = [
            name
            for name, same in {
                "kind": row.kind == entry.kind,
                "time": row.time == entry.time,
                "actor": row.actor == entry.actor,
                "home": row.home == entry.home,
            }.items()
            if not same
        ]
        if differs:
            self._found(row.index, f"the columns beside it tell otherwise: {', '.join(differs)}")

    def _found(self, index: int, what: str) -> None:
        self.findings.append(Finding(index, what))


def read_entries(rows: Iterable[Row]) -> Entries:
    """Check the rows of the table one by one, and against each other."""
    entries = Entries()
    for row in rows:
        entries.add(row)
    return entries


@dataclass(slots=True)
class Checkpoints:
    """The checkpoints of a table that were believed, and what is wrong with the others."""

    notes: list[Note] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_checkpoints(
    rows: Iterable[tuple[int, str]], entries: Entries, key: Ed25519PublicKey, origin: str
) -> Checkpoints:
    """Check every checkpoint of the table against the log's key and against the entries."""
    found, tree = Checkpoints(), entries.tree
    good, bad = 0, list[int]()
    for size, text in rows:
        try:
            note = verify_checkpoint(text, key, origin)
        except Rejected as err:
            found.findings.append(
                Finding(max(size - 1, 0), f"the checkpoint of {size} entries: {err.detail}")
            )
            continue
        if note.checkpoint.size != size:
            what = f"the checkpoint of {size} entries is one of {note.checkpoint.size}"
            found.findings.append(Finding(max(size - 1, 0), what))
            continue
        found.notes.append(note)
        if size > len(tree):
            continue
        if tree.root(size) != note.checkpoint.root:
            bad.append(size)
            continue
        # What was signed in between and does not lead here is another history.
        found.findings += [
            Finding(good, f"history was forked: another log of {one} entries was signed too")
            for one in bad
        ]
        good, bad = size, []
    if bad:
        what = f"what was signed is not what is here: an entry from {good} to {bad[0] - 1} differs"
        found.findings.append(Finding(good, what))
    found.findings += _check_end(found.notes, entries)
    return found


def _check_end(notes: Sequence[Note], entries: Entries) -> list[Finding]:
    if entries.gap:
        return []
    size, signed = len(entries.tree), max((note.checkpoint.size for note in notes), default=0)
    if signed > size:
        return [
            Finding(size, f"the log was cut off: {signed} entries were signed, {size} are here")
        ]
    if signed < size:
        return [Finding(signed, f"only {signed} of the {size} entries were ever signed")]
    return []


def check_root(checkpoint: Checkpoint, tree: Tree, whose: str, *, cut: str) -> list[Finding]:
    """Compare a checkpoint that the hub signed with the tree of what is here."""
    size = checkpoint.size
    if size > len(tree):
        what = f"{whose} is of {size} entries, {cut} {len(tree)}: the log was cut off"
        return [Finding(len(tree), what)]
    if tree.root(size) != checkpoint.root:
        what = f"history was forked: {whose}, of {size} entries, was signed for other entries"
        return [Finding(0, what)]
    return []


def compare(database: Tree, public: Tree) -> list[Finding]:
    """Compare the tree of a database with that of the public tiles, as far as both go."""
    size = min(len(database), len(public))
    if database.root(size) == public.root(size):
        return []
    pairs = zip(database.hashes(0, 0, size), public.hashes(0, 0, size), strict=True)
    first = next(at for at, (one, other) in enumerate(pairs) if one != other)
    return [Finding(first, "the database holds another entry than the public log")]


def check_held(
    held: Iterable[Held], trees: Mapping[str, Tree], key: Ed25519PublicKey, origin: str
) -> list[Finding]:
    """Check what someone holds against every source of the log."""
    findings: list[Finding] = []
    places = {
        name: {leaf: at for at, leaf in enumerate(tree.hashes(0, 0, len(tree)))}
        for name, tree in trees.items()
    }
    for one in held:
        for name, tree in trees.items():
            if one.entry is not None:
                findings += _check_entry(one, one.entry, places[name], name)
            if one.checkpoint is not None:
                try:
                    note = verify_checkpoint(one.checkpoint, key, origin)
                except Rejected as err:
                    findings.append(Finding(one.index or 0, f"{one.source}: {err.detail}"))
                else:
                    whose = f"the checkpoint in {one.source}"
                    findings += check_root(note.checkpoint, tree, whose, cut=f"{name} has")
    return findings


def _check_entry(one: Held, entry: bytes, places: Mapping[bytes, int], name: str) -> list[Finding]:
    place = places.get(leaf_hash(entry))
    if place is None:
        return [Finding(one.index or 0, f"{one.source}: this entry is not in {name}")]
    if one.index is not None and one.index != place:
        return [Finding(place, f"{one.source}: it should be entry {one.index} of {name}")]
    return []


def witnessed(notes: Iterable[Note], witnesses: Mapping[str, Ed25519PublicKey]) -> list[Sighting]:
    """Return what the witnesses saw, by their signatures under the checkpoints."""
    return [
        Sighting(f"the witness {name}", note.checkpoint.size, at)
        for note in notes
        for name, at in cosigned_at(note, witnesses).items()
    ]


def check_sightings(sightings: Iterable[Sighting], times: Sequence[float]) -> list[Finding]:
    """Compare the entries' times with when others saw the log: who dates back is found by it."""
    findings: dict[int, Finding] = {}
    for sighting in sightings:
        seen, size = sighting.at.timestamp(), sighting.size
        told = f"{sighting.who} saw {size} entries at {write_time(sighting.at)}"
        if size < len(times) and times[size] < seen - LEEWAY.total_seconds():
            findings[size] = Finding(size, f"it is dated back: {told}, and it was not among them")
        if 0 < size <= len(times) and times[size - 1] > seen + LEEWAY.total_seconds():
            findings[size - 1] = Finding(size - 1, f"it is dated ahead: {told}, it among them")
    return sorted(findings.values())
