"""Gives every message from a home to the room that deals with it."""

from collections.abc import Callable
from datetime import datetime

from hub.access.asks import Asks
from hub.access.receipts import Receipts
from hub.grants.cameras import Cameras
from hub.grants.intake import Intake
from hub.protocol import topics
from hub.protocol.errors import Reason, Rejected
from hub.protocol.tokens import Verifier
from hub.rejections import Rejections
from hub.streams.heard import Heard, is_word

SUBSCRIPTIONS = ("rtcc/v1/+/presence", "rtcc/v1/+/grants/+")
REPLY_SUBSCRIPTIONS = ("rtcc/v1/+/replies/+",)


class Inbox:
    """Sorts messages by topic; nothing that a home sends can raise here."""

    def __init__(
        self,
        *,
        cameras: Cameras,
        intake: Intake,
        asks: Asks,
        receipts: Receipts,
        heard: Heard,
        verifier_of: Callable[[str], Verifier | None],
        rejections: Rejections,
        now: Callable[[], datetime],
    ) -> None:
        """Take the rooms, the homes' keys, the refusals' ledger and the clock."""
        self._cameras = cameras
        self._intake = intake
        self._asks = asks
        self._receipts = receipts
        self._heard = heard
        self._verifier_of = verifier_of
        self._rejections = rejections
        self._now = now

    async def take(self, topic: str, payload: bytes) -> None:
        """Deal with one message; return when it may be acknowledged."""
        try:
            address = topics.parse(topic)
        except Rejected as rejected:
            self._rejections.note("unknown", rejected, self._now())
            return
        match address.kind, address.item:
            case "grants", str(camera):
                await self._intake.take(address.home, camera, payload)
            case "replies", str(receipt) if self._receipts.awaits(address.home, receipt):
                await self._receipts.take(address.home, receipt, payload)
            case "replies", str(look) if is_word(payload):
                await self._heard.take(address.home, look, payload)
            case "replies", str(request):
                if not self._asks.take(address.home, request, payload):
                    self._heard.late(address.home, request)
            case "presence", _:
                self._presence(address.home, payload)

    def link(self, up: bool) -> None:
        """Note that the hub hears its broker, or that it does not and so nothing is live."""
        if not up:
            self._cameras.all_offline()
            self._receipts.all_offline()

    def _presence(self, home: str, payload: bytes) -> None:
        if payload not in (topics.ONLINE, topics.OFFLINE, b""):
            rejected = Rejected(Reason.MALFORMED, "presence is online or offline")
            self._rejections.note(home, rejected, self._now())
        elif payload == topics.ONLINE and self._verifier_of(home) is None:
            rejected = Rejected(Reason.UNKNOWN_HOME, "no such home is enrolled")
            self._rejections.note(home, rejected, self._now())
        else:
            online = payload == topics.ONLINE
            self._cameras.set_online(home, online=online)
            self._receipts.set_online(home, online=online)
