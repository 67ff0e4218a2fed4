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


class ExternalBroker:
    """Stands where the hub's own `Broker` stands, for a Mosquitto of someone else's."""

    def __init__(
        self, *, host: str, port: int, crl: Path, copy: Path | None, command: Sequence[str]
    ) -> None:
        """Take its address, the revocation list, where to copy it, and how to have it read."""
        self.host = host
        self.port = port
        self._crl = crl
        self._copy = copy
        self._command = command
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Hand over the revocation list as it is now, and from now on."""
        self._task = asyncio.create_task(self._keep_handing_over())
        self.reload()

    async def stop(self) -> None:
        """Leave the broker as it is."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def reload(self) -> None:
        """Hand over the revocation list; the broker is told in the background."""
        self._wanted.set()

    async def _keep_handing_over(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                self._hand_over()
                if self._command:
                    await _run(self._command)
            except (StartError, OSError, TimeoutError) as err:
                _LOGGER.error(  # noqa: TRY400 - the line says all
                    "The broker may not know which certificates are revoked: %s",
                    str(err) or f"{self._command[0]} takes longer than {RELOAD_LIMIT:g} s",
                )

    def _hand_over(self) -> None:
        if self._copy is not None:
            write_whole(self._copy, self._crl.read_bytes(), mode=_READABLE)


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
