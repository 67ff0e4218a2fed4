"""`rtcc-hub places`: load the city's addresses, count them, forget them."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.places.places import Places
from hub.places.reading import read_places

type _Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
type _Add = Callable[[_Commands, str, str], argparse.ArgumentParser]
_SHOWN = 3


class Desk(Protocol):
    """What the commands work with."""

    @property
    def engine(self) -> AsyncEngine:
        """Return the store."""
        ...


def add(commands: _Commands, new: _Add) -> None:
    """Add the commands to the parser; `new` makes one."""
    what = new(commands, "places", "the addresses that operators search").add_subparsers(
        required=True, metavar="WHAT"
    )
    load_ = new(what, "load", "replace all places by those of a file: CSV or GeoJSON")
    load_.add_argument("file", type=Path, help="CSV with name, detail, lat, lon; or GeoJSON")
    load_.set_defaults(command=load)
    new(what, "count", "say how many there are").set_defaults(command=count)
    new(what, "clear", "forget all places").set_defaults(command=clear)


async def load(desk: Desk, options: argparse.Namespace) -> None:
    """Read the file whole before anything is replaced."""
    read = read_places(options.file)
    stored = await Places(desk.engine).load(read.places)
    _say(f"{stored} places are loaded; the running hub searches them.")
    if read.left_out:
        _say(f"{len(read.left_out)} were left out:")
        for line in read.left_out[:_SHOWN]:
            _say(f"  {line}")
        if len(read.left_out) > _SHOWN:
            _say("  and so on")


async def count(desk: Desk, _options: argparse.Namespace) -> None:
    """Say how many there are."""
    _say(f"{await Places(desk.engine).count()} places")


async def clear(desk: Desk, _options: argparse.Namespace) -> None:
    """Forget them."""
    await Places(desk.engine).clear()
    _say("There are no places any more.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
