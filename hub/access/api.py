"""HTTP: take a look."""

from typing import Annotated, Literal

import msgspec

from hub.access.access import Access
from hub.errors import (
    CAMERA_FAILED,
    CAMERA_SILENT,
    CAMERA_UNAVAILABLE,
    INCIDENT_CLOSED,
    NOT_FOUND,
    POLICY,
)
from hub.http.routes import JPEG, Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope


class NewLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which camera, and what to take."""

    camera: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    scope: Literal["snapshot"]


class AccessApi:
    """The route of every look."""

    def __init__(self, access: Access) -> None:
        """Take the path of every look."""
        self._access = access

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        return [
            Route(
                method="POST",
                path="/api/v1/incidents/{incident}/looks",
                handler=self.look,
                summary="Look through a camera once, for an open incident",
                scope=TokenScope.LOOKS_WRITE,
                body=NewLook,
                media=JPEG,
                headers={
                    "RTCC-Look": "The id of the look, as in the incident's list of looks",
                    "RTCC-Received": "When the home got the picture from its camera, RFC 3339",
                    "RTCC-Still": "What it shows: `live`, or `last` for a camera's last recording",
                },
                problems=(
                    NOT_FOUND,
                    INCIDENT_CLOSED,
                    POLICY,
                    CAMERA_UNAVAILABLE,
                    CAMERA_FAILED,
                    CAMERA_SILENT,
                ),
            )
        ]

    async def look(self, call: Call[Nothing, NewLook]) -> Answer:
        """Take a still, and relay it without keeping it."""
        seen = await self._access.snapshot(call.path["incident"], call.body.camera, call.who)
        return Answer(
            seen.picture.data,
            {
                "RTCC-Look": seen.look,
                "RTCC-Received": seen.picture.received.isoformat(),
                "RTCC-Still": seen.picture.still,
            },
        )
