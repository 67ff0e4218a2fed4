"""Messages: what is told to the units about an incident, with a still if there is one."""

import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import NOT_FOUND, Problem
from hub.incidents.answers import MessageAnswer, message_answer
from hub.incidents.incidents import Incidents, still_open
from hub.operators.tokens import Caller
from hub.pictures.attached import Attached
from hub.pictures.pictures import Pictures
from hub.protocol.entries import EntryKind
from hub.protocol.keys import b64url
from hub.store.tables import looks
from hub.store.tables import messages as table
from hub.transparency.log import HUB, AccessLog, Page

_MANY = 20


class Messages:
    """The messages about all incidents."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        incidents: Incidents,
        pictures: Pictures,
        now: Callable[[], datetime],
        *,
        wanted: bool,
    ) -> None:
        """Take the store's rooms and the clock; `wanted`: the units' system takes messages."""
        self._engine = engine
        self._log = log
        self._incidents = incidents
        self._pictures = pictures
        self._now = now
        self._wanted = wanted
        self.on_written: Callable[[], None] = lambda: None

    async def write(
        self, incident: str, text: str, look: str | None, caller: Caller
    ) -> MessageAnswer:
        """Write a message about an open incident; the still of `look` is kept with the incident.

        Raises:
            Problem: `not-found`, `incident-closed`; for the still as for attaching it.

        """
        await self._incidents.get_open(incident, self._now())
        still = None if look is None else await self._still(incident, look, caller)
        async with self._log.writing() as page:
            still_open(await self._incidents.read(page.connection, incident), self._now())
            message = MessageAnswer(
                id=secrets.token_hex(8),
                incident=incident,
                at=page.now,
                by=caller.pseudonym,
                text=text,
                picture=None if still is None else still.id,
                sent=False,
            )
            await page.connection.execute(
                insert(table).values(
                    id=message.id,
                    incident=incident,
                    at=message.at,
                    pseudonym=message.by,
                    text=text,
                    picture=message.picture,
                    wanted=self._wanted,
                )
            )
            _note(page, message, "written", caller)
            if still is not None and self._wanted:
                _hand_on(page, message, still, caller)
        self.on_written()
        return message

    async def waiting(self, but: Collection[str] = ()) -> list[MessageAnswer]:
        """Return the oldest messages that are to be sent on and were not taken yet, but not these.

        Raises:
            SQLAlchemyError: if the store cannot be read.

        """
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(table)
                .where(table.c.wanted, table.c.sent.is_(None), table.c.id.not_in(but))
                .order_by(table.c.at, table.c.id)
                .limit(_MANY)
            )
            return [message_answer(row) for row in rows]

    async def taken(self, message: MessageAnswer) -> None:
        """Note that the units' system took a message.

        Raises:
            SQLAlchemyError: if the log cannot be written; then it will be sent again.

        """
        async with self._log.writing() as page:
            done = await page.connection.execute(
                update(table)
                .where(table.c.id == message.id, table.c.sent.is_(None))
                .values(sent=page.now)
            )
            if done.rowcount:
                _note(page, message, "sent")

    async def _still(self, incident: str, look: str, caller: Caller) -> Attached:
        async with self._engine.connect() as connection:
            of = await connection.scalar(select(looks.c.incident).where(looks.c.id == look))
        if of != incident:
            raise Problem(NOT_FOUND, f"There is no look {look} for this incident.")
        return await self._pictures.attach(look, caller)


def _note(page: Page, message: MessageAnswer, outcome: str, caller: Caller | None = None) -> None:
    # The text is a person's own words, which may name somebody: it stays in the table.
    page.add(
        EntryKind.MESSAGE,
        actor=HUB if caller is None else caller.pseudonym,
        role=None if caller is None else caller.role,
        outcome=outcome,
        about={
            "message": message.id,
            "incident": message.incident,
            "picture": message.picture,
            "sha256": b64url(hashlib.sha256(message.text.encode()).digest()),
        },
    )


def _hand_on(page: Page, message: MessageAnswer, still: Attached, caller: Caller) -> None:
    """Enter that a picture leaves the hub, before it does: its owner can read that."""
    page.add(
        EntryKind.PICTURE,
        actor=caller.pseudonym,
        role=caller.role,
        outcome="sent",
        home=still.home,
        about={
            "picture": still.id,
            "look": still.look,
            "incident": message.incident,
            "sha256": still.sha256,
            "message": message.id,
        },
    )
