"""HTTP: the access log's tiles for everybody, its entries for auditors, proofs for holders."""

import asyncio
from datetime import datetime
from typing import Annotated

import msgspec

from hub.errors import MALFORMED, NOT_FOUND, STORE_FAILED, Problem
from hub.http.routes import OCTETS, TEXT, Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope
from hub.protocol.entries import LONGEST, EntryKind
from hub.protocol.errors import Rejected
from hub.protocol.proofs import Logged
from hub.transparency.log import AccessLog
from hub.transparency.reading import Filter, Reading
from hub.transparency.tiles import Tile, tile_hashes

_READ_AGAIN_S = 1.0
_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
_SOON_OLD = _ANYWHERE | {"Cache-Control": "public, max-age=2"}
_FOR_EVER = _ANYWHERE | {"Cache-Control": "public, max-age=31536000, immutable"}

type Index = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
type Word = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")
]
type Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class EntriesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries are wanted; `until` is excluded, `start` is the newest index to show."""

    kind: EntryKind | None = None
    actor: Word | None = None
    home: Word | None = None
    since: Moment | None = None
    until: Moment | None = None
    start: Index | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100


class SinceQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The size of the log that the asker has verified before: the proof begins there."""

    since: Index = 0


class LogEntry(msgspec.Struct, frozen=True):
    """An entry as canonical JSON in a text, whose bytes are what the log has hashed."""

    index: int
    entry: str


class LogEntries(msgspec.Struct, frozen=True):
    """Entries, newest first; `next` is the `start` of the next page, null on the last one."""

    entries: list[LogEntry]
    next: int | None


class ProvedEntry(msgspec.Struct, frozen=True):
    """An entry, its path to the checkpoint's root, and the checkpoint's to what was seen before.

    Hashes are base64url; the checkpoint is a C2SP signed note.
    """

    entry: str
    index: int
    inclusion: list[str]
    checkpoint: str
    since: int
    consistency: list[str]


class HeldEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry that the asker holds, as the text that it is."""

    entry: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]
    since: Index = 0


class LogApi:
    """The routes of the access log."""

    def __init__(self, log: AccessLog, reading: Reading) -> None:
        """Take the log and what reads it."""
        self._log = log
        self._reading = reading
        self._read = 0.0

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/log/checkpoint",
                handler=self.get_checkpoint,
                summary="The log's signed size and root (C2SP tlog-checkpoint)",
                scope=None,
                media=TEXT,
                problems=(STORE_FAILED,),
            ),
            Route(
                method="GET",
                path="/log/tile/{level}/{tile:.+}",
                handler=self.get_tile,
                summary="Hashes of the log (C2SP tlog-tiles); `tile` as in x001/x234/067.p/5",
                scope=None,
                media=OCTETS,
                problems=(NOT_FOUND, STORE_FAILED),
            ),
            Route(
                method="GET",
                path="/api/v1/log/entries",
                handler=self.list_log_entries,
                summary="Entries of the log, newest first; this is an entry itself",
                scope=TokenScope.LOG_READ,
                query=EntriesQuery,
                answer=LogEntries,
                problems=(STORE_FAILED,),
            ),
            Route(
                method="GET",
                path="/api/v1/log/entries/{index}",
                handler=self.get_log_entry,
                summary="One entry with its proof; this is an entry itself",
                scope=TokenScope.LOG_READ,
                query=SinceQuery,
                answer=ProvedEntry,
                problems=(NOT_FOUND, STORE_FAILED),
            ),
            Route(
                method="POST",
                path="/api/v1/log/proof",
                handler=self.prove_log_entry,
                summary="The proof of an entry that you hold",
                scope=None,
                body=HeldEntry,
                answer=ProvedEntry,
                problems=(NOT_FOUND, STORE_FAILED),
            ),
        ]

    async def get_checkpoint(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show the newest checkpoint with all its signatures."""
        await self._refresh()
        return Answer(self._log.book.note.text.encode(), _SOON_OLD)

    async def get_tile(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show a tile. Bundles of entries are not public."""
        tile = Tile.parse(f"{call.path['level']}/{call.path['tile']}")
        if tile is not None:
            data = self._hashes(tile)
            if data is None:
                await self._refresh()
                data = self._hashes(tile)
            if data is not None:
                return Answer(data, _FOR_EVER)
        raise Problem(NOT_FOUND, "The log has no such tile.")

    async def list_log_entries(self, call: Call[EntriesQuery, Nothing]) -> Answer:
        """Show a page of entries."""
        query = call.query
        wanted = Filter(
            kind=query.kind,
            actor=query.actor,
            home=query.home,
            since=query.since,
            until=query.until,
            start=query.start,
        )
        found = await self._reading.page(wanted, query.limit, call.who)
        last = found[-1][0] if len(found) == query.limit else 0
        entries = [LogEntry(index, data.decode()) for index, data in found]
        return Answer(LogEntries(entries, last - 1 if last else None))

    async def get_log_entry(self, call: Call[SinceQuery, Nothing]) -> Answer:
        """Show one entry with its proof."""
        text = call.path["index"]
        if text.isascii() and text.isdecimal() and len(text) < 16:  # noqa: PLR2004 - below 2**53
            logged = await self._reading.entry(int(text), call.query.since, call.who)
            if logged is not None:
                return Answer(_proved(logged))
        raise Problem(NOT_FOUND, "The log has no entry with this index.")

    async def prove_log_entry(self, call: Call[Nothing, HeldEntry]) -> Answer:
        """Prove an entry to whoever holds it; the salt keeps others from trying."""
        try:
            logged = await self._reading.prove(call.body.entry.encode(), call.body.since)
        except (Rejected, UnicodeEncodeError) as err:
            raise Problem(MALFORMED, f"In the body: {err}") from err
        if logged is None:
            raise Problem(NOT_FOUND, "This entry is not in the log.")
        return Answer(_proved(logged))

    def _hashes(self, tile: Tile) -> bytes | None:
        # Not beyond the checkpoint: what is being written does not count yet.
        return tile_hashes(self._log.book.tree, len(self._log), tile)

    async def _refresh(self) -> None:
        """Take over what another process wrote, at most once a second."""
        now = asyncio.get_running_loop().time()
        if now - self._read >= _READ_AGAIN_S:
            self._read = now
            await self._log.load()


def _proved(logged: Logged) -> ProvedEntry:
    return msgspec.convert(logged.claims(), ProvedEntry)
