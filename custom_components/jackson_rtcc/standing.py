"""How the home stands with its city: asked over HTTPS, and what stops its grants until it is well.

Nothing here is believed for granting more; an answer can only stop grants, or end such a stop.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from yarl import URL

from . import issues
from .consents import Consents
from .enrol import CityClient, CityError, Stand, Trouble
from .identity import Identity
from .issues import Issue
from .memory import Memory
from .protocol.city import City
from .protocol.keys import fingerprint
from .protocol.status import sign_status
from .protocol.tokens import LEEWAY
from .rules import digests, same_rules

_LOGGER = logging.getLogger(__name__)

BEFORE_GRANTS_S = 3.0
"""How long grants wait for the hub's answer when the link comes up; revocations never wait."""
_QUIET = timedelta(minutes=5)
_AGAIN = timedelta(minutes=15)
_NO_VERDICT = {Trouble.CANNOT_CONNECT, Trouble.NOT_A_HUB, Trouble.WRONG_CERTIFICATE}


class Hold(Enum):
    """Why nothing may be granted until the owner has acted."""

    WITHDRAWN = auto()
    RULES_CHANGED = auto()
    HUB_KEY_CHANGED = auto()
    REMOVED = auto()


class Standing:
    """Asks the hub about this home, and keeps what follows from the answers."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        home: str,
        url: URL,
        city: City,
        identity: Identity,
        memory: Memory,
        consents: Consents,
    ) -> None:
        """Take whom to ask about what; what the city offered before is still to be accepted."""
        self._hass = hass
        self._entry = entry
        self._home = home
        self._url = url
        self._city = city
        self._identity = identity
        self._memory = memory
        self._consents = consents
        self._asked = dt_util.utcnow()
        self._answered = False
        self._remembered = memory.seq
        self._began = int(dt_util.utcnow().timestamp() * 1000)
        self._clock_is_off = False
        self._suspected: datetime | None = None
        self._turn = asyncio.Lock()
        self.holds: set[Hold] = set()
        self.twin = False
        self.changed: Callable[[], None] = lambda: None
        self.behind: Callable[[], None] = lambda: None
        self.restored: Callable[[], None] = lambda: None
        if consents.offered is not None:
            self._hold_for_rules()

    async def check(self, *, clock_suspected: bool = False) -> None:
        """Ask the hub, and draw the conclusions; one question at a time."""
        async with self._turn:
            held, self._asked = set(self.holds), dt_util.utcnow()
            try:
                await self._ask()
            except CityError as err:
                _LOGGER.debug("The city did not tell how this home stands: %s", err)
                if err.trouble is Trouble.CLOCK or (clock_suspected and err.trouble in _NO_VERDICT):
                    self._clock_off()
                elif err.trouble is Trouble.HOME_UNKNOWN:
                    self._removed()
            if held != self.holds:
                self.changed()

    async def suspect(self, *, clock: bool = False) -> None:
        """Ask because a request gave reason to, but not for each of them."""
        now = dt_util.utcnow()
        if self._suspected is None or now - self._suspected >= _QUIET:
            self._suspected = now
            await self.check(clock_suspected=clock)

    def ask_again_due(self, now: datetime) -> bool:
        """Tell whether it is time to see if the clock, or the other with our keys, is still so."""
        amiss = self.twin or self._clock_is_off
        # The clock may have been set back since.
        return amiss and abs(now - self._asked) >= _AGAIN

    @callback
    def withdraw(self) -> None:
        """Hold for good: the owner has withdrawn."""
        self.holds.add(Hold.WITHDRAWN)
        self.changed()

    async def _ask(self) -> None:
        client = await CityClient.open(self._hass, self._url, self._identity.ca)
        question = sign_status(
            self._identity.signer, self._home, self._city.hub, uuid4().hex, dt_util.utcnow()
        )
        try:
            stand = await client.status(self._home, question)
        except CityError as err:
            if err.trouble is not Trouble.REFUSED:
                raise
            # Perhaps it is another hub now: one that goes by another key does not answer to ours.
            await self._read_city(client)
            return
        self._compare_clocks(stand)
        self._compare_seqs(stand)
        self.holds.discard(Hold.REMOVED)
        if (stand.status.waiver, stand.status.policy) == digests(self._city):
            self.holds.discard(Hold.HUB_KEY_CHANGED)
            issues.gone(self._hass, Issue.HUB_KEY_CHANGED, self._entry.entry_id)
            await self._rules_as_accepted()
        else:
            await self._read_city(client)

    async def _read_city(self, client: CityClient) -> None:
        document = await client.city()
        city = City.parse(document)
        if city.hub != self._city.hub:
            self.holds.add(Hold.HUB_KEY_CHANGED)
            issues.hub_key_changed(
                self._hass,
                self._entry.entry_id,
                self._entry.title,
                pinned=fingerprint(self._city.hub),
                found=fingerprint(city.hub),
            )
            return
        self.holds.discard(Hold.HUB_KEY_CHANGED)
        issues.gone(self._hass, Issue.HUB_KEY_CHANGED, self._entry.entry_id)
        if same_rules(city, self._city):
            await self._rules_as_accepted()
            return
        await self._consents.offer(document)
        self._hold_for_rules()

    async def _rules_as_accepted(self) -> None:
        self.holds.discard(Hold.RULES_CHANGED)
        issues.gone(self._hass, Issue.RULES_CHANGED, self._entry.entry_id)
        await self._consents.offer(None)

    def _hold_for_rules(self) -> None:
        if Hold.RULES_CHANGED not in self.holds:
            _LOGGER.warning(
                "The city has changed its rules; nothing is granted until they are accepted"
            )
        self.holds.add(Hold.RULES_CHANGED)
        issues.rules_changed(self._hass, self._entry.entry_id, self._entry.title)

    def _removed(self) -> None:
        if Hold.REMOVED not in self.holds:
            _LOGGER.error("The city does not know this home any more; enrol it again")
        self.holds.add(Hold.REMOVED)
        self._entry.async_start_reauth(self._hass)

    def _compare_clocks(self, stand: Stand) -> None:
        if stand.date is None:
            return
        if abs(dt_util.utcnow() - stand.date) > LEEWAY:
            self._clock_off()
        else:
            self._clock_is_off = False
            issues.gone(self._hass, Issue.CLOCK_OFF, self._entry.entry_id)

    def _clock_off(self) -> None:
        self._clock_is_off = True
        issues.clock_off(self._hass, self._entry.entry_id, self._entry.title)

    def _compare_seqs(self, stand: Stand) -> None:
        """Find out whether the hub has heard more from this home than we have said.

        Once at the start that is a restored backup. Later it is another with our keys.
        """
        first, self._answered = not self._answered, True
        highest = max(stand.status.seqs.values(), default=0)
        self.twin = highest > self._memory.seq and not first
        if self.twin:
            issues.twin_home(self._hass, self._entry.entry_id, self._entry.title)
        else:
            issues.gone(self._hass, Issue.TWIN_HOME, self._entry.entry_id)
        # Numbers are times: what we did not remember at the start, and have not said since.
        between = any(self._remembered < seq < self._began for seq in stand.status.seqs.values())
        if first and (between or highest > self._memory.seq):
            self.restored()
        if highest > self._memory.seq:
            self._memory.raise_seq(highest)
            self.behind()
