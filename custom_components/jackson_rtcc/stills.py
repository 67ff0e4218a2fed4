"""Stills for looks: each camera is asked as seldom as its owner chose, and once for many."""

import asyncio
from functools import partial

from homeassistant.core import HomeAssistant

from . import picture
from .protocol.reply import Picture
from .share import Share

AT_ONCE = 4
"""Cameras asked for a picture at the same time."""

type _Key = tuple[Share, str]
"""A share, and the grant under which it is looked through."""


class Stills:
    """Takes pictures, and hands the same one over again where that is the owner's rule.

    Under another grant it is another one: the owner may have taken the camera back between the
    two, and a picture from before must not answer a look from after.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Start with none."""
        self._hass = hass
        self._taking: dict[_Key, asyncio.Task[Picture]] = {}
        self._recent: dict[tuple[_Key, str], tuple[Picture, asyncio.TimerHandle]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def get(self, share: Share, grant: str, operator: str) -> Picture:
        """Return a picture for an operator; looks at the same time get the same one.

        Raises:
            CameraError: with the reason why there is none.

        """
        key = share, grant
        if (recent := self._recent.get((key, operator))) is not None:
            return recent[0]
        task = self._taking.get(key)
        if task is None:
            task = self._hass.async_create_background_task(
                self._take(share), f"jackson_rtcc picture {share.camera}", eager_start=False
            )
            self._taking[key] = task
            task.add_done_callback(partial(self._taken, key))
        await asyncio.wait({task})
        taken = task.result()
        self._keep((key, operator), taken)
        return taken

    async def close(self) -> None:
        """Take no more, and forget those that were taken."""
        for _, timer in self._recent.values():
            timer.cancel()
        self._recent.clear()
        tasks = list(self._taking.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _keep(self, place: tuple[_Key, str], taken: Picture) -> None:
        if place not in self._recent:
            # By a clock that nobody sets.
            timer = self._hass.loop.call_later(
                place[0][0].still_every_s, self._recent.pop, place, None
            )
            self._recent[place] = taken, timer

    def _taken(self, key: _Key, task: asyncio.Task[Picture]) -> None:
        del self._taking[key]
        if not task.cancelled():
            # Seen here, in case that nobody waits for it any more.
            task.exception()

    async def _take(self, share: Share) -> Picture:
        async with self._turns:
            return await picture.take(self._hass, share.entity, share.mask)
