"""`script/demo`: shows the whole path with real parts, then leaves them running to be tried."""

import argparse
import asyncio
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from demo.home_assistant_client import PASSWORD, USER
from demo.operating import HOMES, SETTINGS, Operating, household
from demo.processes import ROOT
from demo.stack import TOKEN_FILE, Stack
from demo.story import Lines, join, joined, share_street, tell
from demo.waiting import Failed

MARK = ".jackson-rtcc-demo"
INTERRUPTED = 130


def main() -> int:
    """Run the demonstration and return its exit status."""
    options = _parser().parse_args()
    ended = _Ended()
    try:
        data = _folder(options.data, fresh=options.fresh)
        asyncio.run(_demo(data, options, ended))
    except KeyboardInterrupt, asyncio.CancelledError:
        print("ended: everything that the demo started is stopped", flush=True)
        return 0 if ended.told else INTERRUPTED
    except Failed as err:
        print(f"demo failed: {err}", file=sys.stderr)
        return 1
    return 0


class _Ended:
    """Whether the story was told to its end before someone ended the demo."""

    told = False


async def _demo(data: Path, options: argparse.Namespace, ended: _Ended) -> None:
    task = asyncio.current_task()
    if task is not None:
        # SIGINT too: a shell that starts us in the background has it ignored, and so would Python.
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
    say = Lines()
    async with AsyncExitStack() as exits:
        opened = (
            Stack.open(data, usual_ports=True)
            if options.once
            else Stack.open(data, usual_ports=True, environment=SETTINGS, household=household())
        )
        stack = await exits.enter_async_context(await opened)
        operator = await tell(stack, say)
        homes = options.homes
        if homes is None:
            homes = 0 if options.once else HOMES
        if not options.once:
            await share_street(stack, operator, say)
        if homes:
            simulated = await join(stack, operator, homes, say)
            await exits.enter_async_context(simulated)
            await joined(operator, simulated, say)
        ended.told = True
        if options.once:
            say("done: everything that was shared can be looked at only with its owner's grant")
            return
        _print_addresses(stack)
        operating = Operating(stack, operator)
        await operating.run(options.incident_every)


def _print_addresses(stack: Stack) -> None:
    hub, token = stack.hub, stack.hub.data / TOKEN_FILE
    place = "lat=32.2988&lon=-90.1848&radius=400&scope=snapshot"
    print(
        f"""
Home Assistant  {stack.home_assistant.url}   user {USER}, password {PASSWORD}
Console         {hub.url}/console   with a passkey, or by the link below
An account      rtcc-hub --data {hub.data} operators invite NAME --role officer
Public          {hub.url}/transparency   {hub.url}/register
Hub's API       {hub.url}/api/v1/openapi.json
API token       in {token}
CA certificate  {hub.ca}
Logs            {stack.data / "logs"}

curl --cacert {hub.ca} -H "Authorization: Bearer $(cat {token})" \\
  '{hub.url}/api/v1/grants?{place}'

Your browser does not know the demo's certificate. Go past its warning (Advanced, Continue), or
let it trust this one for a while: {hub.data / "keys/web-ca.pem"}
Past a warning browsers make no passkeys; the link needs none.
""",
        flush=True,
    )


def _folder(data: Path, *, fresh: bool) -> Path:
    """Return the demo's own folder, emptied if wanted; never a folder of something else."""
    data = data.absolute()
    if data.exists() and not (data / MARK).exists() and any(data.iterdir()):
        raise Failed(f"{data} holds other things: choose an empty folder with --data")
    if fresh and data.exists():
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    (data / MARK).touch()
    return data


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__, allow_abbrev=False)
    parser.add_argument("--once", action="store_true", help="end after the story, with status 0")
    parser.add_argument(
        "--homes",
        type=int,
        metavar="N",
        help=f"add so many simulated homes (default: {HOMES}, none with --once)",
    )
    parser.add_argument(
        "--incident-every",
        type=float,
        metavar="S",
        help="open an incident every so many seconds, not only when you press Enter",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=ROOT / ".demo",
        metavar="DIR",
        help="where everything is kept and found again (default: .demo)",
    )
    parser.add_argument("--fresh", action="store_true", help="forget earlier runs first")
    return parser


if __name__ == "__main__":
    sys.exit(main())
