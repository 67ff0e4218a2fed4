"""An attached picture as a row of the store, without its bytes."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row

from hub.operators.tokens import Caller
from hub.pictures.recent import Fresh
from hub.protocol.keys import b64url
from hub.protocol.vocabulary import Still
from hub.store.tables import pictures

DESCRIBED = [column for column in pictures.c if column.name not in ("sealed", "reply")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """An attached picture."""

    id: str
    look: str
    incident: str
    camera: str
    home: str
    looked_by: str
    attached_by: str
    attached: datetime
    received: datetime
    still: Still
    content_type: str
    length: int
    sha256: str


def attach(shown: Fresh, caller: Caller, now: datetime) -> Attached:
    """Return what is kept of a still that was shown."""
    return Attached(
        id=secrets.token_hex(16),
        look=shown.look,
        incident=shown.incident,
        camera=shown.camera,
        home=shown.home,
        looked_by=shown.caller.pseudonym,
        attached_by=caller.pseudonym,
        attached=now,
        received=shown.picture.received,
        still=shown.picture.still,
        content_type=shown.picture.content_type,
        length=len(shown.picture.data),
        sha256=digest(shown.picture.data),
    )


def digest(data: bytes) -> str:
    """Return the SHA-256 as the home signed it."""
    return b64url(hashlib.sha256(data).digest())


def row_of(attached: Attached) -> dict[str, object]:
    """Write it as a row."""
    return {column.name: getattr(attached, column.name) for column in DESCRIBED}


def read(row: Row[tuple[object, ...]]) -> Attached:
    """Read a row."""
    values = {column.name: getattr(row, column.name) for column in DESCRIBED}
    return Attached(**values | {"still": Still(row.still)})
