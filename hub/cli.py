"""The command `rtcc-hub`: serve, and what an administrator does beside a running hub."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.access import replay
from hub.config import Config, data_folder, public_name, read_config
from hub.data import DataFolder
from hub.documents.rules import read_rules
from hub.errors import Problem, StartError
from hub.homes.authority import Authority, open_hub_key
from hub.homes.codes import CODE_LIFE, Codes
from hub.homes.homes import Homes
from hub.homes.owners import Owners
from hub.messaging.service import write_service
from hub.messaging.setup import server_names
from hub.operators import commands as operators
from hub.operators.tokens import TOKEN_LIFE, Tokens, TokenScope
from hub.places import commands as places
from hub.protocol.keys import fingerprint
from hub.protocol.vocabulary import Role
from hub.running import Running
from hub.store.engine import open_database
from hub.streams import commands as streams
from hub.transparency import recount, verify
from hub.transparency.copying import copy_log
from hub.transparency.log import COMMANDS, AccessLog

_LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a command works with; made as needed, also before the hub's first start."""

    config: Config
    folder: DataFolder
    authority: Authority
    engine: AsyncEngine
    now: datetime

    @property
    def log(self) -> AccessLog:
        """Return the log, to write in it: what is there is read before the first entry."""
        return AccessLog(self.engine, open_hub_key(self.folder), lambda: datetime.now(UTC))

    @property
    def url(self) -> str:
        running = Running.find(self.folder)
        if running is not None:
            return running.url
        host = public_name(self.config)
        return f"https://{f'[{host}]' if ':' in host else host}:{self.config.http.port}"

    def read_again(self) -> None:
        """Tell a running hub, and say so if it cannot be told."""
        running = Running.find(self.folder)
        if running is not None and not running.read_again():
            say(f"The running hub (process {running.pid}) could not be told: restart it.")


