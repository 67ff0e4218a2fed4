"""Mosquitto as the hub's child: found, started, watched, started again, and never left behind."""

import asyncio
import logging
import os
import random
import resource
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from hub.data import write_whole
from hub.errors import StartError
from hub.listening import listening_socket

_LOGGER = logging.getLogger(__name__)

START_LIMIT = 10.0
STOP_LIMIT = 5.0
SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 30.0
_TETHER = Path(__file__).with_name("tether.py")
_CHECKOUT = Path(__file__).parents[2]


def find_mosquitto(environment: dict[str, str] | None = None) -> Path:
    """Return the broker's program: $RTCC_MOSQUITTO, PATH, /usr/sbin, or the checkout's tools.

    Raises:
        StartError: if there is none.

    """
    environment = dict(os.environ) if environment is None else environment
    if named := environment.get("RTCC_MOSQUITTO"):
        if os.access(named, os.X_OK):
            return Path(named)
        raise StartError(f"RTCC_MOSQUITTO names {named}, which is not a program")
    for place in (
        shutil.which("mosquitto", path=environment.get("PATH", "")),
        "/usr/sbin/mosquitto",
        str(_CHECKOUT / ".tools/bin/mosquitto"),
    ):
        if place is not None and os.access(place, os.X_OK):
            return Path(place)
    raise StartError(
        "Mosquitto is not installed: install it (on Debian: apt install mosquitto), name it in "
        'RTCC_MOSQUITTO, or set broker.mode = "external"'
    )


def free_port(bind: str = "") -> int:
    """Return a port that nobody listens on at this moment."""
    with listening_socket(bind, 0) as probe:
        return int(probe.getsockname()[1])


def check_port(bind: str, port: int) -> None:
    """See that the port can be listened on.

    Raises:
        StartError: naming the port and the reason.

    """
    try:
        listening_socket(bind, port).close()
    except OSError as err:
        where = f"{bind or 'all addresses'} port {port}"
        raise StartError(f"the broker cannot listen on {where}: {err.strerror or err}") from err


class Broker:
    """A supervised Mosquitto."""

    def __init__(
        self, program: Path, configuration: Path, pid_file: Path, bind: str, port: int
    ) -> None:
        """Take where it is, what it reads, and where it will listen."""
        self._program = program
        self._configuration = configuration
        self._pid_file = pid_file
        self._bind = bind
        self._port = port
        self._process: asyncio.subprocess.Process | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._log: asyncio.Task[None] | None = None
        self._last_lines: list[str] = []

    @property
    def host(self) -> str:
        """Return the address at which the hub itself reaches the broker."""
        return _reachable(self._bind)

    @property
    def port(self) -> int:
        """Return the port that the broker listens on."""
        return self._port

    @property
    def pid(self) -> int | None:
        """Return the running broker's process id."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the broker and return when it accepts connections.

        Raises:
            StartError: if it does not come up; one clear line.

        """
        await self._end_leftover()
        check_port(self._bind, self._port)
        process = await self._spawn()
        try:
            async with asyncio.timeout(START_LIMIT):
                await self._accepting(process)
        except (TimeoutError, StartError) as err:
            await self._end()
            reason = "; ".join(_errors(self._last_lines)) or str(err) or "it does not answer"
            raise StartError(f"Mosquitto ({self._program}) did not start: {reason}") from err
        self._supervision = asyncio.create_task(self._supervise(process))

    async def stop(self) -> None:
        """End the broker and its supervision."""
        if self._supervision is not None:
            self._supervision.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervision
            self._supervision = None
        await self._end()
        self._pid_file.unlink(missing_ok=True)

    def reload(self) -> None:
        """Make the broker read its revocation list and ACL again."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGHUP)

    async def _supervise(self, process: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        pause, started = SHORTEST_PAUSE, loop.time()
        while True:
            status = await process.wait()
            _LOGGER.error("The broker ended with status %s: starting it again", status)
            if loop.time() - started > LONGEST_PAUSE:
                pause = SHORTEST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            pause = min(2 * pause, LONGEST_PAUSE)
            started = loop.time()
            process = await self._spawn()

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._last_lines.clear()
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-ISE",
            str(_TETHER),
            str(os.getpid()),
            str(self._program),
            "-c",
            str(self._configuration),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C at a terminal goes to the whole group; the hub ends its broker by itself.
            start_new_session=True,
        )
        self._log = asyncio.create_task(self._forward_log(process))
        try:
            write_whole(self._pid_file, f"{process.pid}\n")
        except StartError as err:
            # It only helps a next hub to clear up; this one knows its child.
            _LOGGER.warning("%s", err)
        if sys.platform == "linux":
            # Every home is an open file; the default of 1,024 would be a small city.
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            with suppress(OSError):
                resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (hard, hard))
        return process

    async def _accepting(self, process: asyncio.subprocess.Process) -> None:
        ended = asyncio.create_task(process.wait())
        try:
            while not ended.done():
                try:
                    _, writer = await asyncio.open_connection(_reachable(self._bind), self._port)
                except OSError:
                    await asyncio.wait([ended], timeout=0.02)
                else:
                    writer.close()
                    return
        finally:
            ended.cancel()
        raise StartError(f"it ended with status {process.returncode}")

    async def _forward_log(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            text = line.decode(errors="replace").strip()
            self._last_lines = [*self._last_lines[-4:], text]
            _LOGGER.debug("mosquitto: %s", text)

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._log is not None:
            await self._log

    async def _end_leftover(self) -> None:
        pid = self._leftover()
        if pid is None:
            return
        _LOGGER.warning("Ending the broker that an earlier hub left behind (process %s)", pid)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
            for _ in range(100):
                if self._leftover() is None:
                    return
                await asyncio.sleep(0.02)

    def _leftover(self) -> int | None:
        """Return a broker that a hub left behind: only one that runs on our own configuration."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError, ValueError:
            return None
        return pid if os.fsencode(self._configuration) in arguments else None


def _errors(lines: Sequence[str]) -> Sequence[str]:
    """Return what Mosquitto complains of, without its clock."""
    texts = [line.partition(": ")[2] if line[:1].isdigit() else line for line in lines]
    return [text for text in texts if text.startswith("Error")] or texts[-1:]


def _reachable(bind: str) -> str:
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104
