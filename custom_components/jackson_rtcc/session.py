"""A session: one operator's live view of one camera, from the request to its end."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE

from .bridge import Answered
from .late import Late
from .protocol.stream import Candidate
from .session_rule import End, Running


class Ended(Exception):  # noqa: N818 - said of the session
    """A session was over before its answer could be given."""

    def __init__(self, why: End) -> None:
        """Keep why."""
        super().__init__(why)
        self.why = why


@dataclass(slots=True, eq=False)
class Session:
    """One operator's live view of one camera; `id` is the look's, `camera` its subentry.

    It is `handed_over` once the hub was given the answer: from then on its end is told, and so are
    the camera's `late` candidates.
    """

    id: str
    camera: str
    running: Running
    not_viewed: CALLBACK_TYPE
    late: Late
    opening: asyncio.Task[None] | None = None
    answered: Answered | None = None
    early: list[Candidate] = field(default_factory=list)
    handed_over: datetime | None = None
    ended: End | None = None

    @property
    def answer(self) -> str:
        """Return the camera's answer.

        Raises:
            Ended: if the session is over.

        """
        if self.ended is not None or self.answered is None:
            raise Ended(self.ended or End.CAMERA_FAILED)
        return self.answered.sdp
