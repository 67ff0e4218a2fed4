"""Memory of a live grant in the hub's live set, as the store loads it at a start."""

import gc
import tracemalloc
from dataclasses import dataclass

import orjson

from benchmarks.grants import Signed, signed
from benchmarks.table import Goal, Report, Row
from hub.grants import words
from hub.grants.cameras import Cameras, Held
from hub.protocol.claims import Fields
from hub.protocol.grant import parse_verified
from hub.protocol.tokens import Token

COUNT = 100_000
BOUND = 512


def run() -> Report:
    """Count every byte that Python and numpy allocate for `COUNT` grants."""
    rows = []
    for each in (1, 4):
        grants = list(signed(COUNT, cameras_each=each))
        size = _measured(grants)
        rows.append(
            Row(
                what=f"memory per live grant, {COUNT:,} of homes with {each} each",
                ours=f"{size:.0f} B",
                reference=f"{sum(len(one.token) for one in grants) / COUNT:.0f} B its token",
                goal=Goal(size, BOUND, f"≤ {BOUND} B"),
            )
        )
    return Report(rows)


@dataclass(frozen=True, slots=True)
class _Row:
    camera: str
    held: Held


def _row(one: Signed) -> _Row:
    """Read a token as the store does: every text in it is a new object."""
    grant = parse_verified(Fields(orjson.loads(Token.parse(one.token).payload)))
    return _Row(grant.camera, Held(grant.home, grant.seq, words.digest(one.token), grant, grant))


def _measured(grants: list[Signed]) -> float:
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    cameras = Cameras("w", "p")
    cameras.load((row.camera, row.held) for row in map(_row, grants))
    for home in {one.home for one in grants}:
        cameras.set_online(home, online=True)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / len(grants)
