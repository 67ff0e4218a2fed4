"""The desk: takes registrations in, answers them, and writes the letters about both."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub.http.limits import Limiter
from hub.operators.actors import Actor
from hub.registrations.form import Wish
from hub.registrations.letters import Letters
from hub.registrations.mail import Letter, Mailer, NotSentError
from hub.registrations.records import Approval, Registration
from hub.registrations.registrations import Registrations, new_secret

_LOGGER = logging.getLogger(__name__)
_HOUR_S = 3600
_OF_ONE, _OF_ALL = 10, 120
_EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision, and whether the resident was told by mail."""

    registration: Registration
    mailed: bool
    approval: Approval | None = None


class Desk:
    """Registrations with their letters."""

    def __init__(
        self,
        registrations: Registrations,
        letters: Letters,
        mailer: Mailer | None,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store's side, the letters, the mail server if there is one, and the clock."""
        self._registrations = registrations
        self._letters = letters
        self._mailer = mailer
        self._of_one = Limiter(_OF_ONE / _HOUR_S, _OF_ONE, now)
        self._of_all = Limiter(_OF_ALL / _HOUR_S, _OF_ALL, now)

    @property
    def by_mail(self) -> bool:
        """Tell whether the city confirms by e-mail, or by telephone."""
        return self._mailer is not None

    @property
    def registrations(self) -> Registrations:
        """Return the registrations themselves."""
        return self._registrations

    def admit(self, source: str) -> None:
        """Count somebody who registers.

        Raises:
            Problem: `rate-limited`: so many of one address, and of all, in an hour.

        """
        self._of_one.take(source)
        self._of_all.take(_EVERYBODY)

    async def register(self, wish: Wish) -> None:
        """Take a registration in; nothing is kept of one whose letter could not be sent.

        Raises:
            NotSentError: if the mail server did not take the letter.

        """
        if self._mailer is None or wish.email is None:
            await self._registrations.receive(wish, None)
            return
        if not await self._registrations.may_write_to(wish.email):
            # Whoever asks learns nothing of that, and whoever owns the address is left in peace.
            _LOGGER.warning("A registration was dropped: too many letters to one address")
            return
        secret = new_secret()
        await self._mailer.send(self._letters.confirm(wish.email, secret, wish.language))
        await self._registrations.receive(wish, secret)

    async def approve(self, id_: str, actor: Actor) -> Decided:
        """Approve, and send the code; what could not be sent, a person hands over.

        Raises:
            Problem: `not-found`, `registration-state`.

        """
        approval = await self._registrations.approve(id_, actor)
        wish, mailed = approval.registration.wish, False
        if wish.email is not None:
            mailed = await self._sent(
                self._letters.approve(wish.email, str(approval.code), approval.until, wish.language)
            )
        return Decided(approval.registration, mailed, approval)

    async def decline(self, id_: str, reason: str, actor: Actor) -> Decided:
        """Decline, and say why.

        Raises:
            Problem: `not-found`, `registration-state`.

        """
        declined = await self._registrations.decline(id_, actor)
        wish, mailed = declined.wish, False
        # An address that nobody confirmed may be a stranger's.
        if wish.email is not None and declined.confirmed is not None:
            mailed = await self._sent(self._letters.decline(wish.email, reason, wish.language))
        return Decided(declined, mailed)

    async def _sent(self, letter: Letter) -> bool:
        if self._mailer is None:
            return False
        try:
            await self._mailer.send(letter)
        except NotSentError as err:
            _LOGGER.warning("A letter to a resident could not be sent: %s", type(err.__cause__))
            return False
        return True
