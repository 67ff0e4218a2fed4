"""Rules are entered when they take effect, once, and every version is kept."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.data import DataFolder
from hub.documents.enactment import enact
from hub.protocol.documents import Policy, Waiver, document_hash
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.tokens import Signer
from hub.store.engine import open_database
from hub.store.tables import documents, log_entries
from hub.transparency.log import AccessLog

SIGNER = Signer(Ed25519PrivateKey.generate())
WAIVER: dict[str, Any] = {"version": "1", "text": {"en": "I lend."}}
RULE = {"name": {"en": "Fire"}, "radius_m": 1, "duration_s": 60, "scopes": ["snapshot"]}
POLICY: dict[str, Any] = {"version": "1", "kinds": {"fire": RULE}}


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(DataFolder.open(tmp_path))
    yield engine
    await engine.dispose()


async def start(
    engine: AsyncEngine, waiver: dict[str, Any] = WAIVER, policy: dict[str, Any] = POLICY
) -> None:
    """Start a hub with these rules, as far as they are concerned."""
    log = AccessLog(engine, SIGNER, lambda: datetime.now(UTC))
    await log.load()
    published = {"waiver": waiver, "policy": policy}
    await enact(log, Waiver.parse(waiver), Policy.parse(policy), published)


async def entered(engine: AsyncEngine) -> list[str]:
    """Return the versions of waiver and policy as they were entered."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(log_entries.c.data)
            .where(log_entries.c.kind == EntryKind.POLICY)
            .order_by(log_entries.c.index)
        )
        abouts: list[Any] = [Entry.parse(data).about for (data,) in rows]
        return [f"{about['waiver']['version']} {about['version']}" for about in abouts]


async def test_rules_are_entered_once(engine: AsyncEngine) -> None:
    await start(engine)
    await start(engine)
    assert await entered(engine) == ["1 1"]


async def test_each_change_is_entered_and_a_change_back_too(engine: AsyncEngine) -> None:
    await start(engine)
    await start(engine, policy=POLICY | {"version": "2"})
    await start(engine, waiver=WAIVER | {"version": "2"})
    await start(engine)
    assert await entered(engine) == ["1 1", "1 2", "2 1", "1 1"]


async def test_every_version_is_kept_under_its_hash(engine: AsyncEngine) -> None:
    await start(engine)
    await start(engine, policy=POLICY | {"version": "2"})
    async with engine.connect() as connection:
        rows = (await connection.execute(select(documents))).all()
    assert {(row.kind, row.digest) for row in rows} == {
        ("waiver", document_hash(WAIVER)),
        ("policy", document_hash(POLICY)),
        ("policy", document_hash(POLICY | {"version": "2"})),
    }
