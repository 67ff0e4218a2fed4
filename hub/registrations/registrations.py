"""The registrations in the store: received, confirmed, decided, deleted, each with its entry."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.errors import NOT_FOUND, REGISTRATION_STATE, Problem
from hub.homes.codes import CODE_LIFE, Codes
from hub.operators.actors import BY_HUB, Actor
from hub.protocol.enrolment import proof_digest
from hub.protocol.entries import EntryKind
from hub.registrations.form import Wish
from hub.registrations.records import JOINED, Approval, Registration, read
from hub.registrations.retention import State
from hub.store.tables import registrations
from hub.transparency.log import PUBLIC, AccessLog, Page

LINK_LIFE = timedelta(hours=48)
MOST_LETTERS = 3
"""Letters to one address in a day: nobody can have another one flooded."""
_DAY = timedelta(days=1)
_SECRET_BYTES = 32
_LONGEST_SECRET = 100
_MOST_AT_ONCE = 100


class Registrations:
    """The registrations. Entries name them by an opaque id, and hold nothing that was written."""

    def __init__(
        self, engine: AsyncEngine, log: AccessLog, codes_: Codes, now: Callable[[], datetime]
    ) -> None:
        """Take the store, the log, what makes enrolment codes, and the clock."""
        self._engine = engine
        self._log = log
        self._codes = codes_
        self._now = now

    async def may_write_to(self, email: str) -> bool:
        """Tell whether this address was not written to too often lately."""
        async with self._engine.connect() as connection:
            count = await connection.scalar(
                select(func.count())
                .select_from(registrations)
                .where(
                    func.lower(registrations.c.email) == email.lower(),
                    registrations.c.created > self._now() - _DAY,
                )
            )
        return (count or 0) < MOST_LETTERS

    async def receive(self, wish: Wish, secret: str | None) -> str:
        """Keep a registration and return its id; `secret` is what its link holds, if it has one."""
        id_ = secrets.token_hex(8)
        async with self._log.writing() as page:
            await page.connection.execute(
                insert(registrations).values(
                    id=id_,
                    state=State.UNCONFIRMED,
                    name=wish.name,
                    address=wish.address,
                    email=wish.email,
                    phone=wish.phone,
                    site=wish.site,
                    cameras=wish.cameras,
                    note=wish.note,
                    language=wish.language,
                    created=page.now,
                    link=None if secret is None else _digest(secret),
                    link_ends=None if secret is None else page.now + LINK_LIFE,
                )
            )
            _note(page, id_, "received", Actor(PUBLIC))
        return id_

    async def confirm_by_link(self, secret: str) -> bool:
        """Confirm what a link stands for; False if it was used, has ended, or never was."""
        if not 0 < len(secret) <= _LONGEST_SECRET:
            return False
        async with self._log.writing() as page:
            id_ = await page.connection.scalar(
                select(registrations.c.id).where(
                    registrations.c.link == _digest(secret),
                    registrations.c.link_ends > self._now(),
                    registrations.c.state == State.UNCONFIRMED,
                )
            )
            if id_ is None:
                return False
            await _confirm(page, id_, Actor(PUBLIC))
        return True

    async def link_is_good(self, secret: str) -> bool:
        """Tell whether a link can still be used, without using it."""
        async with self._engine.connect() as connection:
            found = await connection.scalar(
                select(registrations.c.id).where(
                    registrations.c.link == _digest(secret),
                    registrations.c.link_ends > self._now(),
                    registrations.c.state == State.UNCONFIRMED,
                )
            )
        return found is not None

    async def list(self) -> list[Registration]:
        """Return all registrations, oldest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                JOINED.order_by(registrations.c.created, registrations.c.id)
            )
            return [read(row) for row in rows]

    async def get(self, id_: str) -> Registration:
        """Return one registration.

        Raises:
            Problem: `not-found`.

        """
        async with self._engine.connect() as connection:
            return await _get(connection, id_)

    async def confirm_by_hand(self, id_: str, actor: Actor) -> Registration:
        """Confirm a registration after the city has asked the resident.

        Raises:
            Problem: `not-found`, `registration-state`.

        """
        async with self._log.writing() as page:
            await _expect(page, id_, State.UNCONFIRMED)
            await _confirm(page, id_, actor)
        return await self.get(id_)

    async def approve(self, id_: str, actor: Actor) -> Approval:
        """Approve a confirmed registration and make its enrolment code.

        Raises:
            Problem: `not-found`, `registration-state`.

        """
        async with self._log.writing() as page:
            await _expect(page, id_, State.WAITING)
            code = await self._codes.make(
                page, f"registration {id_}", page.now, actor=actor.pseudonym, role=actor.role
            )
            await page.connection.execute(
                update(registrations)
                .where(registrations.c.id == id_)
                .values(state=State.APPROVED, decided=page.now, code=proof_digest(code.proof))
            )
            _note(page, id_, "approved", actor)
            until = page.now + CODE_LIFE
        return Approval(await self.get(id_), code, until)

    async def decline(self, id_: str, actor: Actor) -> Registration:
        """Decline a registration that nobody has decided about.

        Raises:
            Problem: `not-found`, `registration-state`.

        """
        async with self._log.writing() as page:
            await _expect(page, id_, State.UNCONFIRMED, State.WAITING)
            await page.connection.execute(
                update(registrations)
                .where(registrations.c.id == id_)
                .values(state=State.DECLINED, decided=page.now, link=None, link_ends=None)
            )
            _note(page, id_, "declined", actor)
        return await self.get(id_)

    async def delete(self, id_: str, actor: Actor) -> None:
        """Delete a registration, as the resident asked for.

        Raises:
            Problem: `not-found`.

        """
        async with self._log.writing() as page:
            await _get(page.connection, id_)
            await _delete(page, id_, actor, "asked")

    async def sweep(self) -> int:
        """Delete what is kept no longer, each with its entry; return how many."""
        done = 0
        for one in await self.list():
            if one.ends <= self._now():
                async with self._log.writing() as page:
                    # Somebody may have decided meanwhile.
                    try:
                        found = await _get(page.connection, one.id)
                    except Problem:
                        continue
                    if found.ends <= self._now():
                        await _delete(page, one.id, BY_HUB, found.state)
                        done += 1
        return done


