"""The city over HTTPS: who it is, enrolment, certificates, consent, and how a home stands."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from .protocol.city import City
from .protocol.enrolment import Code, Enrolled
from .protocol.errors import Reason, Rejected
from .protocol.keys import Jwk
from .protocol.mine import Mine
from .protocol.owner import Demand
from .protocol.status import Status

_TIMEOUT = aiohttp.ClientTimeout(total=15)
_LARGEST = 256 * 1024
_LARGEST_PAGE = 4 * 1024 * 1024
"""A page of log entries with their proofs."""
_PROBLEM = "urn:jackson-rtcc:problem:"


class Trouble(StrEnum):
    """What can go wrong between a home and a city; each is a translated error."""

    INVALID_URL = "invalid_url"
    CANNOT_CONNECT = "cannot_connect"
    NOT_A_HUB = "not_a_hub"
    WRONG_CITY = "wrong_city"
    WRONG_CERTIFICATE = "wrong_certificate"
    CODE_UNKNOWN = "code_unknown"
    CODE_USED = "code_used"
    CODE_EXPIRED = "code_expired"
    CLOCK = "clock"
    RULES_CHANGED = "rules_changed"
    HOME_UNKNOWN = "home_unknown"
    REFUSED = "refused"


_BY_SLUG = {
    "code-unknown": Trouble.CODE_UNKNOWN,
    "code-used": Trouble.CODE_USED,
    "code-expired": Trouble.CODE_EXPIRED,
    "rules-changed": Trouble.RULES_CHANGED,
    "home-unknown": Trouble.HOME_UNKNOWN,
    "refused-statement": Trouble.REFUSED,
    "malformed": Trouble.REFUSED,
}
_CLOCK_REASONS = {Reason.CLOCK, Reason.EXPIRED}


class CityError(Exception):
    """The city could not be reached, is not who it should be, or said no."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        """Keep what the owner is told apart from the detail for the log."""
        super().__init__(f"{trouble}: {detail}" if detail else trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Answer:
    """What the city answered, and when by its own clock."""

    body: bytes
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Stand:
    """What the hub holds of this home, and the city's clock."""

    status: Status
    date: datetime | None


def hub_url(text: str) -> URL:
    """Read a hub's address as a person typed it; the scheme may be missing.

    Raises:
        CityError: `invalid_url` if it is not the address of an HTTPS server.

    """
    text = text.strip()
    try:
        url = URL(text if "://" in text else f"https://{text}")
        if url.scheme != "https" or not url.host or url.user or url.query_string:
            raise CityError(Trouble.INVALID_URL)
    except ValueError as err:
        raise CityError(Trouble.INVALID_URL, str(err)) from err
    return url.with_fragment(None).with_path(url.path.rstrip("/"))


async def fetch_ca(hass: HomeAssistant, url: URL, code: Code) -> str:
    """Return the city's CA certificate in PEM, proved by the pin in the code alone.

    Raises:
        CityError: if it cannot be had, or is not the one that the code was made for.

    """
    session = async_get_clientsession(hass, verify_ssl=False)
    answer = await _ask(session, "GET", url / "api/v1/ca", ssl_=None)
    try:
        certificate = x509.load_pem_x509_certificate(answer.body)
    except ValueError as err:
        raise CityError(Trouble.NOT_A_HUB, "no CA certificate there") from err
    if not code.fits(certificate.public_bytes(Encoding.DER)):
        raise CityError(Trouble.WRONG_CITY)
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


