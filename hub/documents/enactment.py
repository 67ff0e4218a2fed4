"""Enters the rules in the log when they take effect, and keeps every version that ever did."""

from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.protocol.documents import Policy, Waiver, canonical
from hub.protocol.entries import Entry, EntryKind
from hub.store.tables import documents, log_entries
from hub.transparency.log import HUB, AccessLog, Page


async def enact(
    log: AccessLog, waiver: Waiver, policy: Policy, published: Mapping[str, object]
) -> None:
    """Enter these rules if they are not the last that were entered.

    `published` holds the documents themselves under `waiver` and `policy`, as homes read them.

    Raises:
        SQLAlchemyError: if the log cannot be written.

    """
    about = {
        "sha256": policy.digest,
        "version": policy.version,
        "waiver": {"sha256": waiver.digest, "version": waiver.version},
    }
    async with log.writing() as page:
        await _keep(page, "waiver", waiver.digest, published["waiver"])
        await _keep(page, "policy", policy.digest, published["policy"])
        if await _last(page.connection) != about:
            page.add(EntryKind.POLICY, actor=HUB, outcome="done", about=about)


async def _keep(page: Page, kind: str, digest: str, document: object) -> None:
    known = select(documents.c.digest).where(documents.c.digest == digest)
    if (await page.connection.execute(known)).one_or_none() is None:
        await page.connection.execute(
            insert(documents).values(
                digest=digest, kind=kind, first=page.now, document=canonical(document).decode()
            )
        )


async def _last(connection: AsyncConnection) -> Mapping[str, object] | None:
    found = await connection.execute(
        select(log_entries.c.data)
        .where(log_entries.c.kind == EntryKind.POLICY)
        .order_by(log_entries.c.index.desc())
        .limit(1)
    )
    data = found.scalar_one_or_none()
    return Entry.parse(data).about if data is not None else None
