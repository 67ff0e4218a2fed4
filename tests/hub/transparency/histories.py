"""Logs to check: a hub's database with a history in it, and a server that shows the public part."""

import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.data import DataFolder
from hub.protocol.checkpoint import Checkpoint, origin_of, sign_checkpoint
from hub.protocol.entries import EntryKind
from hub.protocol.keys import to_jwk
from hub.protocol.merkle import Tree
from hub.protocol.tokens import Signer
from hub.transparency.log import HUB, AccessLog
from hub.transparency.tiles import tile_hashes, tiles_of
from tests.hub.migrated import open_migrated

BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
KEY = to_jwk(SIGNER.key.public_key())["x"]


@dataclass
class Stepping:
    """A clock that is a second later each time it is asked."""

    moment: datetime = BEGIN

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


async def write(log: AccessLog, count: int, about: str = "entry") -> None:
    """Write entries one by one, each with its checkpoint."""
    for number in range(count):
        await log.write(EntryKind.EXPORT, actor=HUB, outcome="done", about={about: number})


async def open_log(engine: AsyncEngine, clock: Callable[[], datetime]) -> AccessLog:
    log = AccessLog(engine, SIGNER, clock)
    await log.load()
    return log


async def history(folder: Path, count: int) -> Path:
    """Make a hub's database with `count` entries, and return its file."""
    engine = await open_migrated(DataFolder.open(folder))
    await write(await open_log(engine, Stepping()), count)
    path = Path(str(make_url(str(engine.url)).database))
    await engine.dispose()
    return path


def execute(path: Path, *statements: str) -> None:
    """Do to a database what its owner can do to it."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def leaves(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT hash FROM log_entries ORDER BY rowid")]


@dataclass
class Shown:
    """What a hub shows of its log, by path; a test changes it as a liar would."""

    files: dict[str, bytes] = field(default_factory=dict)
    too_many: int = 0
    """How many more requests are told to come again."""

    def show(self, tree: Tree, key: Ed25519PrivateKey = SIGNER.key, hub: str = SIGNER.kid) -> None:
        checkpoint = Checkpoint(origin_of(hub), len(tree), tree.root())
        self.files["/log/checkpoint"] = sign_checkpoint(key, checkpoint).text.encode()
        for tile in tiles_of(len(tree)):
            data = tile_hashes(tree, len(tree), tile)
            assert data is not None
            self.files[f"/log/tile/{tile.path}"] = data


@contextmanager
def served(shown: Shown, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve what is shown by HTTP or HTTPS; return the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            data = shown.files.get(self.path)
            if shown.too_many:
                shown.too_many -= 1
                data = b"{}"
                self.send_response(429)
                self.send_header("Retry-After", "0")
            else:
                self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
