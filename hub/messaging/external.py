"""A broker that the city runs: the hub only hands it the revocation list."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hub.data import write_whole
from hub.errors import StartError

_LOGGER = logging.getLogger(__name__)

RELOAD_LIMIT = 30.0
_READABLE = 0o644


async def hand_over(crl: Path, copy: str, command: Sequence[str]) -> None:
    """Copy the revocation list to where the broker reads it, and have it read.

    Whatever fails is logged: revoked homes are refused by the hub in any case.
    """
    try:
        if copy:
            _copy(crl, Path(copy))
        if command:
            await _run(command)
    except (StartError, OSError, TimeoutError) as err:
        _LOGGER.error(  # noqa: TRY400 - the line says all
            "The broker may not know which certificates are revoked: %s",
            str(err) or f"{command[0]} takes longer than {RELOAD_LIMIT:g} s",
        )


def _copy(crl: Path, to: Path) -> None:
    write_whole(to, crl.read_bytes(), mode=_READABLE)


async def _run(command: Sequence[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(RELOAD_LIMIT):
            _, errors = await process.communicate()
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        raise
    if process.returncode:
        reason = errors.decode(errors="replace").strip() or f"status {process.returncode}"
        raise OSError(f"{command[0]}: {reason}")
