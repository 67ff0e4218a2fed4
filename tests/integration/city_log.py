"""The access log of the tests' city: the hub's own, and a liar's tools beside it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from custom_components.jackson_rtcc.protocol.entries import Entry, EntryKind
from custom_components.jackson_rtcc.protocol.look_entry import ALLOWED, look_about
from custom_components.jackson_rtcc.protocol.merkle import Tree
from custom_components.jackson_rtcc.protocol.mine import PAGE, Mine, Question
from custom_components.jackson_rtcc.protocol.proofs import Book, Logged, Proof, bind
from custom_components.jackson_rtcc.protocol.request import Request
from custom_components.jackson_rtcc.protocol.tokens import Signer
from hub.protocol.entries import EntryKind as HubEntryKind
from hub.store.tables import log_entries
from hub.transparency.log import HUB, AccessLog


class CityLog:
    """Writes entries, proves them to homes from where each is, and tells homes of their own."""

    def __init__(self, log: AccessLog) -> None:
        self._signer = Signer(log._signer.key)
        self.log = log
        self.known: dict[str, int] = {}
        """How far each home has said that it is."""
        self.hidden: set[int] = set()
        """Entries that the city tells nothing of."""
        self.page = PAGE
        self.told: Fork | None = None
        """Told in place of the log."""

    def __len__(self) -> int:
        return len(self.log)

    async def write(self, kind: EntryKind, **changes: Any) -> tuple[Entry, int]:
        """Write an entry and return it with its index."""
        values: dict[str, Any] = {"actor": HUB, "outcome": "done", "about": {}}
        written = await self.log.write(HubEntryKind(kind), **(values | changes))
        return Entry.parse(written.entry.data), written.index

    async def write_others(self, count: int) -> None:
        """Write entries that are about nobody."""
        for number in range(count):
            await self.write(EntryKind.EXPORT, about={"number": number})

    async def write_look(self, request: Request, **changes: Any) -> tuple[Entry, int]:
        """Write the entry of a look."""
        return await self.write(EntryKind.LOOK, **(look_values(request) | changes))

    async def write_end(
        self, request: Request, outcome: str = "ok", seconds: int = 0
    ) -> tuple[Entry, int]:
        """Write the entry that closes a look."""
        return await self.write(
            EntryKind.LOOK_ENDED,
            home=request.home,
            outcome=outcome,
            about={"look": request.id, "seconds": seconds},
        )

    def prove(self, entry: Entry, index: int, since: int) -> Logged:
        """Prove an entry in the log as it is now."""
        return self.fork(len(self)).logged(entry, index, since)

    def fork(self, size: int) -> Fork:
        """Return a log that begins with the first entries of this one."""
        return Fork(self._signer, self.log.book.tree.hashes(0, 0, size))

    async def mine(self, home: str, question: Question) -> Mine:
        """Answer a home's question about itself."""
        async with self.log._engine.connect() as connection:
            rows = await connection.execute(
                select(log_entries.c.index, log_entries.c.data)
                .where(log_entries.c.home == home, log_entries.c.index >= question.start)
                .order_by(log_entries.c.index)
            )
            found = [(index, Entry.parse(data)) for index, data in rows if index not in self.hidden]
        book = (self.told or self.fork(len(self))).book
        size = book.note.checkpoint.size
        proofs = [book.prove(entry, index) for index, entry in found[: self.page] if index < size]
        self.known[home] = max(size, question.since)
        return Mine(
            advance=book.advance(question.since),
            proofs=tuple(proofs),
            more=len(found) > self.page,
        )


class Fork:
    """A log of somebody's own making."""

    def __init__(self, signer: Signer, hashes: list[bytes]) -> None:
        self._signer = signer
        self._tree = Tree(hashes)

    def add(self, entry: Entry) -> int:
        """Add an entry and return its index."""
        self._tree.append(entry.hash)
        return len(self._tree) - 1

    @property
    def book(self) -> Book:
        return bind(self._tree, self._signer.key, self._signer.kid)

    def logged(self, entry: Entry, index: int, since: int) -> Logged:
        return self.book.logged(entry, index, since)


def look_values(request: Request) -> dict[str, Any]:
    """Return what the entry of a look holds."""
    return {
        "actor": request.operator.pseudonym,
        "role": request.operator.role,
        "outcome": ALLOWED,
        "home": request.home,
        "about": look_about(
            look=request.id,
            camera=request.camera,
            grant=request.grant,
            scope=request.action,
            incident=request.incident,
            policy=request.policy,
        ),
    }


def look_entry(request: Request, **changes: Any) -> Entry:
    """Return an entry of a look that no log holds yet."""
    values: dict[str, Any] = {"kind": EntryKind.LOOK, "time": request.issued, "salt": "c2FsdA"}
    return Entry(**(values | look_values(request) | changes))


def _unlogged() -> Logged:
    entry = Entry(
        kind=EntryKind.EXPORT,
        time=datetime(2026, 1, 1).astimezone(),
        actor="nobody",
        outcome="done",
        about={},
        salt="c2FsdA",
    )
    book = bind(Tree([entry.hash]), Ed25519PrivateKey.generate(), "nobody")
    return Logged(proof=Proof(entry=replace(entry), index=0, inclusion=()), advance=book.advance(0))


UNLOGGED = _unlogged()
"""The proof of a request that is entered in the log when it is sent."""
