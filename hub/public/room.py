"""Puts together what residents and the public see: figures, registration, an owner's record."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.homes.codes import Codes
from hub.homes.homes import Homes
from hub.homes.owners import Owners
from hub.homes.owners_api import OwnersApi
from hub.http.routes import Route
from hub.protocol.documents import Policy
from hub.registrations.api import RegistrationsApi
from hub.registrations.desk import Desk
from hub.registrations.letters import Letters
from hub.registrations.mail import Mailer
from hub.registrations.public_api import RegistrationPages
from hub.registrations.registrations import Registrations
from hub.transparency.figures_api import FiguresApi
from hub.transparency.log import AccessLog
from hub.transparency.published import Published


class PublicRoom:
    """The room that is open to everybody, and the desk behind it."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        log: AccessLog,
        homes: Homes,
        ca_der: bytes,
        policy: Policy,
        hub: str,
        city: str,
        url: str,
        mailer: Mailer | None,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, the log, the homes, the rules, and how the city is reached."""
        self._registrations = Registrations(engine, log, Codes(engine, log, ca_der), now)
        self._desk = Desk(self._registrations, Letters(city, url), mailer, now)
        self._published = Published(engine, log, city)
        self._owners = Owners(engine, log, homes, hub, now)
        self._policy = policy
        self._city = city
        self._url = url

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            *FiguresApi(self._published, self._policy, self._url).routes(),
            *RegistrationPages(self._desk, self._city).routes(),
            *RegistrationsApi(self._desk).routes(),
            *OwnersApi(self._owners).routes(),
        ]

    async def sweep(self) -> None:
        """Delete the registrations that are kept no longer."""
        await self._registrations.sweep()
