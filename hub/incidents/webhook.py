"""Sends messages on to the units' system: signed, and again until it takes them."""

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import msgspec
from sqlalchemy.exc import SQLAlchemyError

from hub.config import Webhook as Settings
from hub.errors import Problem
from hub.incidents.answers import MessageAnswer
from hub.incidents.incidents import Incidents
from hub.incidents.messages import Messages
from hub.pictures.pictures import Pictures

_LOGGER = logging.getLogger(__name__)
SIGNATURE = "RTCC-Signature"
MESSAGE = "RTCC-Message"
_LIMIT = aiohttp.ClientTimeout(total=10)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
_ROUND_S = 30.0
"""How often is looked for what another process left behind."""


@dataclass(frozen=True, slots=True)
class WebhookAt:
    """The units' system: where it takes messages, and what it knows them by."""

    url: str
    secret: str

    @classmethod
    def of(cls, settings: Settings) -> WebhookAt | None:
        """Return where the configuration says; None if it names nothing."""
        return cls(settings.url, settings.secret) if settings.url else None


class Webhook:
    """Sends what waits."""

    def __init__(
        self,
        at: WebhookAt | None,
        messages: Messages,
        incidents: Incidents,
        pictures: Pictures,
        now: Callable[[], datetime],
    ) -> None:
        """Take where to send, the messages and what they tell of, and the clock."""
        self._at = at
        self._messages = messages
        self._incidents = incidents
        self._pictures = pictures
        self._now = now
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        messages.on_written = self._wake.set

    def start(self) -> None:
        """Begin to send, if there is somewhere to send to."""
        if self._at is not None:
            self._task = asyncio.create_task(self._send_on(self._at), name="webhook")

    async def stop(self) -> None:
        """Send no more; what was not taken waits in the store."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _send_on(self, at: WebhookAt) -> None:
        pause, well = 0.0, True
        async with aiohttp.ClientSession(timeout=_LIMIT) as client:
            while True:
                try:
                    taken = await self._round(client, at)
                except SQLAlchemyError as err:
                    _LOGGER.error("Messages to the units wait for the store: %s", err)  # noqa: TRY400
                    taken = False
                if taken is not well:
                    well = taken
                    how = "takes messages again" if taken else "takes no messages: they are kept"
                    _LOGGER.warning("The units' system %s", how)
                pause = 0.0 if taken else min(max(2 * pause, FIRST_PAUSE_S), LONGEST_PAUSE_S)
                await self._rest(pause)

    async def _rest(self, pause: float) -> None:
        if pause:
            await asyncio.sleep(pause)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_ROUND_S):
                await self._wake.wait()
        self._wake.clear()

    async def _round(self, client: aiohttp.ClientSession, at: WebhookAt) -> bool:
        """Send what waits, oldest first; False if something was not taken.

        What the system refuses stops nothing else; if it does not answer, the rest waits too.
        """
        refused: set[str] = set()
        while waiting := await self._messages.waiting(refused):
            for message in waiting:
                try:
                    taken = await self._post(client, at, message)
                except Problem as problem:
                    _LOGGER.error("Message %s cannot be sent: %s", message.id, problem.detail)  # noqa: TRY400
                    taken = False
                except (aiohttp.ClientError, TimeoutError, OSError) as err:
                    _LOGGER.debug("The units' system does not answer: %s", err)
                    return False
                if taken:
                    await self._messages.taken(message)
                else:
                    refused.add(message.id)
        return not refused

    async def _post(
        self, client: aiohttp.ClientSession, at: WebhookAt, message: MessageAnswer
    ) -> bool:
        body = msgspec.json.encode(await self._told(message))
        headers = {
            "Content-Type": "application/json",
            MESSAGE: message.id,
            SIGNATURE: signature(at.secret, int(self._now().timestamp()), body),
        }
        async with client.post(at.url, data=body, headers=headers, allow_redirects=False) as answer:
            return answer.status // 100 == 2  # noqa: PLR2004 - the 200s

    async def _told(self, message: MessageAnswer) -> dict[str, object]:
        incident = (await self._incidents.get(message.incident)).incident
        picture = None
        if message.picture is not None:
            picture = await self._pictures.handed_on(message.picture)
        return {
            "id": message.id,
            "at": message.at,
            "by": message.by,
            "text": message.text,
            "incident": {
                "id": incident.id,
                "kind": incident.kind,
                "reference": incident.reference,
                "lat": incident.circle.centre.lat,
                "lon": incident.circle.centre.lon,
                "opened": incident.opened,
            },
            "picture": None
            if picture is None
            else {
                "content_type": picture.attached.content_type,
                "received": picture.attached.received,
                "sha256": picture.attached.sha256,
                "data": base64.b64encode(picture.data).decode("ascii"),
            },
        }


def signature(secret: str, at: int, body: bytes) -> str:
    """Return `t=<seconds>,v1=<hex>`: the HMAC-SHA256 of `<seconds>.` and the body.

    The time is signed too, so that whoever receives it can refuse what is old.
    """
    mac = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"
