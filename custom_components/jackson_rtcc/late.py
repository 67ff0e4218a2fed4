"""Late candidates: what a camera finds after its answer, in as few words as there are bursts."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from itertools import batched

from homeassistant.core import callback

from .protocol.session import MOST_CANDIDATES
from .protocol.stream import Candidate


class Late:
    """The candidates of one session that are still to be told, which may not be before `begin`."""

    def __init__(
        self, loop: AbstractEventLoop, tell: Callable[[tuple[Candidate, ...]], None]
    ) -> None:
        """Take what tells the hub, with as many at once as a word may have."""
        self._loop = loop
        self._tell = tell
        self._found: list[Candidate] = []
        self._begun = False
        self._over = False

    @callback
    def add(self, candidates: tuple[Candidate, ...]) -> None:
        """Tell of candidates, together with all that come in the same turn of the loop."""
        if self._begun and not self._found:
            self._loop.call_soon(self._pass_on)
        self._found += candidates

    @callback
    def begin(self) -> None:
        """The answer goes out now: tell what came since the camera gave it, behind it."""
        self._begun = True
        self._loop.call_soon(self._pass_on)

    @callback
    def end(self) -> None:
        """Tell nothing more."""
        self._over = True

    def _pass_on(self) -> None:
        found, self._found = self._found, []
        if not self._over:
            for some in batched(found, MOST_CANDIDATES, strict=False):
                self._tell(some)
