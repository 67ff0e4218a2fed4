"""Asks a home and waits for its signed reply."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub.messaging.bus import Bus, Disconnected
from hub.protocol import topics
from hub.protocol.claims import malformed
from hub.protocol.errors import Reason, Rejected
from hub.protocol.reply import Reply, verify
from hub.protocol.request import Request, sign_request
from hub.protocol.tokens import Signer, Verifier
from hub.protocol.vocabulary import Outcome, Scope
from hub.rejections import Rejections

_LOGGER = logging.getLogger(__name__)
REPLY_LIMIT_S = 15.0
"""Longer than a home gives its camera (10 s), shorter than a request lives (30 s)."""


class Silent(Exception):  # noqa: N818 - a home's silence is an answer, not an error
    """The home did not answer in time, or could not be asked."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    home: str
    verifier: Verifier
    action: Scope
    reply: asyncio.Future[Reply]


class Asks:
    """The requests that are under way."""

    def __init__(
        self,
        bus: Bus,
        signer: Signer,
        rejections: Rejections,
        now: Callable[[], datetime],
    ) -> None:
        """Take the bus, the hub's key, the refusals' ledger and the clock."""
        self._bus = bus
        self._signer = signer
        self._rejections = rejections
        self._now = now
        self._waiting: dict[str, _Waiting] = {}

    async def ask(self, request: Request, verifier: Verifier) -> Reply:
        """Send the request and return the home's reply.

        Raises:
            Silent: if none came within `REPLY_LIMIT_S`, or the broker is not connected.

        """
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = _Waiting(request.home, verifier, request.action, reply)
        try:
            async with asyncio.timeout(REPLY_LIMIT_S):
                token = sign_request(self._signer, request)
                self._bus.publish(topics.requests(request.home), token.encode("ascii"))
                return await reply
        except (TimeoutError, Disconnected) as err:
            raise Silent from err
        finally:
            del self._waiting[request.id]

    def take(self, home: str, request: str, payload: bytes) -> bool:
        """Deal with a message on `rtcc/v1/{home}/replies/{request}`; False if none is due."""
        waiting = self._waiting.get(request)
        if waiting is None or waiting.home != home or waiting.reply.done():
            rejected = Rejected(Reason.WRONG_TOPIC, "nobody waits for this reply")
            self._rejections.note(home, rejected, self._now())
            return False
        try:
            reply = verify(payload, waiting.verifier, home, self._signer.kid, request, self._now())
            _check(reply, waiting.action)
        except Rejected as rejected:
            # The look goes on waiting: whoever sent this may not be the home.
            self._rejections.note(home, rejected, self._now())
            return True
        waiting.reply.set_result(reply)
        return True


def _check(reply: Reply, action: Scope) -> None:
    """Refuse an ok that gives something else than was asked for."""
    if reply.outcome is Outcome.OK and (reply.answer is not None) != (action is Scope.STREAM):
        raise malformed("a stream is answered by an answer, and everything else by a picture")
