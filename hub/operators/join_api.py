"""HTTP: joining by an invitation."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec

from hub.errors import (
    ACCOUNT_STATE,
    FORBIDDEN,
    INVITATION_EXPIRED,
    INVITATION_UNKNOWN,
    INVITATION_USED,
    SIGN_IN_REFUSED,
)
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.csrf import check_same_origin
from hub.operators.joining import Joining
from hub.operators.session_api import PasskeyOptions, Shown, remote

type Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_PROBLEMS = (INVITATION_UNKNOWN, INVITATION_USED, INVITATION_EXPIRED, FORBIDDEN)


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The secret of an invitation: what follows the # of its link."""

    secret: Secret


class NewPasskeyAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invitation's secret, and what the browser answered (RegistrationResponseJSON)."""

    secret: Secret
    credential: Shown


class JoinApi:
    """The two routes that an invitation opens."""

    def __init__(self, joining: Joining, origin: str, now: Callable[[], datetime]) -> None:
        """Take the room, the origin of the hub's own pages, and the clock."""
        self._joining = joining
        self._origin = origin
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="POST",
                path="/api/v1/join/challenge",
                handler=self.ask_new_passkey,
                summary="Ask for a challenge to make a passkey with, by an invitation",
                scope=None,
                body=Invitation,
                answer=PasskeyOptions,
                problems=_PROBLEMS,
                door=True,
            ),
            Route(
                method="POST",
                path="/api/v1/join",
                handler=self.join,
                summary="Register a passkey; the invitation is used up",
                scope=None,
                body=NewPasskeyAnswer,
                status=204,
                problems=(*_PROBLEMS, SIGN_IN_REFUSED, ACCOUNT_STATE),
                door=True,
            ),
        ]

    async def ask_new_passkey(self, call: Call[Nothing, Invitation]) -> Answer:
        """Give a challenge."""
        check_same_origin(call.request.headers, self._origin)
        return Answer(PasskeyOptions(await self._joining.ask(call.body.secret, self._now())))

    async def join(self, call: Call[Nothing, NewPasskeyAnswer]) -> Answer:
        """Keep the passkey."""
        check_same_origin(call.request.headers, self._origin)
        body = call.body
        await self._joining.join(body.secret, body.credential, remote(call), self._now())
        return Answer(b"")
