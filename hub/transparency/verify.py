"""`rtcc-hub verify-log`: anyone checks the access log, with this package and hub/protocol alone."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.protocol.checkpoint import Note, verify_checkpoint
from hub.protocol.entries import write_time
from hub.protocol.errors import Rejected
from hub.protocol.merkle import Tree
from hub.transparency.audit import (
    Entries,
    Finding,
    Held,
    Sighting,
    check_held,
    check_root,
    check_sightings,
    compare,
    read_checkpoints,
    read_entries,
    witnessed,
)
from hub.transparency.database_copy import CopyError, checkpoints_of, open_copy, rows_of
from hub.transparency.holdings import read_holdings
from hub.transparency.public_log import PublicLog, Unreachable
from hub.transparency.remembered import Remembered, StateError
from hub.transparency.tiles import TileError, rebuild
from hub.transparency.trust import Untrusted, find_key, origin_for, read_witness

WRONG = 1
NOT_CHECKED = 2
_MOST_SHOWN = 20
_DATABASE = "the database"
_PUBLIC = "the public log"


@dataclass(slots=True)
class _Check:
    """One run: what was given, what was read, and what was found."""

    key: Ed25519PublicKey
    witnesses: dict[str, Ed25519PublicKey]
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    trees: dict[str, Tree] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    entries: Entries | None = None
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return origin_for(self.key)

    def found(self, where: str, findings: Sequence[Finding]) -> None:
        self.findings += [(where, finding) for finding in findings]

    def read_database(self, path: Path) -> None:
        with open_copy(path) as connection:
            self.entries = read_entries(rows_of(connection))
            checkpoints = read_checkpoints(
                checkpoints_of(connection), self.entries, self.key, self.origin
            )
        self.trees[_DATABASE] = self.entries.tree
        self.found(_DATABASE, self.entries.findings + checkpoints.findings)
        self.sightings += witnessed(checkpoints.notes, self.witnesses)
        self.notes += checkpoints.notes[-1:]
        say(f"The database holds {_span(self.entries)}.")

    def read_public(self, public: PublicLog) -> None:
        try:
            note = verify_checkpoint(public.checkpoint(), self.key, self.origin)
        except Rejected as err:
            self.found(_PUBLIC, [Finding(0, err.detail)])
            return
        size = note.checkpoint.size
        self.notes.append(note)
        self.sightings += witnessed([note], self.witnesses)
        try:
            tree, wrong = rebuild(size, public.tile)
        except TileError as err:
            self.found(_PUBLIC, [Finding(err.index, str(err))])
            return
        self.trees[_PUBLIC] = tree
        self.found(_PUBLIC, [Finding(one.index, str(one)) for one in wrong])
        if tree.root() != note.checkpoint.root:
            what = f"the tiles do not lead to the root that was signed for {size} entries"
            self.found(_PUBLIC, [Finding(min((one.index for one in wrong), default=0), what)])
        say(f"The public log has {size} entries.")
        seen = {one.who: one.at for one in witnessed([note], self.witnesses)}
        for name in self.witnesses:
            at = seen.get(f"the witness {name}")
            told = (
                "has not signed this checkpoint (yet)"
                if at is None
                else f"saw it at {write_time(at)}"
            )
            say(f"The witness {name} {told}.")

    def compare_both(self) -> None:
        if len(self.trees) > 1:
            self.found(_DATABASE, compare(self.trees[_DATABASE], self.trees[_PUBLIC]))
        if self.entries is not None:
            self.found(_DATABASE, check_sightings(self.sightings, self.entries.times))

    def check_remembered(self, remembered: Remembered) -> None:
        try:
            before = verify_checkpoint(remembered.checkpoint, self.key, self.origin).checkpoint
        except Rejected as err:
            raise StateError(f"what was seen before is no checkpoint of this log: {err}") from err
        for name, tree in self.trees.items():
            whose = "the checkpoint that was seen before"
            self.found(name, check_root(before, tree, whose, cut=f"{name} has"))
        if remembered.seen is not None:
            self.sightings.append(Sighting("this command", before.size, remembered.seen))

    def check_holdings(self, held: Sequence[Held]) -> None:
        self.found("what you hold", check_held(held, self.trees, self.key, self.origin))
        say(f"Compared with {len(held)} things that you hold.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "--database", type=Path, metavar="FILE", help="a copy of the hub's database (SQLite)"
    )
    parser.add_argument("--url", help="the hub's address: checks its public tiles")
    parser.add_argument(
        "--ca",
        metavar="FILE|sha256:HEX",
        help="the CA certificate of the hub, or its fingerprint, where no public CA vouches for it",
    )
    parser.add_argument(
        "--key",
        help="the hub's public key (x in its city document), or its fingerprint (with --url)",
    )
    parser.add_argument(
        "--state",
        type=Path,
        metavar="FILE",
        help="remembers the last checkpoint, and proves that the next log continues it",
    )
    parser.add_argument(
        "--entries",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="entries, proofs, checkpoints or receipts that you hold; may be given several times",
    )
    parser.add_argument(
        "--witness",
        metavar="NAME=KEY",
        action="append",
        default=[],
        help="a witness whose signatures count; its times show entries that were dated back",
    )


def run(options: argparse.Namespace) -> int:
    """Check, tell a person, and return the status: 0, 1 (it is wrong), 2 (it was not checked)."""
    try:
        check = _check(options)
    except (CopyError, StateError, Unreachable, Untrusted, ValueError, OSError) as err:
        print(f"Not checked: {err}", file=sys.stderr)  # noqa: T201 - what a command is for
        return NOT_CHECKED
    if not check.findings:
        say("It adds up.")
        return 0
    found = sorted(check.findings, key=lambda pair: pair[1])
    for where, finding in found[:_MOST_SHOWN]:
        say(f"WRONG in {where}, {finding}")
    if len(found) > _MOST_SHOWN:
        say(f"... and {len(found) - _MOST_SHOWN} more.")
    say(f"IT DOES NOT ADD UP: the first thing that is wrong is at entry {found[0][1].index}.")
    return WRONG


def _check(options: argparse.Namespace) -> _Check:
    if options.database is None and options.url is None:
        raise Untrusted("say what to check: --database, --url or both")
    held = [one for path in options.entries for one in _holdings(path)]
    remembered = Remembered.read(options.state) if options.state else None
    witnesses = dict(read_witness(text) for text in options.witness)
    if options.url is None:
        check = _begin(options, None, witnesses)
        check.read_database(options.database)
    else:
        with closing(PublicLog(options.url, options.ca)) as public:
            check = _begin(options, public, witnesses)
            if options.database is not None:
                check.read_database(options.database)
            check.read_public(public)
    if remembered is not None:
        check.check_remembered(remembered)
    check.compare_both()
    if held:
        check.check_holdings(held)
    if options.state:
        _remember(options, check, remembered)
    return check


def _begin(
    options: argparse.Namespace, public: PublicLog | None, witnesses: dict[str, Ed25519PublicKey]
) -> _Check:
    published = None if public is None else public.city_key
    key, warning = find_key(options.key, published, options.database)
    if warning is not None:
        say(f"Note: {warning}.")
    say(f"Log {origin_for(key)}")
    return _Check(key, witnesses)


def _remember(options: argparse.Namespace, check: _Check, before: Remembered | None) -> None:
    """Keep the newest checkpoint, or, beside the old one, the one that contradicts it."""
    if not check.notes:
        return
    newest = max(check.notes, key=lambda note: note.checkpoint.size)
    seen = None if options.url is None else datetime.now(UTC)
    if not check.findings:
        Remembered(newest.text, seen).write(options.state)
    elif before is not None:
        path = options.state.with_name(f"{options.state.name}.contradicts")
        Remembered(newest.text, seen).write(path)
        say(f"{options.state} is kept as it was. The checkpoint of now is in {path}.")


def _holdings(path: Path) -> list[Held]:
    return read_holdings(path.read_text(encoding="utf-8"), str(path))


def _span(entries: Entries) -> str:
    if not entries.times:
        return "0 entries"
    first, last = (write_time(datetime.fromtimestamp(entries.times[at], UTC)) for at in (0, -1))
    return f"{len(entries.tree)} entries, from {first} to {last}"


def say(line: str) -> None:
    """Print a line for a person."""
    print(line, flush=True)  # noqa: T201 - what a command is for


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command without the hub: `python -m hub.transparency.verify`."""
    parser = argparse.ArgumentParser(
        prog="verify-log", description="Check a hub's access log.", allow_abbrev=False
    )
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
