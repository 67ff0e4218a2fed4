"""How long to wait before the next try: exponential, with full jitter."""

from dataclasses import dataclass, field
from random import Random

_FIRST_S = 1.0
_LONGEST_S = 60.0


@dataclass(slots=True)
class Backoff:
    """Delays for a client that tries again for ever, so that a city's homes do not come at once."""

    random: Random
    _tries: int = field(default=0, init=False)

    def reset(self) -> None:
        """Begin anew after success."""
        self._tries = 0

    def next(self) -> float:
        """Return the seconds to wait before the next try."""
        longest = min(_LONGEST_S, _FIRST_S * 2**self._tries)
        self._tries = min(self._tries + 1, 16)
        return self.random.uniform(0, longest)
