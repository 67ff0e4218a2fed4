"""STUN and TURN servers, with credentials that end by themselves (coturn's REST credentials).

A credential is `<when it ends>:<label>` with the base64 of its HMAC-SHA1 under a secret that the
hub shares with coturn. The label is random: it says nothing of a home or an operator, and coturn
counts allocations by it.
"""

import base64
import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hub.config import Stun, Turn
from hub.data import DataFolder
from hub.errors import StartError
from hub.protocol.stream import IceServer

_KEPT = "keys/turn.secret"
_LABEL_BYTES = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServers:
    """The city's servers; without any only those meet who reach each other by themselves."""

    stun: tuple[str, ...] = ()
    turn: tuple[str, ...] = ()
    secret: str = ""
    life: timedelta = timedelta(minutes=10)

    @property
    def relay(self) -> bool:
        """Tell whether there is a relay."""
        return bool(self.turn)

    def fresh(self, now: datetime) -> tuple[IceServer, ...]:
        """Return the servers with credentials of their own: ask once for each side of a stream."""
        stun = (IceServer(self.stun),) if self.stun else ()
        if not self.turn:
            return stun
        username, credential = credentials(
            self.secret, secrets.token_hex(_LABEL_BYTES), now + self.life
        )
        return (*stun, IceServer(self.turn, username, credential))


def credentials(secret: str, label: str, ends: datetime) -> tuple[str, str]:
    """Return the user name and the password that coturn takes until `ends`."""
    username = f"{math.ceil(ends.timestamp())}:{label}"
    # HMAC-SHA1 is what coturn knows; no collision of SHA-1 helps anyone against it.
    mac = hmac.new(secret.encode(), username.encode(), hashlib.sha1)
    return username, base64.b64encode(mac.digest()).decode("ascii")


def ice_servers(turn: Turn, stun: Stun, folder: DataFolder) -> IceServers:
    """Return the servers of the configuration.

    Raises:
        StartError: if the secret's file cannot be read or is empty.

    """
    return IceServers(
        stun=stun.urls,
        turn=turn.urls,
        secret=turn_secret(turn, folder) if turn.urls else "",
        life=timedelta(seconds=turn.seconds),
    )


def turn_secret(turn: Turn, folder: DataFolder) -> str:
    """Return the secret that the hub shares with coturn; the data folder has one if nobody set it.

    Raises:
        StartError: if the secret's file cannot be read or is empty.

    """
    if turn.secret:
        return turn.secret
    if turn.secret_file:
        return _read(Path(turn.secret_file))
    with folder.changed():
        kept = (folder.read(_KEPT) or "").strip()
        if not kept:
            kept = secrets.token_urlsafe(32)
            folder.write(_KEPT, f"{kept}\n")
    return kept


def _read(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as err:
        raise StartError(f"turn.secret_file {path} cannot be read: {err}") from err
    if not secret.isascii() or not secret.isprintable() or not secret or " " in secret:
        raise StartError(f"turn.secret_file {path} must hold one word of ASCII characters")
    return secret
