"""HTTP: who the city is, and how a home enrols and renews its certificate."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from hub.errors import (
    CODE_EXPIRED,
    CODE_UNKNOWN,
    CODE_USED,
    HOME_UNKNOWN,
    REFUSED_STATEMENT,
    RULES_CHANGED,
)
from hub.homes.homes import Homes
from hub.http.routes import PEM, Answer, Call, Nothing, Route
from hub.protocol.consent import State

type HomeId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
type Token = Annotated[str, msgspec.Meta(min_length=1, max_length=16_384)]


class CityKey(msgspec.Struct, frozen=True):
    """The hub's public key (RFC 8037)."""

    kty: str
    crv: str
    x: str


class CityBroker(msgspec.Struct, frozen=True):
    """Where homes connect by MQTT over mutual TLS."""

    host: str
    port: int


class CityDocument(msgspec.Struct, frozen=True):
    """Who the city is: its name, its key, its rules in full, and its broker."""

    name: str
    key: CityKey
    waiver: dict[str, Any]
    policy: dict[str, Any]
    broker: CityBroker


class NewEnrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The owner's signed enrolment, and the public key that it is signed with."""

    enrolment: Token
    key: dict[str, str]


class NewCertificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A home's signed ask for a new certificate."""

    home: HomeId
    renewal: Token


class NewConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A home's signed consent record."""

    home: HomeId
    consent: Token


class ConsentState(msgspec.Struct, frozen=True):
    """What the record said."""

    state: State


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A home's signed question about itself."""

    home: HomeId
    status: Token


class HomeStatus(msgspec.Struct, frozen=True):
    """Each camera's highest sequence number, and the hashes of the rules in force."""

    cameras: dict[str, int]
    waiver: str
    policy: str


class Credentials(msgspec.Struct, frozen=True):
    """A home's id, its certificate for the broker, and the CA's certificate, in PEM form."""

    home: str
    certificate: str
    ca: str


class HomesApi:
    """The public routes that homes use before they can use MQTT."""

    def __init__(
        self,
        homes: Homes,
        ca: bytes,
        city: Mapping[str, Any],
        now: Callable[[], datetime],
    ) -> None:
        """Take the homes, the CA's certificate, the city document, and the clock.

        A broker's host of None there means: by the name that the asker reached the hub by.
        """
        self._homes = homes
        self._ca = ca
        self._city = city
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="GET",
                path="/api/v1/ca",
                handler=self.get_ca,
                summary="The hub's CA certificate; an enrolment code holds its pin",
                scope=None,
                media=PEM,
            ),
            Route(
                method="GET",
                path="/api/v1/city",
                handler=self.get_city,
                summary="Who the city is, and its rules",
                scope=None,
                answer=CityDocument,
            ),
            Route(
                method="POST",
                path="/api/v1/enrolments",
                handler=self.enrol,
                summary="Enrol a home with a one-time code",
                scope=None,
                body=NewEnrolment,
                answer=Credentials,
                status=201,
                problems=(
                    CODE_UNKNOWN,
                    CODE_USED,
                    CODE_EXPIRED,
                    RULES_CHANGED,
                    REFUSED_STATEMENT,
                ),
            ),
            Route(
                method="POST",
                path="/api/v1/certificates",
                handler=self.renew,
                summary="Renew a home's certificate",
                scope=None,
                body=NewCertificate,
                answer=Credentials,
                problems=(HOME_UNKNOWN, REFUSED_STATEMENT),
            ),
            Route(
                method="POST",
                path="/api/v1/consents",
                handler=self.consent,
                summary="Accept changed rules, or withdraw and leave",
                scope=None,
                body=NewConsent,
                answer=ConsentState,
                problems=(HOME_UNKNOWN, REFUSED_STATEMENT, RULES_CHANGED),
            ),
            Route(
                method="POST",
                path="/api/v1/status",
                handler=self.status,
                summary="What the hub holds of a home, for this home alone",
                scope=None,
                body=Question,
                answer=HomeStatus,
                problems=(HOME_UNKNOWN, REFUSED_STATEMENT),
            ),
        ]

    async def get_ca(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show the CA's certificate."""
        return Answer(self._ca)

    async def get_city(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show who the city is."""
        broker = self._city["broker"]
        host = broker["host"] or call.request.url.host
        return Answer({**self._city, "broker": {"host": host, "port": broker["port"]}})

    async def enrol(self, call: Call[Nothing, NewEnrolment]) -> Answer:
        """Take a home in."""
        body = call.body
        return Answer(await self._homes.enrol(body.enrolment, body.key, self._now()))

    async def renew(self, call: Call[Nothing, NewCertificate]) -> Answer:
        """Give a home its next certificate."""
        body = call.body
        return Answer(await self._homes.renew(body.home, body.renewal, self._now()))

    async def consent(self, call: Call[Nothing, NewConsent]) -> Answer:
        """Keep a consent record."""
        body = call.body
        return Answer(ConsentState(await self._homes.consent(body.home, body.consent, self._now())))

    async def status(self, call: Call[Nothing, Question]) -> Answer:
        """Tell a home about itself."""
        body = call.body
        status = await self._homes.status(body.home, body.status, self._now())
        return Answer(HomeStatus(dict(status.seqs), status.waiver, status.policy))