def new_secret() -> str:
    """Return what a confirmation link holds."""
    return secrets.token_urlsafe(_SECRET_BYTES)


async def _confirm(page: Page, id_: str, actor: Actor) -> None:
    await page.connection.execute(
        update(registrations)
        .where(registrations.c.id == id_)
        .values(state=State.WAITING, confirmed=page.now, link=None, link_ends=None)
    )
    _note(page, id_, "confirmed", actor)


async def _expect(page: Page, id_: str, *states: State) -> None:
    found = await _get(page.connection, id_)
    if found.state not in states:
        raise Problem(
            REGISTRATION_STATE,
            f"Registration {id_} is {found.state}, not {' or '.join(states)}.",
            state=found.state,
        )


async def _get(connection: AsyncConnection, id_: str) -> Registration:
    row = (await connection.execute(JOINED.where(registrations.c.id == id_))).one_or_none()
    if row is None:
        raise Problem(NOT_FOUND, f"There is no registration {id_}.")
    return read(row)


async def _delete(page: Page, id_: str, actor: Actor, why: str) -> None:
    await page.connection.execute(delete(registrations).where(registrations.c.id == id_))
    _note(page, id_, "deleted", actor, why=why)


def _note(page: Page, id_: str, outcome: str, actor: Actor, **more: str) -> None:
    page.add(
        EntryKind.REGISTRATION,
        actor=actor.pseudonym,
        role=actor.role,
        outcome=outcome,
        about={"registration": id_} | more,
    )


def _digest(secret: str) -> str:
    # The secret has 256 random bits: a plain hash cannot be searched.
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
