"""The access log in the store: entries and checkpoints, written with what they tell of."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.protocol.checkpoint import Note
from hub.protocol.entries import SALT_BYTES, Entry, EntryKind
from hub.protocol.keys import b64url
from hub.protocol.merkle import Tree
from hub.protocol.proofs import Book, bind
from hub.protocol.tokens import Signer
from hub.store.tables import log_checkpoints, log_entries

_LOGGER = logging.getLogger(__name__)

HUB = "hub"
"""The actor of what the hub does by itself."""
PUBLIC = "public"
"""The actor of what someone does who has no account."""
COMMANDS = "commands"
"""The actor of what is done by `rtcc-hub` on the hub's machine."""
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """An entry with its place in the log."""

    index: int
    entry: Entry


@dataclass(slots=True)
class Page:
    """Entries that are being written, in one transaction with what they tell of.

    Nothing counts before the transaction is over: `written` is filled then.
    """

    connection: AsyncConnection
    now: datetime
    start: int
    """The index that the page's first entry will have."""
    entries: list[Entry] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)

    def add(
        self,
        kind: EntryKind,
        *,
        actor: str,
        outcome: str,
        about: Mapping[str, object],
        role: str | None = None,
        home: str | None = None,
    ) -> Entry:
        """Add an entry at the page's time.

        Raises:
            Rejected: `malformed` if `about` holds what has no canonical form (fractions, say), or
                if nobody could read the entry: what is written stays, and stops who reads the log.

        """
        entry = Entry(
            kind=kind,
            time=self.now,
            actor=actor,
            role=role,
            outcome=outcome,
            home=home,
            about=about,
            salt=b64url(secrets.token_bytes(SALT_BYTES)),
        )
        Entry.parse(entry.data)
        self.entries.append(entry)
        return entry


class AccessLog:
    """The log, its tree in memory. Several processes may write: the store puts them in order."""

    def __init__(self, engine: AsyncEngine, signer: Signer, now: Callable[[], datetime]) -> None:
        """Take the store, the hub's key and the clock; `load` comes first."""
        self._engine = engine
        self._signer = signer
        self._now = now
        self._lock = asyncio.Lock()
        self._book = bind(Tree(), signer.key, signer.kid)
        self._latest: datetime | None = None
        self.writable = True
        self.on_alarm: Callable[[bool], None] = lambda _writable: None
        """Told when the log cannot be written, and when it can again."""
        self.on_grown: Callable[[], None] = lambda: None

    @property
    def book(self) -> Book:
        """Return the log as it can be proved now."""
        return self._book

    def __len__(self) -> int:
        """Return how many entries there are."""
        return self._book.note.checkpoint.size

    async def lacks(self, size: int) -> bool:
        """Tell whether the log, with what other processes wrote, is shorter than `size`."""
        if size > len(self):
            await self.load()
        return size > len(self)

    async def load(self) -> None:
        """Read the log from the store."""
        async with self._lock, self._engine.connect() as connection:
            await self._catch_up(connection)
            note = await _newest_note(connection, len(self._book.tree))
        tree = self._book.tree
        self._book = Book(tree, note) if note else bind(tree, self._signer.key, self._signer.kid)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Page]:
        """Open a transaction in which entries are written together with what they tell of.

        If the body raises, or the store fails, nothing is written at all. The body must be short,
        must not wait for a network, and must not open another page.

        Raises:
            SQLAlchemyError: if the log cannot be written; an alarm is raised as well.

        """
        async with self._lock:
            tree, size = self._book.tree, len(self._book.tree)
            try:
                async with self._engine.begin() as connection:
                    await _lock(connection)
                    size = await self._catch_up(connection)
                    page = Page(connection, self._time(), size)
                    yield page
                    book = await self._write(page, size)
            except BaseException as err:
                tree.shrink(size)
                # What is against a constraint is the body's own affair, not the log's.
                # A store that is not there at all may be told of by the operating system.
                if isinstance(err, (SQLAlchemyError, OSError)) and not isinstance(
                    err, IntegrityError
                ):
                    self._alarm()
                raise
            self._book = book
            self._latest = page.now
            page.written = [Written(size + at, entry) for at, entry in enumerate(page.entries)]
            if not self.writable:
                self.writable = True
                _LOGGER.warning("The access log can be written again")
                self.on_alarm(True)
        if page.entries:
            self.on_grown()

    async def write(
        self,
        kind: EntryKind,
        *,
        actor: str,
        outcome: str,
        about: Mapping[str, object],
        role: str | None = None,
        home: str | None = None,
    ) -> Written:
        """Write one entry by itself.

        Raises:
            SQLAlchemyError: if the log cannot be written.

        """
        async with self.writing() as page:
            page.add(kind, actor=actor, outcome=outcome, about=about, role=role, home=home)
        return page.written[0]

    def cosigned(self, note: Note) -> None:
        """Show the newest checkpoint with its witnesses' signatures, if it is still the newest."""
        if note.checkpoint == self._book.note.checkpoint:
            self._book = Book(self._book.tree, note)

    def _time(self) -> datetime:
        # Entries are in the order of their times, whatever the clock does.
        now = self._now()
        now = now.replace(microsecond=now.microsecond // 10_000 * 10_000)
        return max(now, self._latest) if self._latest else now

    async def _catch_up(self, connection: AsyncConnection) -> int:
        """Take over what another process wrote; return the size."""
        tree = self._book.tree
        while True:
            rows = (
                await connection.execute(
                    select(log_entries.c.hash, log_entries.c.time)
                    .where(log_entries.c.index >= len(tree))
                    .order_by(log_entries.c.index)
                    .limit(_MANY)
                )
            ).all()
            for row in rows:
                tree.append(row.hash)
                self._latest = row.time
            if len(rows) < _MANY:
                return len(tree)

    async def _write(self, page: Page, size: int) -> Book:
        tree, connection = self._book.tree, page.connection
        if not page.entries:
            return self._book if size == len(self) else await self._reread(connection, size)
        rows = []
        for index, entry in enumerate(page.entries, size):
            tree.append(hashed := entry.hash)
            rows.append(
                {
                    "index": index,
                    "kind": entry.kind,
                    "time": entry.time,
                    "actor": entry.actor,
                    "home": entry.home,
                    "hash": hashed,
                    "data": entry.data,
                }
            )
        await connection.execute(insert(log_entries), rows)
        book = bind(tree, self._signer.key, self._signer.kid)
        await connection.execute(
            insert(log_checkpoints).values(size=len(tree), note=book.note.text)
        )
        return book

    async def _reread(self, connection: AsyncConnection, size: int) -> Book:
        note = await _newest_note(connection, size)
        return Book(self._book.tree, note) if note else self._book

    def _alarm(self) -> None:
        if self.writable:
            self.writable = False
            _LOGGER.critical("THE ACCESS LOG CANNOT BE WRITTEN: no look is possible until it can")
            self.on_alarm(False)


async def _lock(connection: AsyncConnection) -> None:
    """Let nobody else write the log until this transaction is over."""
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # A process that hangs with the log in its hand must become an alarm, not a silence.
        await connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        await connection.execute(text("LOCK TABLE log_entries IN EXCLUSIVE MODE"))


async def _newest_note(connection: AsyncConnection, size: int) -> Note | None:
    found = await connection.execute(
        select(log_checkpoints.c.note).where(log_checkpoints.c.size == size)
    )
    note = found.scalar_one_or_none()
    return Note.parse(note) if note else None
