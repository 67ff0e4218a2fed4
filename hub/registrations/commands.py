"""What an administrator does with registrations and owners' data by `rtcc-hub`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.config import Config
from hub.homes.authority import Authority
from hub.homes.codes import Codes
from hub.operators.actors import BY_COMMAND
from hub.registrations.desk import Decided, Desk
from hub.registrations.letters import Letters
from hub.registrations.mail import Mailer
from hub.registrations.registrations import Registrations
from hub.transparency.log import AccessLog

type Say = Callable[[str], None]


class Place(Protocol):
    """What the commands work with."""

    @property
    def config(self) -> Config:
        """Return the hub's configuration."""
        ...

    @property
    def engine(self) -> AsyncEngine:
        """Return the hub's store."""
        ...

    @property
    def authority(self) -> Authority:
        """Return the hub's CA, which every code pins."""
        ...

    @property
    def log(self) -> AccessLog:
        """Return the access log."""
        ...

    @property
    def url(self) -> str:
        """Return the address by which the hub is reached."""
        ...


async def show(place: Place, say: Say) -> None:
    """Show all registrations."""
    for one in await _desk(place).registrations.list():
        wish = one.wish
        contact = ", ".join(part for part in (wish.email, wish.phone) if part)
        say(f"{one.id}  {one.state}  {wish.name}, {wish.address}  {contact}  ({wish.site})")
        if wish.note:
            say(f"  {wish.note}")


async def confirm(place: Place, say: Say, id_: str) -> None:
    """Confirm one after the resident was asked."""
    await _desk(place).registrations.confirm_by_hand(id_, BY_COMMAND)
    say(f"Registration {id_} is confirmed.")


async def approve(place: Place, say: Say, id_: str) -> None:
    """Approve one: the code goes out by mail, or is shown to be handed over."""
    decided = await _desk(place).approve(id_, BY_COMMAND)
    say(f"Registration {id_} is approved.")
    if decided.approval is not None and not decided.mailed:
        say(f"No mail was sent. Code: {decided.approval.code}")
        say(f"Hub:  {place.url}")
        say(f"Good for one home until {decided.approval.until:%Y-%m-%d %H:%M} UTC.")
    else:
        _tell(decided, say)


async def decline(place: Place, say: Say, id_: str, reason: str) -> None:
    """Decline one, with a reason for the resident."""
    decided = await _desk(place).decline(id_, reason, BY_COMMAND)
    say(f"Registration {id_} is declined.")
    _tell(decided, say)


async def delete(place: Place, say: Say, id_: str) -> None:
    """Delete one, as the resident asked for."""
    await _desk(place).registrations.delete(id_, BY_COMMAND)
    say(f"Registration {id_} is deleted.")


def _tell(decided: Decided, say: Say) -> None:
    say("The resident was told by mail." if decided.mailed else "The resident was not told.")


def _desk(place: Place) -> Desk:
    codes = Codes(place.engine, place.log, place.authority.der)
    return Desk(
        Registrations(place.engine, place.log, codes, _now),
        Letters(place.config.city.name, place.url),
        Mailer.open(place.config.mail),
        _now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