type _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
type _Command = Callable[[_Desk, argparse.Namespace], Awaitable[None]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 1 if it failed, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    if options.tool is not None:
        return int(options.tool(options))
    try:
        config = read_config(options.config)
        path = data_folder(options.data)
        if options.command is None:
            return _serve(config, path)
        asyncio.run(_at_desk(options.command, options, config, path))
    except StartError as err:
        return _failed(str(err))
    except Problem as err:
        return _failed(err.detail)
    except SQLAlchemyError as err:
        return _failed(f"the database failed: {str(getattr(err, 'orig', err)).splitlines()[0]}")
    return 0


def say(line: str) -> None:
    """Print a line for a person."""
    print(line, flush=True)  # noqa: T201 - what a command is for


def _serve(config: Config, path: Path) -> int:
    # The commands need none of the server's libraries, and start in half the time without.
    from hub.serve import run  # noqa: PLC0415

    return run(config, path)


async def _at_desk(
    command: _Command, options: argparse.Namespace, config: Config, path: Path
) -> None:
    async with _desk(config, path) as desk:
        await command(desk, options)


@asynccontextmanager
async def _desk(config: Config, path: Path) -> AsyncIterator[_Desk]:
    folder = DataFolder.open(path)
    now = datetime.now(UTC)
    authority = Authority.open(folder, config.city.name, now)
    engine = await open_database(folder, config.database.url)
    try:
        yield _Desk(config, folder, authority, engine, now)
    finally:
        await engine.dispose()


async def _code(desk: _Desk, options: argparse.Namespace) -> None:
    codes = Codes(desk.engine, desk.log, desk.authority.der)
    code = await codes.create(options.label, desk.now, timedelta(days=options.days))
    say(f"Code:        {code}")
    say(f"Hub:         {desk.url}")
    say(f"Fingerprint: {fingerprint(open_hub_key(desk.folder).kid)}")
    say(f"Good for one home until {desk.now + timedelta(days=options.days):%Y-%m-%d %H:%M} UTC.")


async def _new_token(desk: _Desk, options: argparse.Namespace) -> None:
    secret, token = await Tokens(desk.engine, desk.log).create(
        options.name,
        options.role,
        frozenset(options.scope),
        desk.now,
        life=timedelta(days=options.days),
        pseudonym=options.pseudonym,
    )
    say(f"Token:  {secret}")
    say(f"Id:     {token.id}")
    say(f"Homes see: {token.caller.pseudonym} ({token.caller.role})")
    say(f"Good until {token.expires:%Y-%m-%d}. It is shown this once.")


async def _list_tokens(desk: _Desk, _options: argparse.Namespace) -> None:
    for token in await Tokens(desk.engine, desk.log).list():
        state = f"until {token.expires:%Y-%m-%d}" if token.valid(desk.now) else "ended"
        caller = token.caller
        scopes = " ".join(sorted(caller.scopes))
        say(f"{token.id}  {token.name}  {caller.pseudonym} ({caller.role})  {scopes}  {state}")


async def _revoke_token(desk: _Desk, options: argparse.Namespace) -> None:
    await Tokens(desk.engine, desk.log).revoke(options.id, desk.now)
    desk.read_again()
    say(f"Token {options.id} is revoked.")


async def _list_homes(desk: _Desk, _options: argparse.Namespace) -> None:
    for record in await _homes(desk).list():
        state = (
            f"enrolled {record.enrolled:%Y-%m-%d}"
            if record.removed is None
            else f"removed {record.removed:%Y-%m-%d}"
        )
        say(f"{record.home}  {record.name}  {state}")


async def _remove_home(desk: _Desk, options: argparse.Namespace) -> None:
    try:
        await _homes(desk).remove(options.home, desk.now)
    finally:
        desk.read_again()
    say(f"Home {options.home} is removed: none of its cameras can be reached any more.")


async def _delete_home(desk: _Desk, options: argparse.Namespace) -> None:
    owners = Owners(
        desk.engine, desk.log, _homes(desk), open_hub_key(desk.folder).kid, lambda: desk.now
    )
    try:
        await owners.forget(options.home, COMMANDS)
    finally:
        desk.read_again()
    say(f"Home {options.home} has ended, and what told whose it was is deleted.")


async def _registrations(desk: _Desk, options: argparse.Namespace) -> None:
    # As for serving: the other commands do not need its library.
    from hub.registrations import commands  # noqa: PLC0415

    match options.what:
        case "list":
            await commands.show(desk, say)
        case "confirm":
            await commands.confirm(desk, say, options.id)
        case "approve":
            await commands.approve(desk, say, options.id)
        case "decline":
            await commands.decline(desk, say, options.id, options.reason)
        case "delete":
            await commands.delete(desk, say, options.id)


async def _broker_config(desk: _Desk, options: argparse.Namespace) -> None:
    folder = write_service(
        options.out,
        desk.authority,
        host=options.host or public_name(desk.config),
        port=options.port or desk.config.broker.port,
        names=server_names(desk.config),
        now=desk.now,
    )
    say(f"Written to {folder}. What to do with it: {folder / 'README.txt'}")


def _homes(desk: _Desk) -> Homes:
    rules = read_rules(desk.folder.path, desk.config.documents)
    hub = open_hub_key(desk.folder).kid
    return Homes(desk.engine, desk.authority, hub, rules.waiver, rules.policy, desk.log)


async def _copy_log(desk: _Desk, options: argparse.Namespace) -> None:
    count = await copy_log(desk.engine, desk.log, options.out)
    say(f"{options.out} holds the log's {count} entries, the last of which tells of this copy.")


def _verify_log(options: argparse.Namespace) -> int:
    if options.database is None and options.url is None:
        options.database = data_folder(options.data) / "hub.db"
    return verify.run(options)


def _replay(options: argparse.Namespace) -> int:
    if options.database is None:
        options.database = data_folder(options.data) / "hub.db"
    return replay.run(options)


def _witness(options: argparse.Namespace) -> int:
    # As for serving: the commands start faster without its library.
    from hub.transparency.witness import run  # noqa: PLC0415

    return run(options)


def _failed(line: str) -> int:
    print(f"rtcc-hub: {line}", file=sys.stderr)  # noqa: T201 - what a command is for
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rtcc-hub", description="The city's side of Jackson RTCC.", allow_abbrev=False
    )
    parser.set_defaults(config=None, data=None, tool=None)
    _add_places(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = _add(commands, "serve", "run the hub")
    serve.set_defaults(command=None)

    code = _add(commands, "code", "make an enrolment code for one home")
    code.add_argument("--label", default="", type=_label, help="for whom, for your own records")
    code.add_argument("--days", type=_days, default=CODE_LIFE.days, help="how long it is good")
    code.set_defaults(command=_code)

    token = _add(commands, "token", "make an API token for a machine; its secret is shown once")
    token.add_argument("name", type=_label, help="what it is for, for your own records")
    token.add_argument("--role", type=Role, choices=list(Role), default=Role.OFFICER)
    token.add_argument(
        "--scope",
        type=TokenScope,
        choices=list(TokenScope),
        action="append",
        required=True,
        help="what it allows; may be given several times",
    )
    token.add_argument("--days", type=_days, default=TOKEN_LIFE.days, help="how long it is good")
    token.add_argument("--pseudonym", type=_pseudonym, help="what homes see (default: random)")
    token.set_defaults(command=_new_token)

    tokens = _add(commands, "tokens", "the API tokens").add_subparsers(
        required=True, metavar="WHAT"
    )
    _add(tokens, "list", "show all tokens, without their secrets").set_defaults(
        command=_list_tokens
    )
    revoke = _add(tokens, "revoke", "end a token at once")
    revoke.add_argument("id")
    revoke.set_defaults(command=_revoke_token)

    homes = _add(commands, "homes", "the enrolled homes").add_subparsers(
        required=True, metavar="WHAT"
    )
    _add(homes, "list", "show all homes").set_defaults(command=_list_homes)
    remove = _add(homes, "remove", "end a home at once: its key and its certificates")
    remove.add_argument("home")
    remove.set_defaults(command=_remove_home)
    delete = _add(homes, "delete", "end a home and delete what tells whose it was")
    delete.add_argument("home")
    delete.set_defaults(command=_delete_home)

    _add_registrations(commands)
    operators.add(commands, _add)

    broker = _add(commands, "broker-config", "write the files of a Mosquitto that the city runs")
    broker.add_argument("--out", type=Path, required=True, metavar="DIR")
    broker.add_argument("--host", help="the name under which homes reach it")
    broker.add_argument("--port", type=int)
    broker.set_defaults(command=_broker_config)

    streams.add(commands, _add)
    places.add(commands, _add)
    _add_tools(commands)
    return parser


def _add_tools(commands: _Commands) -> None:
    """Add what needs no hub at all."""
    log_copy = _add(commands, "copy-log", "copy the access log alone into a file, for an auditor")
    log_copy.add_argument("--out", type=Path, required=True, metavar="FILE")
    log_copy.set_defaults(command=_copy_log)

    verify_log = _add(commands, "verify-log", "check an access log: a copy, the public one, both")
    verify.add_arguments(verify_log)
    verify_log.set_defaults(tool=_verify_log)

    recounting = _add(commands, "recount", "count the public figures again from a copy")
    recount.add_arguments(recounting)
    recounting.set_defaults(tool=recount.run)

    again = _add(commands, "replay", "decide every logged look again, by the policy of its time")
    again.add_argument("--database", type=Path, metavar="FILE", help="a copy of the database")
    again.set_defaults(tool=_replay)

    witness = _add(commands, "witness", "sign a hub's access log as a second party, as it grows")
    witness.add_argument("--name", required=True, help="its own name, say clerk.example.gov")
    witness.add_argument(
        "--log-key", required=True, help="the hub's public key: x in its city document"
    )
    witness.add_argument("--origin", help="the log's name (default: the one of that key)")
    witness.add_argument(
        "--key-file", type=Path, required=True, help="the witness's own key; made if missing"
    )
    witness.add_argument(
        "--state", type=Path, required=True, metavar="DIR", help="where it keeps what it signed"
    )
    witness.add_argument(
        "--listen", default="127.0.0.1:8480", metavar="HOST:PORT", help="default: %(default)s"
    )
    witness.set_defaults(tool=_witness)


def _add_registrations(commands: _Commands) -> None:
    what = _add(commands, "registrations", "what residents sent by the public page").add_subparsers(
        required=True, metavar="WHAT", dest="what"
    )
    _add(what, "list", "show all registrations")
    _add(what, "confirm", "confirm one after the resident was asked").add_argument("id")
    _add(what, "approve", "approve one: makes and sends its enrolment code").add_argument("id")
    decline = _add(what, "decline", "decline one, with a reason for the resident")
    decline.add_argument("id")
    decline.add_argument("--reason", required=True)
    _add(what, "delete", "delete one and what was written in it").add_argument("id")
    for parser in what.choices.values():
        parser.set_defaults(command=_registrations)


def _add(commands: _Commands, name: str, text: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    _add_places(parser)
    return parser


def _add_places(parser: argparse.ArgumentParser) -> None:
    """Take --config and --data before and after the command."""
    absent = argparse.SUPPRESS
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=absent, help="configuration (TOML)"
    )
    parser.add_argument(
        "--data", metavar="DIR", default=absent, help="data folder (default: ./rtcc-data)"
    )


def _days(text: str) -> float:
    days = float(text)
    if not 0 < days <= 3650:  # noqa: PLR2004 - ten years
        raise argparse.ArgumentTypeError("from 0 to 3650 days")
    return days


def _label(text: str) -> str:
    if len(text) > _LONGEST_LABEL or not (text or "x").isprintable():
        raise argparse.ArgumentTypeError(f"at most {_LONGEST_LABEL} printable characters")
    return text


def _pseudonym(text: str) -> str:
    if not 0 < len(text) <= 40 or not text.isprintable():  # noqa: PLR2004 - the table's column
        raise argparse.ArgumentTypeError("1 to 40 printable characters")
    return text
