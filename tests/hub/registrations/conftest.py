"""What the tests of registrations share: a hub with mail, a post office, and residents."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from hub.config import Mail
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.messaging.child import Broker
from hub.protocol.entries import Entry, EntryKind
from hub.registrations.mail import Mailer
from hub.store.tables import log_entries
from tests.hub.registrations.smtp import Post, post_office
from tests.hub.whole import WholeHub, whole_hub

ANN = {
    "name": "Ann Example",
    "address": "12 Farish St",
    "email": "ann@example.org",
    "phone": "601 555 0100",
    "site": "home",
    "note": "the porch",
}


@dataclass
class Page:
    """A page as a resident's browser got it."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Office:
    """A hub, its post office if it has one, and what residents do."""

    whole: WholeHub
    post: Post

    async def browse(
        self, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> Page:
        """Open a page, or send its form as a browser does."""
        if form is not None:
            headers = {"Sec-Fetch-Site": "same-origin"} | headers
        method = "GET" if form is None else "POST"
        async with self.whole.client.request(method, path, data=form, headers=headers) as answer:
            return Page(answer.status, dict(answer.headers), await answer.text())

    async def register(self, **changes: str) -> Page:
        return await self.browse("/register", ANN | changes)

    async def link(self) -> str:
        """Return the path of the link in the next letter."""
        text = (await self.post.letter()).get_content()
        (line,) = [line for line in text.splitlines() if "/register/confirm?" in line]
        return str(line[line.index("/register/") :])

    async def confirm(self) -> Page:
        """Follow the link of the next letter, and press the button."""
        path = await self.link()
        return await self.browse("/register/confirm", {"token": token_in(path)})

    async def listed(self) -> list[dict[str, Any]]:
        return list((await self.whole.ask("GET", "registrations")).json["registrations"])

    async def only(self) -> dict[str, Any]:
        (one,) = await self.listed()
        return one

    async def logged(self) -> list[tuple[str, str]]:
        """Return outcomes and actors of what the log tells of registrations."""
        return [(one.outcome, one.actor) for one in await self.entries()]

    async def entries(self) -> list[Entry]:
        async with self.whole.engine.connect() as connection:
            rows = await connection.scalars(
                select(log_entries.c.data)
                .where(log_entries.c.kind == EntryKind.REGISTRATION)
                .order_by(log_entries.c.index)
            )
            return [Entry.parse(data) for data in rows]


def token_in(path: str) -> str:
    return path.partition("token=")[2].partition("&")[0]


@pytest.fixture
async def office(folder: DataFolder, authority: Authority, broker: Broker) -> AsyncIterator[Office]:
    """A hub with mail."""
    async with post_office() as post:
        settings = Mail(host="localhost", port=post.port, tls="none", sender="rtcc@city.example")
        async with whole_hub(folder, authority, broker, Mailer.open(settings)) as whole:
            yield Office(whole, post)


@pytest.fixture
async def without_mail(whole: WholeHub) -> Office:
    """A hub whose city confirms by telephone."""
    return Office(whole, Post())
