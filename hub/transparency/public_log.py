"""Reads a hub's public log over HTTP, with the standard library alone."""

import hashlib
import json
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.protocol.checkpoint import LONGEST as LONGEST_NOTE
from hub.protocol.errors import Rejected
from hub.protocol.keys import from_jwk
from hub.protocol.merkle import HASH_BYTES
from hub.transparency.tiles import WIDTH, Tile, TileError

_LIMIT_S = 30.0
_LONGEST = 1 << 20
_PIN = "sha256:"
_OK = 200
_NOT_FOUND = 404
_TOO_MANY = 429
_MOST_WAITS = 10


class Unreachable(Exception):  # noqa: N818 - said of the hub
    """The hub does not answer, or not with what it should; one clear line."""

    def __init__(self, what: str, status: int = 0) -> None:
        """Keep the status, 0 if there was no answer."""
        super().__init__(what)
        self.status = status


class PublicLog:
    """A hub's log as everybody sees it. `ca` is a file, or `sha256:` and the CA's fingerprint."""

    def __init__(self, url: str, ca: str | None = None) -> None:
        """Take the hub's address.

        Raises:
            Unreachable: if it is none, or its CA cannot be had.

        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreachable(f"{url} is no address of a hub: it begins with https://")
        self._url = url.rstrip("/")
        self._base = parts.path.rstrip("/")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._connection: HTTPConnection | None = None
        self._context: ssl.SSLContext | None = None
        if self._secure:
            self._context = self._trusted(ca)

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def checkpoint(self) -> str:
        """Return the newest checkpoint; nothing in it is believed yet."""
        return self._get("/log/checkpoint", LONGEST_NOTE).decode(errors="replace")

    def tile(self, tile: Tile) -> bytes:
        """Return a tile.

        Raises:
            TileError: if the hub has it not, though its checkpoint says so.
            Unreachable: if the hub does not answer.

        """
        try:
            return self._get(f"/log/tile/{tile.path}", WIDTH * HASH_BYTES)
        except Unreachable as err:
            if err.status != _NOT_FOUND:
                raise
            raise TileError(tile.first_entry(), f"the hub has no tile {tile.path}") from err

    def city_key(self) -> Ed25519PublicKey:
        """Return the key that the hub says is its own."""
        try:
            city = json.loads(self._get("/api/v1/city", _LONGEST))
            return from_jwk(city.get("key") if isinstance(city, dict) else None)
        except (ValueError, RecursionError) as err:
            why = err.detail if isinstance(err, Rejected) else "it is not JSON"
            raise Unreachable(f"the city document of {self._url}: {why}") from err

    def _trusted(self, ca: str | None) -> ssl.SSLContext:
        """Return whom to trust: the machine's authorities, or the hub's own."""
        try:
            if ca is None:
                return ssl.create_default_context()
            if not ca.startswith(_PIN):
                return ssl.create_default_context(cadata=Path(ca).read_text(encoding="ascii"))
            # Asked of whoever answers: the fingerprint decides.
            self._context = ssl.create_default_context()
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE
            pem = self._get("/api/v1/ca", _LONGEST).decode("ascii")
            self.close()
            digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
            if digest != ca.removeprefix(_PIN).replace(":", "").lower():
                raise Unreachable(f"the CA of {self._url} has another fingerprint: {digest}")
            return ssl.create_default_context(cadata=pem)
        except (OSError, ValueError) as err:
            raise Unreachable(f"the CA of {self._url} cannot be had: {err}") from err

    def _get(self, path: str, longest: int) -> bytes:
        response, data = self._read(path, longest)
        waits = 0
        while response.status == _TOO_MANY and waits < _MOST_WAITS:
            waits += 1
            wait = response.getheader("Retry-After", "1")
            time.sleep(min(int(wait), _LIMIT_S) if wait.isdecimal() else 1)
            response, data = self._read(path, longest)
        if response.status != _OK or len(data) > longest:
            self.close()
            said = f"status {response.status}" if response.status != _OK else "too much"
            raise Unreachable(f"{self._url}{path} answers with {said}", response.status)
        return data

    def _read(self, path: str, longest: int) -> tuple[HTTPResponse, bytes]:
        try:
            try:
                response = self._ask(path)
            except HTTPException, OSError:
                # A connection that was kept may have ended in between.
                self.close()
                response = self._ask(path)
            return response, response.read(longest + 1)
        except (HTTPException, OSError) as err:
            self.close()
            raise Unreachable(f"{self._url}{path} does not answer: {err}") from err

    def _ask(self, path: str) -> HTTPResponse:
        if self._connection is None:
            self._connection = (
                HTTPSConnection(self._host, self._port, timeout=_LIMIT_S, context=self._context)
                if self._secure
                else HTTPConnection(self._host, self._port, timeout=_LIMIT_S)
            )
        self._connection.request("GET", self._base + path, headers={"Cache-Control": "no-cache"})
        return self._connection.getresponse()
