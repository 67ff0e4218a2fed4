"""Pictures that an operator attached to an incident: kept sealed, read by few, deleted in time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import FORBIDDEN, NOT_FOUND, PICTURE_GONE, STORE_FAILED, Problem
from hub.incidents.incidents import Incidents, Record
from hub.operators.tokens import Caller
from hub.pictures.attached import DESCRIBED, Attached, attach, digest, read, row_of
from hub.pictures.recent import Recent
from hub.pictures.retention import kept_until
from hub.pictures.vault import Unsealable, Vault
from hub.protocol.documents import Policy
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.store.tables import incidents as incidents_table
from hub.store.tables import pictures
from hub.transparency.log import HUB, AccessLog, Page

_SEEING = frozenset({Role.OFFICER, Role.SUPERVISOR})
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Opened:
    """An attached picture with its bytes, and the home's signed reply that proves its origin."""

    attached: Attached
    data: bytes
    reply: str


class Pictures:
    """The attached pictures. Each act on one is an entry of the access log."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        log: AccessLog,
        vault: Vault,
        recent: Recent,
        incidents: Incidents,
        policy: Policy,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store and the log, the seal, what was just looked at, and the rules."""
        self._engine = engine
        self._log = log
        self._vault = vault
        self._recent = recent
        self._incidents = incidents
        self._policy = policy
        self._now = now

    async def attach(self, look: str, caller: Caller) -> Attached:
        """Keep the still of a look with its incident; the same again if it is kept already.

        Raises:
            Problem: `forbidden` for anyone but who looked and supervisors; `picture-gone` if
                the still is not held any more.

        """
        _may_see(caller)
        before = await self._of_look(look)
        if before is not None:
            _owns(caller, before.looked_by)
            return before
        shown = self._recent.find(look)
        if shown is None:
            raise Problem(PICTURE_GONE, "This look gave no still, or its minutes are over.")
        _owns(caller, shown.caller.pseudonym)
        await self._incidents.get(shown.incident)
        attached = attach(shown, caller, self._now())
        sealed = self._vault.seal(shown.picture.data, attached.id)
        async with self._log.writing() as page:
            known = await page.connection.execute(select(*DESCRIBED).where(pictures.c.look == look))
            if (row := known.one_or_none()) is not None:
                return read(row)
            await page.connection.execute(
                insert(pictures).values(**row_of(attached), reply=shown.reply, sealed=sealed)
            )
            _note(page, attached, "attached", caller)
        self._recent.drop(look)
        return attached

    async def of(self, incident: str, caller: Caller) -> tuple[list[Attached], datetime | None]:
        """Return the pictures of an incident, oldest first, and when they will be deleted.

        Raises:
            Problem: `forbidden`, `not-found`.

        """
        _may_see(caller)
        record = await self._incidents.get(incident)
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(*DESCRIBED)
                .where(pictures.c.incident == incident)
                .order_by(pictures.c.attached, pictures.c.id)
            )
            found = [read(row) for row in rows]
            charged = await connection.scalar(
                select(incidents_table.c.charged).where(incidents_table.c.id == incident)
            )
        return found, self._until(record, charged)

    async def read(self, id_: str, caller: Caller) -> Opened:
        """Return a picture; that it was read is written first.

        Raises:
            Problem: `forbidden`, `not-found`; `store-failed` if the picture was tampered with.

        """
        _may_see(caller)
        async with self._log.writing() as page:
            row = (
                await page.connection.execute(select(pictures).where(pictures.c.id == id_))
            ).one_or_none()
            if row is None:
                raise _unknown(id_)
            attached = read(row)
            _note(page, attached, "read", caller)
        return self._opened(row)

    async def handed_on(self, id_: str) -> Opened | None:
        """Return a picture for the units' system; None if it was deleted meanwhile.

        That it is handed on was written with the message that it belongs to.
        """
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(select(pictures).where(pictures.c.id == id_))
            ).one_or_none()
        return None if row is None else self._opened(row)

    def _opened(self, row: Row[tuple[object, ...]]) -> Opened:
        attached = read(row)
        try:
            data = self._vault.unseal(row.sealed, attached.id)
        except Unsealable:
            data = b""
        if digest(data) != attached.sha256:
            raise Problem(
                STORE_FAILED,
                f"Picture {attached.id} was changed in the store, or its key is another one.",
            )
        return Opened(attached, data, row.reply)

    async def delete(self, id_: str, caller: Caller) -> None:
        """Delete a picture before its time.

        Raises:
            Problem: `forbidden` for anyone but who looked, who attached it and supervisors;
                `not-found`.

        """
        _may_see(caller)
        async with self._log.writing() as page:
            row = (
                await page.connection.execute(select(*DESCRIBED).where(pictures.c.id == id_))
            ).one_or_none()
            if row is None:
                raise _unknown(id_)
            attached = read(row)
            _owns(caller, attached.looked_by, attached.attached_by)
            await page.connection.execute(delete(pictures).where(pictures.c.id == id_))
            _note(page, attached, "deleted", caller)

    async def charge(self, incident: str, caller: Caller) -> datetime | None:
        """Note that charges came of an incident: its pictures are kept longer. Once is enough.

        Returns when they will be deleted now.

        Raises:
            Problem: `forbidden` for anyone but a supervisor; `not-found`.

        """
        if caller.role is not Role.SUPERVISOR:
            raise Problem(FORBIDDEN, "Only a supervisor may note charges.")
        record = await self._incidents.get(incident)
        async with self._log.writing() as page:
            done = await page.connection.execute(
                update(incidents_table)
                .where(incidents_table.c.id == incident, incidents_table.c.charged.is_(None))
                .values(charged=page.now)
            )
            if done.rowcount:
                page.add(
                    EntryKind.INCIDENT_CHANGED,
                    actor=caller.pseudonym,
                    role=caller.role,
                    outcome="charged",
                    about={"incident": incident},
                )
        return self._until(record, self._now())

    async def sweep(self) -> int:
        """Delete what the policy keeps no longer, each with its entry; return how many."""
        self._recent.sweep()
        async with self._engine.connect() as connection:
            rows = (
                await connection.execute(
                    select(incidents_table.c.id, incidents_table.c.charged).where(
                        incidents_table.c.id.in_(select(pictures.c.incident).distinct())
                    )
                )
            ).all()
        done = 0
        for row in rows:
            until = self._until(await self._incidents.get(row.id), row.charged)
            if until is not None and until <= self._now():
                done += await self._expire(row.id)
        return done

    async def _expire(self, incident: str) -> int:
        done = 0
        while True:
            async with self._log.writing() as page:
                rows = (
                    await page.connection.execute(
                        select(*DESCRIBED)
                        .where(pictures.c.incident == incident)
                        .limit(_MOST_AT_ONCE)
                    )
                ).all()
                for row in rows:
                    _note(page, read(row), "expired")
                await page.connection.execute(
                    delete(pictures).where(pictures.c.id.in_([row.id for row in rows]))
                )
            done += len(rows)
            if len(rows) < _MOST_AT_ONCE:
                return done

    async def _of_look(self, look: str) -> Attached | None:
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(select(*DESCRIBED).where(pictures.c.look == look))
            ).one_or_none()
        return None if row is None else read(row)

    def _until(self, record: Record, charged: datetime | None) -> datetime | None:
        ended = record.incident.closed
        if ended is None and not record.is_open(self._now()):
            ended = record.ends
        return kept_until(self._policy.retention, ended=ended, charged=charged)


def _may_see(caller: Caller) -> None:
    """Let officers and supervisors through, whatever scopes another one was given."""
    if caller.role not in _SEEING:
        raise Problem(FORBIDDEN, "Only officers and supervisors may handle pictures.")


def _owns(caller: Caller, *pseudonyms: str) -> None:
    if caller.role is not Role.SUPERVISOR and caller.pseudonym not in pseudonyms:
        raise Problem(FORBIDDEN, "Only the operator who looked, or a supervisor, may do that.")


def _note(page: Page, attached: Attached, outcome: str, caller: Caller | None = None) -> None:
    page.add(
        EntryKind.PICTURE,
        actor=HUB if caller is None else caller.pseudonym,
        role=None if caller is None else caller.role,
        outcome=outcome,
        home=attached.home,
        about={
            "picture": attached.id,
            "look": attached.look,
            "incident": attached.incident,
            "sha256": attached.sha256,
        },
    )


def _unknown(id_: str) -> Problem:
    return Problem(NOT_FOUND, f"There is no picture {id_}.")