class CityClient:
    """The city's HTTPS API, over TLS that its own CA vouches for."""

    def __init__(self, hass: HomeAssistant, url: URL, context: ssl.SSLContext) -> None:
        """Take the address and the context that `open` made."""
        self._session = async_get_clientsession(hass)
        self._url = url / "api/v1"
        self._context = context

    @classmethod
    async def open(cls, hass: HomeAssistant, url: URL, ca: str) -> CityClient:
        """Make a client that believes the city's CA."""
        return cls(hass, url, await hass.async_add_executor_job(_context, ca))

    async def city(self) -> dict[str, Any]:
        """Return the city document, in shape but as it came.

        Raises:
            CityError: if it cannot be had.

        """
        answer = await _ask(self._session, "GET", self._url / "city", ssl_=self._context)
        document = _json(answer.body)
        try:
            City.parse(document)
        except Rejected as err:
            raise CityError(Trouble.NOT_A_HUB, err.detail) from err
        return document

    async def enrol(self, statement: str, key: Jwk) -> Enrolled:
        """Present a signed enrolment.

        Raises:
            CityError: if the city cannot be reached or refuses it.

        """
        return await self._statement("enrolments", {"enrolment": statement, "key": key})

    async def renew(self, home: str, statement: str) -> Enrolled:
        """Ask for a new certificate.

        Raises:
            CityError: if the city cannot be reached or refuses it.

        """
        answer = await self._statement("certificates", {"home": home, "renewal": statement})
        if answer.home != home:
            raise CityError(Trouble.NOT_A_HUB, "a certificate for another home")
        return answer

    async def consent(self, home: str, record: str) -> None:
        """Hand over a consent record: rules accepted anew, or everything withdrawn.

        Raises:
            CityError: if the city cannot be reached or refuses it.

        """
        await self._post("consents", {"home": home, "consent": record})

    async def status(self, home: str, question: str) -> Stand:
        """Ask what the hub holds of this home.

        Raises:
            CityError: if the city cannot be reached or refuses to tell.

        """
        answer = await self._post("status", {"home": home, "status": question})
        try:
            return Stand(Status.parse(_json(answer.body)), answer.date)
        except Rejected as err:
            raise CityError(Trouble.NOT_A_HUB, err.detail) from err

    async def demand(self, demand: Demand, home: str, token: str) -> dict[str, Any]:
        """Ask for all that the hub holds about this home, or for its deletion.

        Raises:
            CityError: if the city cannot be reached or refuses.

        """
        path = "homes/record" if demand is Demand.RECORD else "homes/deletion"
        body = {"home": home, "token": token}
        answer = await _ask(
            self._session, "POST", self._url / path, self._context, body, _LARGEST_PAGE
        )
        return _json(answer.body)

    async def mine(self, home: str, question: str) -> Mine:
        """Ask for the access log, and for its entries about this home.

        Raises:
            CityError: if the city cannot be reached or refuses to tell.

        """
        body = {"home": home, "token": question}
        answer = await _ask(
            self._session, "POST", self._url / "log/mine", self._context, body, _LARGEST_PAGE
        )
        try:
            return Mine.parse(_json(answer.body))
        except Rejected as err:
            raise CityError(Trouble.NOT_A_HUB, err.detail) from err

    async def _statement(self, path: str, body: dict[str, Any]) -> Enrolled:
        answer = await self._post(path, body)
        try:
            return Enrolled.parse(_json(answer.body))
        except Rejected as err:
            raise CityError(Trouble.NOT_A_HUB, err.detail) from err

    async def _post(self, path: str, body: dict[str, Any]) -> Answer:
        return await _ask(self._session, "POST", self._url / path, self._context, body)


def _context(ca: str) -> ssl.SSLContext:
    # This CA alone: any public one vouches for a name, not for the hub that the code was made by.
    return ssl.create_default_context(cadata=ca)


async def _ask(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    ssl_: ssl.SSLContext | None,
    body: dict[str, Any] | None = None,
    largest: int = _LARGEST,
) -> Answer:
    try:
        async with session.request(
            method,
            url,
            json=body,
            ssl=True if ssl_ is None else ssl_,
            timeout=_TIMEOUT,
            allow_redirects=False,
        ) as answer:
            data = bytearray()
            async for piece in answer.content.iter_chunked(largest):
                data += piece
                if len(data) > largest:
                    raise CityError(Trouble.NOT_A_HUB, "the answer is too large")
            if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
                return Answer(bytes(data), _date(answer.headers))
    except aiohttp.ClientConnectorCertificateError as err:
        raise CityError(Trouble.WRONG_CERTIFICATE, str(err)) from err
    except (TimeoutError, aiohttp.ClientError, OSError) as err:
        raise CityError(Trouble.CANNOT_CONNECT, str(err) or type(err).__name__) from err
    raise _problem(answer.status, bytes(data))


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        date = parsedate_to_datetime(headers["Date"])
    except KeyError, ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date


def _problem(status: int, body: bytes) -> CityError:
    try:
        problem = _json(body)
    except CityError:
        problem = {}
    slug = str(problem.get("type", "")).removeprefix(_PROBLEM)
    detail = f"{status} {slug} {problem.get('detail', '')}".strip()
    if problem.get("reason") in _CLOCK_REASONS:
        return CityError(Trouble.CLOCK, detail)
    if trouble := _BY_SLUG.get(slug):
        return CityError(trouble, detail)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return CityError(Trouble.CANNOT_CONNECT, detail)
    return CityError(Trouble.NOT_A_HUB, detail)


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise CityError(Trouble.NOT_A_HUB, "not JSON") from err
    if not isinstance(value, dict):
        raise CityError(Trouble.NOT_A_HUB, "not a JSON object")
    return value
