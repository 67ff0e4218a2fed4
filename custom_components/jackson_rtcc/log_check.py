"""The check of the access log: asks the hub for the log and for what it tells about this home."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from yarl import URL

from .enrol import CityClient, CityError, Trouble
from .identity import Identity
from .ledger import Ledger, Look
from .log_compare import LoggedLook, compare
from .log_watch import LogWatch
from .protocol.city import City
from .protocol.errors import Rejected
from .protocol.mine import Mine, Question, sign_question
from .protocol.proofs import Proof
from .protocol.vocabulary import Outcome

_LOGGER = logging.getLogger(__name__)

AWAY = "away"
"""The reason of a look that nobody answered because this home was away."""
_QUIET = timedelta(minutes=5)
_MOST_PAGES = 1_000


class LogCheck:
    """Catches up with the log, and compares it with the home's own record."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        home: str,
        url: URL,
        city: City,
        identity: Identity,
        watch: LogWatch,
        ledger: Ledger,
        find: Callable[[str], tuple[str | None, str | None]],
    ) -> None:
        """Take whom to ask, and with what to compare; `find` tells a camera's subentry and name."""
        self._hass = hass
        self._home = home
        self._url = url
        self._city = city
        self._identity = identity
        self._watch = watch
        self._ledger = ledger
        self._find = find
        self._suspected: datetime | None = None
        self._turn = asyncio.Lock()

    async def check(self) -> None:
        """Ask, and draw the conclusions; one at a time."""
        async with self._turn:
            try:
                proofs, size = await self._ask()
            except CityError as err:
                _LOGGER.debug("The city's access log could not be checked: %s", err)
            except Rejected as err:
                _LOGGER.debug("The city's access log was checked, and is wrong: %s", err)
            else:
                self._conclude(proofs, size)

    async def suspect(self) -> None:
        """Ask because a message gave reason to, but not for each of them."""
        now = dt_util.utcnow()
        if self._suspected is None or abs(now - self._suspected) >= _QUIET:
            self._suspected = now
            await self.check()

    async def _ask(self) -> tuple[list[Proof], int]:
        """Return every entry about this home that is still to be compared, and how far that is.

        Raises:
            CityError: if the city does not tell.
            Rejected: if the log does not add up.

        """
        client = await CityClient.open(self._hass, self._url, self._identity.ca)
        found: list[Proof] = []
        start = self._watch.start
        for _ in range(_MOST_PAGES):
            seen = self._watch.seen
            question = self._question(Question(since=seen.size, start=start))
            mine = await client.mine(self._home, question)
            _check_order(mine, start)
            if not self._watch.take(mine.advance, mine.proofs, seen):
                continue
            found += mine.proofs
            if not mine.more:
                return found, self._watch.seen.size
            start = mine.proofs[-1].index + 1
        raise CityError(Trouble.NOT_A_HUB, "it tells of entries without end")

    def _question(self, question: Question) -> str:
        return sign_question(
            self._identity.signer,
            question,
            self._home,
            self._city.hub,
            uuid4().hex,
            dt_util.utcnow(),
        )

    def _conclude(self, proofs: list[Proof], size: int) -> None:
        now = dt_util.utcnow()
        listed = {proof.index for proof in proofs}
        missing = sorted(index for index in self._watch.indices - listed if index < size)
        if missing:
            self._watch.miss(missing, sorted(listed))
        findings = compare(proofs, size, self._ledger.find, self._ledger.covers, now)
        for look in findings.away:
            self._ledger.record(self._line(look), dt_util.get_default_time_zone())
        for look_id, end in findings.ends.items():
            self._ledger.end(look_id, seconds=end.seconds, outcome=end.outcome, index=end.index)
        self._watch.settle(findings.start, findings.unknown, now)

    def _line(self, look: LoggedLook) -> Look:
        camera, name = self._find(look.camera)
        return Look(
            id=look.id,
            camera=camera,
            name=name,
            action=look.action,
            operator=look.operator,
            incident=look.incident,
            kind=look.kind,
            reference=look.reference,
            requested=look.at,
            answered=look.end.at if look.end else look.at,
            outcome=Outcome.FAILED,
            reason=AWAY,
            log_index=look.index,
        )


def _check_order(mine: Mine, start: int) -> None:
    indices = [proof.index for proof in mine.proofs]
    if indices != sorted(set(indices)) or (indices and indices[0] < start):
        raise CityError(Trouble.NOT_A_HUB, "it tells of entries in another order than asked")
    if mine.more and not indices:
        raise CityError(Trouble.NOT_A_HUB, "it tells of more entries without telling any")
