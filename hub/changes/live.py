"""Which cameras are live, told by their changes: those that were touched, and those whose time is.

The live set says which cameras it touched; what time alone changes waits in a heap.
"""

import heapq
from datetime import datetime

from hub.changes.shapes import CameraNow, CamerasChanged, camera_now
from hub.grants.cameras import Cameras
from hub.protocol.grant import Grant
from hub.protocol.vocabulary import Scope

_LOOKED_THROUGH = frozenset({Scope.SNAPSHOT, Scope.STREAM})


class LiveCameras:
    """What was told last, and what may have changed since."""

    def __init__(self, cameras: Cameras) -> None:
        """Take the live set; nothing is told yet."""
        self._cameras = cameras
        self._told: dict[str, Grant] = {}
        self._touched: set[str] = set(cameras.shown())
        self._due: list[tuple[datetime, str]] = []
        self._waiting: dict[str, datetime] = {}
        self._heard = True

    def touch(self, camera: str) -> None:
        """Note that a camera may have changed."""
        self._touched.add(camera)

    def all(self) -> list[CameraNow]:
        """Return all cameras as they were told."""
        return [camera_now(grant) for grant in self._told.values()]

    def changes(self, now: datetime) -> CamerasChanged | None:
        """Return what changed since this was asked before, or None."""
        touched, self._touched = self._touched, set()
        if (heard := self._cameras.heard(now)) is not self._heard:
            self._heard = heard
            touched.update(self._told, self._cameras.shown())
        while self._due and self._due[0][0] <= now:
            moment, camera = heapq.heappop(self._due)
            touched.add(camera)
            if self._waiting.get(camera) == moment:
                del self._waiting[camera]
        live, gone = [], []
        for camera in touched:
            grant = self._lent(camera, now)
            self._wait(camera, now)
            if grant is None:
                if self._told.pop(camera, None) is not None:
                    gone.append(camera)
            elif self._told.get(camera) is not grant:
                self._told[camera] = grant
                live.append(camera_now(grant))
        return CamerasChanged(live, gone) if live or gone else None

    def _lent(self, camera: str, now: datetime) -> Grant | None:
        grant = self._cameras.live(camera, now)
        return grant if grant is not None and grant.scopes & _LOOKED_THROUGH else None

    def _wait(self, camera: str, now: datetime) -> None:
        """Come back to a camera when its grant begins, or ends."""
        held = self._cameras.held(camera)
        grant = None if held is None else held.standing
        if grant is None:
            return
        moment = grant.live_from if now < grant.live_from else grant.ends
        if moment > now and self._waiting.get(camera) != moment:
            self._waiting[camera] = moment
            heapq.heappush(self._due, (moment, camera))
