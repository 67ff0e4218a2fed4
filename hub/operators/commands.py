"""`rtcc-hub operators`: how the first administrator gets in, and the others if need be."""

import argparse
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.config import Config
from hub.operators.accounts import Account, Accounts
from hub.operators.actors import BY_COMMAND
from hub.operators.door import Door, door_of
from hub.operators.invitations import LIFE, link
from hub.operators.sign_in_links import new_link
from hub.protocol.vocabulary import Role
from hub.transparency.log import AccessLog

type _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
type _Add = Callable[[_Commands, str, str], argparse.ArgumentParser]
_LONGEST_NAME = 100
_HTTPS = 443


class Desk(Protocol):
    """What the commands work with."""

    @property
    def config(self) -> Config:
        """Return the configuration."""
        ...

    @property
    def engine(self) -> AsyncEngine:
        """Return the store."""
        ...

    @property
    def log(self) -> AccessLog:
        """Return the log."""
        ...

    @property
    def url(self) -> str:
        """Return where the hub is."""
        ...

    def read_again(self) -> None:
        """Tell a running hub."""
        ...


def add(commands: _Commands, new: _Add) -> None:
    """Add the commands to the parser; `new` makes one."""
    what = new(commands, "operators", "the operators' accounts").add_subparsers(
        required=True, metavar="WHAT"
    )
    new(what, "list", "show all accounts").set_defaults(command=show_all)
    invite_ = new(what, "invite", "make an account, and the link that its operator joins by")
    invite_.add_argument("name", type=_name, help="whose account it is; homes do not see it")
    invite_.add_argument("--role", type=Role, choices=list(Role), required=True)
    invite_.add_argument("--login", type=str.lower, help="what the city's own sign-in calls them")
    invite_.add_argument(
        "--hours", type=_hours, default=LIFE / timedelta(hours=1), help="how long it is good"
    )
    invite_.set_defaults(command=invite)
    again = new(what, "reinvite", "another link, for one who lost their passkey")
    again.add_argument("operator", help="the account's id")
    again.add_argument("--replace", action="store_true", help="end the passkeys so far")
    again.set_defaults(command=invite_again)
    into = new(what, "link", "a link that signs in once, if the configuration allows it")
    into.add_argument("operator", help="the account's id, or its name")
    into.set_defaults(command=make_link)
    for word, text, command in (
        ("disable", "disable an account; its operator is out at once", disable),
        ("enable", "enable an account, or release one that failed sign-ins locked", enable),
    ):
        parser = new(what, word, text)
        parser.add_argument("operator", help="the account's id")
        parser.set_defaults(command=command)


async def show_all(desk: Desk, _options: argparse.Namespace) -> None:
    """Show all accounts."""
    for account in await _accounts(desk).list():
        _say(f"{account.id}  {account.pseudonym} ({account.role})  {account.name}  {_is(account)}")


async def invite(desk: Desk, options: argparse.Namespace) -> None:
    """Make an account."""
    account, secret = await _accounts(desk).invite(
        options.name,
        options.role,
        BY_COMMAND,
        life=timedelta(hours=options.hours),
        details={"login": options.login},
    )
    _say(f"Operator: {account.id}")
    _say(f"Homes see: {account.pseudonym} ({account.role})")
    _say_link(desk, secret)


async def invite_again(desk: Desk, options: argparse.Namespace) -> None:
    """Make another link."""
    secret = await _accounts(desk).invite_again(
        options.operator, BY_COMMAND, replace=options.replace
    )
    desk.read_again()
    _say_link(desk, secret)


async def make_link(desk: Desk, options: argparse.Namespace) -> None:
    """Make a link that signs in."""
    address = await new_link(desk.log, _door(desk), options.operator)
    _say(f"Link: {address}")
    _say("It signs in once, within five minutes, without a passkey.")


async def disable(desk: Desk, options: argparse.Namespace) -> None:
    """Disable an account."""
    await _accounts(desk).disable(options.operator, "by command", BY_COMMAND)
    desk.read_again()
    _say(f"Operator {options.operator} is out, and cannot sign in.")


async def enable(desk: Desk, options: argparse.Namespace) -> None:
    """Enable or release an account."""
    await _accounts(desk).enable(options.operator, BY_COMMAND)
    _say(f"Operator {options.operator} can sign in.")


def _accounts(desk: Desk) -> Accounts:
    # A running hub notices by itself which sessions ended.
    return Accounts(desk.engine, desk.log, lambda _ended: None)


def _say_link(desk: Desk, secret: str) -> None:
    _say(f"Link: {link(_door(desk).origin, secret)}")
    _say("It is good once, and shown this once.")


def _door(desk: Desk) -> Door:
    return door_of(desk.config, urlsplit(desk.url).port or _HTTPS)


def _is(account: Account) -> str:
    if account.disabled is not None:
        return f"disabled {account.disabled:%Y-%m-%d}: {account.disabled_why}"
    if account.locked is not None:
        return f"locked {account.locked:%Y-%m-%d} by failed sign-ins"
    if account.last_used is None:
        return "invited"
    return f"last signed in {account.last_used:%Y-%m-%d}"


def _name(text: str) -> str:
    if not 0 < len(text) <= _LONGEST_NAME or not text.isprintable():
        raise argparse.ArgumentTypeError(f"1 to {_LONGEST_NAME} printable characters")
    return text


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= 24 * 30:
        raise argparse.ArgumentTypeError("from 0 to 720 hours")
    return hours


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a command is for
