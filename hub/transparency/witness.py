"""`rtcc-hub witness`: a second party signs the log's checkpoints, if each continues the last."""

import argparse
import asyncio
import fcntl
import hashlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.errors import StartError
from hub.protocol.checkpoint import Note, Signature, cosign, verify_checkpoint
from hub.protocol.errors import Rejected
from hub.protocol.keys import private_from_pem, private_to_pem, public_bytes
from hub.transparency.cosigning import (
    LARGEST,
    SIZE_TYPE,
    Question,
    Refused,
    Status,
    base64_text,
    judge,
    merge,
)
from hub.transparency.remembered import replace_file
from hub.transparency.trust import Untrusted, origin_for, read_public_key

_LOGGER = logging.getLogger(__name__)


class Witness:
    """Signs what continues the last checkpoint that it signed; the file outlives a restart."""

    def __init__(
        self,
        log: tuple[Ed25519PublicKey, str],
        name: str,
        key: Ed25519PrivateKey,
        path: Path,
        now: Callable[[], datetime],
    ) -> None:
        """Take the log's key and origin, its own name and key, its file, and the clock.

        Raises:
            StartError: if the file is damaged or of another log.

        """
        self._log_key, self._origin = log
        self._name = name
        self._key = key
        self._path = path
        self._now = now
        self._latest = self._read()

    @property
    def latest(self) -> Note | None:
        """Return the last checkpoint that was signed, with its signatures."""
        return self._latest

    def add(self, body: bytes) -> Signature:
        """Return the signature for what was asked; it is kept before anyone sees it.

        Raises:
            Refused: with the status to answer.
            OSError: if it cannot be kept; it is not signed then.

        """
        question = Question.decode(body)
        latest = None if self._latest is None else self._latest.checkpoint
        note = judge(question, self._log_key, self._origin, latest)
        signature = cosign(self._key, self._name, note.checkpoint, self._now())
        signed = merge(note, (signature,))
        replace_file(self._path, signed.text.encode())
        self._latest = signed
        return signature

    def _read(self) -> Note | None:
        try:
            text = self._path.read_text(encoding="utf-8")
            return verify_checkpoint(text, self._log_key, self._origin)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as err:
            why = err.detail if isinstance(err, Rejected) else str(err)
            # Beginning anew would be to sign any history.
            raise StartError(f"{self._path} is not what this witness kept: {why}") from err


def application(witness: Witness) -> web.Application:
    """Return the witness as it is asked over HTTP."""

    async def add_checkpoint(request: web.Request) -> web.Response:
        # From here to the answer nothing waits: two requests cannot come between each other.
        body = await request.read()
        try:
            return web.Response(text=witness.add(body).line)
        except Refused as err:
            _LOGGER.warning("Refused a checkpoint (%s): %s", err.status.value, err)
            if err.status is not Status.CONFLICT:
                return web.Response(status=err.status, text=f"{err}\n")
            size = 0 if witness.latest is None else witness.latest.checkpoint.size
            return web.Response(
                status=err.status, body=f"{size}\n".encode(), content_type=SIZE_TYPE
            )
        except OSError as err:
            _LOGGER.error("Cannot keep a checkpoint, and signs none: %s", err)  # noqa: TRY400
            return web.Response(status=503, text="the witness cannot keep the checkpoint\n")

    async def show_checkpoint(_request: web.Request) -> web.Response:
        if witness.latest is None:
            return web.Response(status=404, text="nothing was signed yet\n")
        return web.Response(text=witness.latest.text, headers={"Access-Control-Allow-Origin": "*"})

    app = web.Application(client_max_size=LARGEST)
    app.router.add_post("/add-checkpoint", add_checkpoint)
    app.router.add_get("/checkpoint", show_checkpoint)
    return app


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(_serve(options))
    except (StartError, Untrusted) as err:
        sys.stderr.write(f"rtcc-hub: {err}\n")
        return 1
    except OSError as err:
        sys.stderr.write(f"rtcc-hub: the witness cannot run: {err}\n")
        return 1
    return 0


async def _serve(options: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    log_key = read_public_key(options.log_key)
    origin = options.origin or origin_for(log_key)
    name = _name(options.name)
    host, port = _address(options.listen)
    key = _own_key(options.key_file)
    with _alone(options.state):
        file = options.state / f"{hashlib.sha256(origin.encode()).hexdigest()[:16]}.checkpoint"
        witness = Witness((log_key, origin), name, key, file, lambda: datetime.now(UTC))
        runner = web.AppRunner(application(witness), access_log=None, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            _tell(name, key, origin, str(runner.addresses[0][0]), int(runner.addresses[0][1]))
            await ended.wait()
        finally:
            await runner.cleanup()


def _tell(name: str, key: Ed25519PrivateKey, origin: str, host: str, port: int) -> None:
    """Say who this is, as the hub's configuration wants it."""
    at = f"[{host}]" if ":" in host else host
    sys.stdout.write(
        f"Witness of {origin}\n"
        "For the hub's configuration:\n"
        "[[log.witnesses]]\n"
        f'name = "{name}"\n'
        f'key = "{base64_text(public_bytes(key.public_key()))}"\n'
        f'url = "http://{at}:{port}"\n'
    )
    sys.stdout.flush()


def _name(text: str) -> str:
    if not text or " " in text or "+" in text or "=" in text or not text.isprintable():
        raise StartError(f"a witness cannot be named {text!r}: no spaces, plus or equals signs")
    return text


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the largest port
        raise StartError(f"{text} is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _own_key(path: Path) -> Ed25519PrivateKey:
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(private_to_pem(Ed25519PrivateKey.generate()))
    try:
        return private_from_pem(path.read_text(encoding="ascii"))
    except ValueError as err:
        raise StartError(f"{path} is not an Ed25519 key in PEM form") from err


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second witness out of the folder: two of them could sign two histories."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise StartError(f"another witness is running with {folder}") from err
        yield
