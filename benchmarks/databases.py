"""PostgreSQL and Redis of their own: private folders, unix sockets only, ended after use."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_LIMIT_S = 60.0
_POSTGRES = "/usr/lib/postgresql/*/bin"


class Missing(Exception):  # noqa: N818 - it says what is
    """A program is not installed; the message says which."""


@contextmanager
def postgres() -> Iterator[Path]:
    """Run a PostgreSQL server, and yield the folder of its socket (user and database `bench`)."""
    programs = _postgres_programs()
    with _folder("postgres") as (folder, user):
        data = folder / "data"
        _call(programs / "initdb", "-D", data, "-A", "trust", "-U", "bench", "--no-sync", user=user)
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={folder}",
            "shared_buffers=1GB",
            "maintenance_work_mem=512MB",
            "fsync=off",
            "jit=off",
            "max_wal_size=4GB",
        )
        command: list[str | Path] = [programs / "postgres", "-D", data]
        for setting in settings:
            command += ["-c", setting]
        socket = folder / ".s.PGSQL.5432"
        with _server(command, user, socket.exists, folder):
            _call(programs / "createdb", "-h", folder, "-U", "bench", "bench", user=user)
            yield folder


@contextmanager
def redis() -> Iterator[Path]:
    """Run a Redis server, and yield its socket."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("redis-server is not installed")
    with _folder("redis") as (folder, user):
        socket = folder / "redis.sock"
        command: list[str | Path] = [
            program,
            "--port",
            "0",
            "--unixsocket",
            socket,
            "--unixsocketperm",
            "777",
        ]
        with _server([*command, "--save", "", "--dir", folder], user, socket.exists, folder):
            yield socket


def _postgres_programs() -> Path:
    found = sorted(Path("/").glob(_POSTGRES.lstrip("/")), key=lambda path: int(path.parts[-2]))
    if found:
        return found[-1]
    if (initdb := shutil.which("initdb")) is not None:
        return Path(initdb).resolve().parent
    raise Missing("PostgreSQL is not installed")


@contextmanager
def _folder(name: str) -> Iterator[tuple[Path, str | None]]:
    # PostgreSQL does not run as root: then it runs as the user that its package made.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(
        prefix=f"rtcc-bench-{name}-", ignore_cleanup_errors=True
    ) as at:
        folder = Path(at)
        if user is not None:
            shutil.chown(folder, user)
            folder.chmod(0o755)
        yield folder, user


def _call(*command: str | Path, user: str | None) -> None:
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def _server(
    command: Sequence[str | Path], user: str | None, ready: Callable[[], bool], folder: Path
) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, user=user, stdout=log, stderr=log, cwd="/")
        try:
            deadline = time.monotonic() + _LIMIT_S
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Missing(f"{command[0]} did not start: {(folder / 'log').read_text()}")
                time.sleep(0.02)
            # PostgreSQL makes its socket a moment before it answers.
            _settle(command, user, folder)
            yield
        finally:
            # SIGINT is PostgreSQL's fast shutdown, and Redis ends on it as well.
            process.send_signal(2)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LIMIT_S)
            process.kill()
            process.wait()


def _settle(command: Sequence[str | Path], user: str | None, folder: Path) -> None:
    probe = Path(command[0]).with_name("pg_isready")
    deadline = time.monotonic() + _LIMIT_S
    while probe.exists() and Path(command[0]).name == "postgres":
        answer = subprocess.run(
            [probe, "-q", "-h", folder], check=False, user=user, cwd="/", stdout=subprocess.DEVNULL
        )
        if answer.returncode == 0 or time.monotonic() > deadline:
            return
        time.sleep(0.02)
