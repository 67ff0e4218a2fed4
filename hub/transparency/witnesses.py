"""Asks witnesses to sign the log's checkpoints as it grows; nothing ever waits for them."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.config import Witness
from hub.errors import StartError
from hub.protocol.checkpoint import Note, Signature, cosigned_at
from hub.store.tables import log_checkpoints
from hub.transparency.cosigning import LARGEST, Question, Status, merge, read_cosignatures
from hub.transparency.log import AccessLog
from hub.transparency.trust import Untrusted, read_public_key

_LOGGER = logging.getLogger(__name__)
_LIMIT = aiohttp.ClientTimeout(total=15)


@dataclass(frozen=True, slots=True, eq=False)
class WitnessAt:
    """A witness that the city has agreed with, and where it answers."""

    name: str
    key: Ed25519PublicKey
    url: str


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between two checkpoints for one witness, and between attempts that fail."""

    pause: float = 1.0
    first: float = 5.0
    longest: float = 600.0


class _NotSigned(Exception):  # noqa: N818 - said of a checkpoint
    """A witness did not sign; the message says why."""


class _Contradicted(_NotSigned):
    """The witness knows another history than this hub: one that was lost, or another one."""


class Witnesses:
    """Follows the log for every witness, each at its own pace."""

    def __init__(
        self,
        log: AccessLog,
        engine: AsyncEngine,
        witnesses: Sequence[WitnessAt],
        patience: Patience | None = None,
    ) -> None:
        """Take the log, its store, and the witnesses; `start` begins."""
        self._log = log
        self._engine = engine
        self._patience = patience or Patience()
        self._grown = {witness: asyncio.Event() for witness in witnesses}
        self._signed = dict.fromkeys(witnesses, 0)
        self._storing = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Ask for the log as it is, and from now on as it grows."""
        if not self._grown:
            return
        self._session = aiohttp.ClientSession(timeout=_LIMIT)
        self._tasks = [
            asyncio.create_task(
                self._follow(witness, self._session), name=f"witness {witness.name}"
            )
            for witness in self._grown
        ]
        self.grown()

    async def stop(self) -> None:
        """End; a witness that was asked may have signed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def grown(self) -> None:
        """Tell that there are new entries."""
        for event in self._grown.values():
            event.set()

    async def _follow(self, witness: WitnessAt, session: aiohttp.ClientSession) -> None:
        patience, grown, wait, said = self._patience, self._grown[witness], 0.0, 0
        while True:
            await grown.wait()
            grown.clear()
            try:
                await self._ask(witness, session)
            except (
                _NotSigned,
                aiohttp.ClientError,
                TimeoutError,
                SQLAlchemyError,
                ValueError,
            ) as err:
                level = logging.CRITICAL if isinstance(err, _Contradicted) else logging.WARNING
                if level > said:
                    _LOGGER.log(level, "The witness %s does not sign: %s", witness.name, err)
                said = max(said, level)
                wait = min(2 * wait or patience.first, patience.longest)
                await asyncio.sleep(wait)
                grown.set()
            else:
                if said:
                    _LOGGER.info("The witness %s signs again", witness.name)
                wait, said = 0.0, 0
                await asyncio.sleep(patience.pause)

    async def _ask(self, witness: WitnessAt, session: aiohttp.ClientSession) -> None:
        # Another process may have written meanwhile; a witness never takes an older log.
        await self._log.load()
        book = self._log.book
        note = book.note
        size = note.checkpoint.size
        for _ in range(2):
            old = self._signed[witness]
            if old > size:
                # Asked anew next time: it may have been a slip.
                self._signed[witness] = 0
                raise _Contradicted(f"it has signed {old} entries, and this log has only {size}")
            proof = tuple(book.tree.consistency(old, size))
            status, answer = await self._post(witness, session, Question(old, proof, note.text))
            if status == Status.COSIGNED:
                await self._keep(note, self._believed(witness, note, answer))
                self._signed[witness] = size
                return
            signed = _size(answer) if status == Status.CONFLICT else None
            if signed is None:
                raise _NotSigned(f"it answers with status {status}: {answer[:200].strip()}")
            if signed == old:
                raise _Contradicted(f"it has signed another log of {old} entries")
            self._signed[witness] = signed
        raise _NotSigned("it names another size each time")

    async def _post(
        self, witness: WitnessAt, session: aiohttp.ClientSession, question: Question
    ) -> tuple[int, str]:
        url = f"{witness.url.rstrip('/')}/add-checkpoint"
        async with session.post(url, data=question.encode(), allow_redirects=False) as response:
            answer = bytearray()
            async for chunk in response.content.iter_any():
                answer += chunk
                if len(answer) > LARGEST:
                    raise _NotSigned("it answers too much")
            return response.status, answer.decode(errors="replace")

    def _believed(self, witness: WitnessAt, note: Note, answer: str) -> list[Signature]:
        """Return the lines that are this witness's; others are ignored."""
        lines = read_cosignatures(note.checkpoint, answer)
        own = [
            line
            for line in lines
            if cosigned_at(Note(note.checkpoint, (line,)), {witness.name: witness.key})
        ]
        if not own:
            raise _NotSigned("its signature is missing or wrong")
        return own

    async def _keep(self, note: Note, signatures: Sequence[Signature]) -> None:
        """Show the signatures under the checkpoint, and store them with it."""
        columns, size = log_checkpoints.c, note.checkpoint.size
        async with self._storing:
            async with self._engine.begin() as connection:
                query = select(columns.note).where(columns.size == size)
                text = (await connection.execute(query)).scalar_one_or_none()
                signed = merge(note if text is None else Note.parse(text), signatures)
                await connection.execute(
                    update(log_checkpoints).where(columns.size == size).values(note=signed.text)
                )
            self._log.cosigned(signed)


def witnesses_of(settings: Iterable[Witness]) -> tuple[WitnessAt, ...]:
    """Return the witnesses of the configuration.

    Raises:
        StartError: if a key is none, or a name is there twice.

    """
    try:
        found = tuple(WitnessAt(one.name, read_public_key(one.key), one.url) for one in settings)
    except Untrusted as err:
        raise StartError(f"log.witnesses: {err}") from err
    if len({one.name for one in found}) < len(found):
        raise StartError("log.witnesses: two witnesses have the same name")
    return found


def _size(answer: str) -> int | None:
    text = answer.removesuffix("\n")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None  # noqa: PLR2004
