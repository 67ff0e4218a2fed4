"""A person at a browser with a passkey, who does what the hub's pages do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from hub.operators.accounts import Account
from hub.operators.actors import BY_COMMAND
from hub.operators.csrf import COOKIE, HEADER
from hub.operators.door import banner_digest
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.vocabulary import Role
from hub.store.tables import log_entries
from tests.hub.operators.authenticator import Authenticator
from tests.hub.whole import Answer, WholeHub


@dataclass
class Person:
    """One person: their account, their passkey, and their browser's cookie."""

    whole: WholeHub
    account: Account
    secret: str
    passkey: Authenticator
    cookie: str = ""
    csrf: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """Return what the browser sends by itself, and what our pages add."""
        found = {"Origin": self.whole.hub.operators.door.origin, "Sec-Fetch-Site": "same-origin"}
        if self.cookie:
            found |= {"Cookie": f"{COOKIE}={self.cookie}", HEADER: self.csrf}
        return found | self.extra

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Call the API from a page."""
        return await self.whole.ask(method, path, body, headers=self.headers)

    async def new_options(self, secret: str | None = None) -> dict[str, Any]:
        """Ask for what a new passkey is made with."""
        answer = await self.ask("POST", "join/challenge", {"secret": secret or self.secret})
        assert answer.status == 200, answer.json
        return dict(answer.json["options"])

    async def join(self, **changes: Any) -> Answer:
        """Make the passkey and register it."""
        made = self.passkey.make(await self.new_options(), **changes)
        return await self.ask("POST", "join", {"secret": self.secret, "credential": made})

    async def options(self) -> dict[str, Any]:
        """Acknowledge the banner, and ask for what a passkey is shown with."""
        shown = banner_digest(self.whole.hub.operators.door.banner("en"))
        answer = await self.ask("POST", "session/challenge", {"banner": shown})
        assert answer.status == 200, answer.json
        return dict(answer.json["options"])

    async def sign_in(self, **changes: Any) -> Answer:
        """Show the passkey, and keep the cookie."""
        self.cookie = ""
        shown = self.passkey.show(await self.options(), **changes)
        return await self.send(shown)

    async def send(self, shown: Mapping[str, Any]) -> Answer:
        """Send what was shown, and keep the cookie."""
        answer = await self.ask("POST", "session", {"credential": shown})
        if answer.status == 201:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]
            self.csrf = answer.json["csrf"]
        return answer

    async def unlock(self, passkey: Authenticator | None = None) -> Answer:
        """Show a passkey in the session."""
        asked = await self.ask("POST", "session/unlock/challenge")
        assert asked.status == 200, asked.json
        shown = (passkey or self.passkey).show(asked.json["options"])
        return await self.ask("POST", "session/unlock", {"credential": shown})

    async def session(self) -> Answer:
        """Ask who is signed in."""
        return await self.ask("GET", "session")


async def invited(whole: WholeHub, role: Role = Role.OFFICER, **details: object) -> Person:
    """Invite a person who has not joined yet."""
    room = whole.hub.operators
    account, secret = await room.accounts.invite("Ann Operator", role, BY_COMMAND, details=details)
    return Person(whole, account, secret, Authenticator(room.door.origin))


async def joined(whole: WholeHub, role: Role = Role.OFFICER) -> Person:
    """Invite a person and let them join."""
    person = await invited(whole, role)
    assert (await person.join()).status == 204
    return person


async def signed_in(whole: WholeHub, role: Role = Role.OFFICER) -> Person:
    """Invite a person and let them join and sign in."""
    person = await joined(whole, role)
    assert (await person.sign_in()).status == 201
    return person


async def entries(whole: WholeHub, *kinds: EntryKind) -> list[Entry]:
    """Return the entries of these kinds, oldest first."""
    async with whole.engine.connect() as connection:
        rows = await connection.scalars(
            select(log_entries.c.data)
            .where(log_entries.c.kind.in_(kinds))
            .order_by(log_entries.c.index)
        )
        return [Entry.parse(data) for data in rows]


async def outcomes(whole: WholeHub, *kinds: EntryKind) -> list[str]:
    """Return what these entries say came of it."""
    return [entry.outcome for entry in await entries(whole, *kinds)]
