"""The consent records of a home: everything that its owner signed, kept with the home."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

import orjson
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .protocol.claims import Fields
from .protocol.consent import SignedConsent, State, read_record
from .protocol.tokens import Token

_VERSION = 1


class Stored(TypedDict):
    """The records as they are stored."""

    records: list[str]
    told: bool
    offered: dict[str, Any] | None


@dataclass(slots=True)
class Consents:
    """Signed records, newest last, and the rules that the city offers in place of the accepted.

    `told` is whether the city has the newest record.
    """

    store: Store[Stored]
    records: list[str] = field(default_factory=list)
    told: bool = True
    offered: dict[str, Any] | None = None

    @property
    def newest(self) -> SignedConsent | None:
        """Return what the owner signed last, or None if nothing is here."""
        return _read(self.records[-1]) if self.records else None

    @property
    def withdrawn(self) -> bool:
        """Tell whether the owner has withdrawn."""
        newest = self.newest
        return newest is not None and newest.consent.state is State.WITHDRAWN

    async def add(self, signed: SignedConsent, *, told: bool) -> None:
        """Keep a record; whatever the city offered is answered by it."""
        self.records.append(signed.token)
        self.told = told
        self.offered = None
        await self.save()

    async def offer(self, document: dict[str, Any] | None) -> None:
        """Keep the city document that the owner has yet to accept."""
        if document != self.offered:
            self.offered = document
            await self.save()

    async def save(self) -> None:
        """Save now: for what the owner decided."""
        await self.store.async_save(
            {"records": self.records, "told": self.told, "offered": self.offered}
        )


async def load(hass: HomeAssistant, home: str) -> Consents:
    """Return the consent records of a home."""
    consents = Consents(
        Store(hass, _VERSION, f"{DOMAIN}.{home}.consents", private=True, atomic_writes=True)
    )
    if (stored := await consents.store.async_load()) is not None:
        consents.records = stored["records"]
        consents.told = stored["told"]
        consents.offered = stored["offered"]
    return consents


async def forget(consents: Consents) -> None:
    """Delete the records."""
    await consents.store.async_remove()


def _read(token: str) -> SignedConsent:
    # Our own store needs no proof, and a kept record has long outlived its way to the hub.
    claims = Fields(orjson.loads(Token.parse(token).payload))
    at: datetime = claims.time("iat")
    return SignedConsent(read_record(claims.mapping("record"), at), token)
