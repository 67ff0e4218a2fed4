"""Child processes that never outlive us: logged to files, ready by event, ended in order."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from demo.waiting import Failed

ROOT = Path(__file__).parents[1]
_TETHER = ROOT / "hub/messaging/tether.py"
_TAIL = 3


class Child:
    """One running program and its log file."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        """Take a process that was started in a group of its own."""
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Tell whether it has not ended."""
        return self._process.returncode is None

    async def ended(self) -> int:
        """Wait for its end and return its exit status."""
        return await self._process.wait()

    async def ready[T](self, asked: Awaitable[T]) -> T:
        """Wait until it is ready and return the answer; its end comes first if it fails.

        Raises:
            Failed: with the last line of its log, if it ended or was not ready in time.

        """
        waiting = asyncio.ensure_future(asked)
        end = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({waiting, end}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                raise Failed(
                    f"{self.name} ended with status {end.result()}: {self.last_words()} "
                    f"(log: {self.log})"
                )
            try:
                return waiting.result()
            except Failed as err:
                raise Failed(f"{self.name}: {err} (log: {self.log})") from err
        finally:
            waiting.cancel()
            end.cancel()

    def last_words(self) -> str:
        """Return the end of its log in one line."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return " | ".join(lines[-_TAIL:]) or "it said nothing"

    def send(self, sign: signal.Signals) -> None:
        """Send a signal to the program alone."""
        with suppress(ProcessLookupError):
            self._process.send_signal(sign)

    async def stop(self, limit: float = 20) -> int:
        """End it: politely, then with its whole group by force."""
        if self.running:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self._process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        return await self._process.wait()

    async def kill(self) -> None:
        """Kill the program as a power cut would, its children not asked."""
        self.send(signal.SIGKILL)
        await self._process.wait()


class Processes:
    """All children of one run; leaving the context ends them, the last started first."""

    def __init__(self, logs: Path, environment: Mapping[str, str] | None = None) -> None:
        """Take the folder for log files, and variables that every child gets."""
        self._logs = logs
        self._environment = dict(environment or {})
        self._children: list[Child] = []

    async def __aenter__(self) -> Self:
        """Make the folder."""
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End everything."""
        for child in reversed(self._children):
            await child.stop()

    async def start(
        self,
        name: str,
        arguments: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
    ) -> Child:
        """Start a program from the checkout; its output goes to `{name}.log`.

        The kernel ends it if this process is killed before it can.
        """
        log = self._logs / f"{name}.log"
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-ISE", _TETHER, str(os.getpid()), *arguments),
                cwd=ROOT,
                env={**os.environ, **self._environment, **(environment or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child
