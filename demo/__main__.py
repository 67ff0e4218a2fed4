"""`script/demo`: shows the whole path with real parts, then leaves them running to be tried."""

import argparse
import asyncio
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from demo.home_assistant_client import PASSWORD, USER
from demo.processes import ROOT
from demo.stack import TOKEN_FILE, Stack
from demo.story import Lines, join, joined, tell
from demo.waiting import Failed

MARK = ".jackson-rtcc-demo"
INTERRUPTED = 130


def main() -> int:
    """Run the demonstration and return its exit status."""
    options = _parser().parse_args()
    ended = _Ended()
    try:
        data = _folder(options.data, fresh=options.fresh)
        asyncio.run(_demo(data, options.homes, once=options.once, ended=ended))
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


async def _demo(data: Path, homes: int, *, once: bool, ended: _Ended) -> None:
    task = asyncio.current_task()
    if task is not None:
        # SIGINT too: a shell that starts us in the background has it ignored, and so would Python.
        for sign in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
    say = Lines()
    async with AsyncExitStack() as exits:
        stack = await exits.enter_async_context(await Stack.open(data, usual_ports=True))
        operator = await tell(stack, say)
        if homes:
            simulated = await join(stack, operator, homes, say)
            await exits.enter_async_context(simulated)
            await joined(operator, simulated, say)
        ended.told = True
        if once:
            say("done: everything that was shared can be looked at only with its owner's grant")
            return
        _print_addresses(stack)
        await asyncio.Event().wait()


def _print_addresses(stack: Stack) -> None:
    hub, token = stack.hub, stack.hub.data / TOKEN_FILE
    place = "lat=32.2988&lon=-90.1848&radius=400&scope=snapshot"
    print(
        f"""
Home Assistant  {stack.home_assistant.url}   user {USER}, password {PASSWORD}
Operators       {hub.url}/sign-in   an account: rtcc-hub --data {hub.data} operators invite NAME
Public          {hub.url}/transparency   {hub.url}/register
Hub's API       {hub.url}/api/v1/openapi.json
API token       in {token}
CA certificate  {hub.ca}
Logs            {stack.data / "logs"}

curl --cacert {hub.ca} -H "Authorization: Bearer $(cat {token})" \\
  '{hub.url}/api/v1/grants?{place}'

Ctrl-C ends everything.""",
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
        "--homes", type=int, default=0, metavar="N", help="add so many simulated homes"
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
