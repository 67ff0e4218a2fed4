"""Keeps each camera's newest word: its highest `seq`, its digest, and the token of a grant."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.grants.cameras import Held
from hub.protocol.claims import Fields
from hub.protocol.grant import REVOCATION_LIFE, Grant, Revocation, parse_verified
from hub.store.tables import cameras


def digest(token: bytes) -> bytes:
    """Return the SHA-256 by which a token that was verified before is known again."""
    return hashlib.sha256(token).digest()


@dataclass(frozen=True, slots=True)
class Word:
    """A verified word on a camera, with the token that says it."""

    camera: str
    word: Grant | Revocation
    token: bytes

    def row(self) -> dict[str, object]:
        """Return the row that keeps it; a revocation needs no token, only its `seq`."""
        word = self.word
        ends = word.ends if isinstance(word, Grant) else word.issued + REVOCATION_LIFE
        return {
            "camera": self.camera,
            "home": word.home,
            "seq": word.seq,
            "digest": digest(self.token),
            "ends": int(ends.timestamp()),
            "token": self.token if isinstance(word, Grant) else None,
        }


async def save(engine: AsyncEngine, words: Sequence[Word]) -> None:
    """Write the newest words of one batch in one transaction."""
    newest = {word.camera: word.row() for word in words}
    statement = insert(cameras)
    statement = statement.on_conflict_do_update(
        index_elements=[cameras.c.camera],
        set_={
            name: statement.excluded[name] for name in ("home", "seq", "digest", "ends", "token")
        },
        where=statement.excluded.seq > cameras.c.seq,
    )
    async with engine.begin() as connection:
        await connection.execute(statement, list(newest.values()))


async def forget(engine: AsyncEngine, home: str) -> None:
    """Delete what is known of a removed home's cameras."""
    async with engine.begin() as connection:
        await connection.execute(delete(cameras).where(cameras.c.home == home))


async def load(engine: AsyncEngine) -> Iterable[tuple[str, Held]]:
    """Read every camera's newest word; tokens were verified before they were written."""
    async with engine.connect() as connection:
        rows = (await connection.execute(select(cameras))).all()
    return [
        (row.camera, Held(row.home, row.seq, row.digest, grant := _grant(row.token), grant))
        for row in rows
    ]


def _grant(token: bytes | None) -> Grant | None:
    if token is None:
        return None
    payload = token.split(b".")[1]
    return parse_verified(
        Fields(orjson.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))))
    )
