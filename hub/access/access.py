"""Takes stills on the one path of every look."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from hub.access.ends import Ends
from hub.access.looks import End
from hub.access.path import Allowed, Path
from hub.access.problems import SILENT_HOME, problem_with
from hub.errors import CAMERA_SILENT, Problem
from hub.operators.tokens import Caller
from hub.pictures.recent import Fresh
from hub.protocol.keys import b64url
from hub.protocol.reply import Picture
from hub.protocol.vocabulary import Outcome, Scope


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look gave: its id and the picture."""

    look: str
    picture: Picture


class Access:
    """Carries out looks that take a still."""

    def __init__(self, path: Path, ends: Ends) -> None:
        """Take the path of every look, and what ends looks."""
        self._path = path
        self._ends = ends
        self.on_picture: Callable[[Fresh], None] = _nobody_keeps
        """Told of each still that is relayed, which may be attached for a few minutes."""

    async def snapshot(self, incident: str, camera: str, caller: Caller) -> Seen:
        """Take one still through a camera.

        Raises:
            Problem: `not-found` or `incident-closed` for the incident; `policy` if the city's
                rules forbid the look; `camera-unavailable` if the camera is not live, not in the
                circle, not in scope, or its owner refused, which nobody can tell apart (rule 7);
                `camera-failed`; `camera-silent`.
            SQLAlchemyError: if the log cannot be written; then nobody was asked, or at least
                nothing is relayed.

        """
        look = await self._path.decide(incident, camera, Scope.SNAPSHOT, caller)
        reply = await self._path.ask(look)
        assert reply.picture is not None  # noqa: S101 - `Asks` takes nothing else for an ok
        await self._receive(look, reply.picture, reply.log_size)
        self.on_picture(
            Fresh(
                look=look.asked.id,
                incident=incident,
                camera=camera,
                home=reply.home,
                caller=caller,
                picture=reply.picture,
                reply=reply.token,
                at=self._path.now(),
            )
        )
        return Seen(look.asked.id, reply.picture)

    async def _receive(self, look: Allowed, picture: Picture, log_size: int) -> None:
        """End a look by its picture, if it may still be had now.

        Raises:
            Problem: if the incident was closed or moved, or the grant taken back, meanwhile.

        """
        async with self._path.log.writing() as page:
            judged = await self._path.judge.judge(page.connection, look.asked, page.now)
            end = (
                End(
                    outcome=Outcome.OK,
                    sha256=b64url(hashlib.sha256(picture.data).digest()),
                    length=len(picture.data),
                )
                if judged.decision.allowed
                else End(outcome=Outcome.REFUSED, reason=judged.decision.reason)
            )
            written = await self._ends.write(page, look.under_way, end, log_size)
        if written is None:
            raise Problem(CAMERA_SILENT, SILENT_HOME)
        self._ends.over(page, written)
        if not judged.decision.allowed:
            raise problem_with(judged)


def _nobody_keeps(_fresh: Fresh) -> None:
    pass
