"""Live cameras in a circle out of 1,000,000, beside PostGIS and Redis GEO with the same cameras."""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from benchmarks import databases, postgis, redis_geo
from benchmarks.points import NOW, SCOPE, Camera, cameras, circles
from benchmarks.table import Goal, Report, Row
from hub.grants.index import Hits, LiveIndex
from hub.protocol.geo import Circle, Point, distance_m

ROUNDS = 8
QUERIES = 250
UPDATES = 500
CHECKED = 200
TIMES, QUERY_US, UPDATE_US = 10.0, 30.0, 5.0
_STEP = 0.0005


class Store(Protocol):
    """What is measured."""

    name: str

    def ask(self, circle: Circle) -> object:
        """Ask for ids and metres, nearest first, and return the answer as it comes."""
        ...

    def found(self, answer: object) -> dict[str, float]:
        """Return the metres by id."""
        ...

    def move(self, camera: Camera, place: Point) -> None:
        """Put a camera elsewhere."""
        ...


class Ours:
    """The hub's index."""

    name = "LiveIndex"

    def __init__(self, filling: Sequence[Camera]) -> None:
        """Fill it."""
        self.index = LiveIndex[str]()
        for one in filling:
            self.move(one, one.place)

    def ask(self, circle: Circle) -> object:
        """Ask for ids and metres, nearest first, and return the answer as it comes."""
        return self.index.query(circle, NOW, SCOPE)

    def found(self, answer: object) -> dict[str, float]:
        """Return the metres by id."""
        assert isinstance(answer, Hits)  # noqa: S101 - it is our own
        return dict(zip(answer.keys, answer.distances_m, strict=True))

    def move(self, camera: Camera, place: Point) -> None:
        """Put a camera elsewhere."""
        self.index.put(camera.id, place, camera.starts, camera.ends, camera.scopes)


def run() -> Report:
    """Measure every query by itself; a query that a colleague's work disturbs moves no median."""
    filling = cameras()
    ours = Ours(filling)
    with (
        databases.postgres() as postgres_socket,
        databases.redis() as redis_socket,
        postgis.filled(postgres_socket, filling) as in_postgis,
        redis_geo.filled(redis_socket, filling) as in_redis,
    ):
        stores: list[Store] = [ours, in_postgis, in_redis]
        notes = _differences(stores, filling)
        finds = _measure(stores, _find_times)
        repeated = _repeated(ours)
        moves = _measure(stores, lambda store, turn: _move_times(store, filling, turn))
    rows = []
    for store, factor in (("PostGIS", TIMES), ("Redis GEO", TIMES)):
        ratio = finds[store] / finds["LiveIndex"]
        rows.append(
            Row(
                what=f"circle of 400 m out of 1,000,000, random places, beside {store}",
                ours=f"{finds['LiveIndex']:.1f} µs",
                reference=f"{finds[store]:.0f} µs",
                ratio=ratio,
                goal=Goal(ratio, factor, f"≥ {factor:g} times", at_least=True),
            )
        )
    rows += [
        _ours("circle in process, random places", finds["LiveIndex"], QUERY_US),
        _ours("circle in process, the same place again", repeated, QUERY_US),
        _ours("update in process", moves["LiveIndex"], UPDATE_US),
    ]
    rows += [
        Row(
            what=f"update beside {store}",
            ours=f"{moves['LiveIndex']:.1f} µs",
            reference=f"{moves[store]:.0f} µs",
            ratio=moves[store] / moves["LiveIndex"],
        )
        for store in ("PostGIS", "Redis GEO")
    ]
    return Report(rows, notes)


def _ours(what: str, micros: float, bound: float) -> Row:
    goal = Goal(micros, bound, f"≤ {bound:g} µs")
    return Row(what=what, ours=f"{micros:.1f} µs", goal=goal)


def _measure(
    stores: Sequence[Store], times: Callable[[Store, int], list[float]]
) -> dict[str, float]:
    """Return each store's median in µs over interleaved rounds."""
    samples: dict[str, list[float]] = {store.name: [] for store in stores}
    for turn in range(ROUNDS):
        for store in stores if turn % 2 == 0 else reversed(stores):
            samples[store.name] += times(store, turn)
    return {name: statistics.median(found) * 1e6 for name, found in samples.items()}


def _find_times(store: Store, turn: int) -> list[float]:
    return [_timed(partial(store.ask, one)) for one in circles(QUERIES, seed=10 + turn)]


def _repeated(ours: Ours) -> float:
    (circle,) = circles(1)
    times = [_timed(lambda: ours.ask(circle)) for _ in range(ROUNDS * QUERIES)]
    return statistics.median(times) * 1e6


def _move_times(store: Store, filling: Sequence[Camera], turn: int) -> list[float]:
    moved = filling[turn * UPDATES : (turn + 1) * UPDATES]
    places = [Point(one.place.lat + _STEP, one.place.lon) for one in moved]
    return [
        _timed(partial(store.move, one, place)) for one, place in zip(moved, places, strict=True)
    ]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _differences(stores: Sequence[Store], filling: Sequence[Camera]) -> list[str]:
    """Compare the answers to some circles, ours as the measure."""
    places = {one.id: one.place for one in filling}
    asked = circles(CHECKED)
    expected = [stores[0].found(stores[0].ask(circle)) for circle in asked]
    hits = statistics.mean(len(found) for found in expected)
    wrong = sum(
        abs(distance_m(circle.centre, places[id_]) - metres) > 0.001  # noqa: PLR2004 - a millimetre
        for circle, found in zip(asked, expected, strict=True)
        for id_, metres in found.items()
    )
    notes = [f"{hits:.0f} hits a circle on average; {wrong} of our distances off by over 1 mm."]
    for store in stores[1:]:
        apart = [
            (circle, id_)
            for circle, found in zip(asked, expected, strict=True)
            for id_ in set(found) ^ set(store.found(store.ask(circle)))
        ]
        edge = max(
            (
                abs(distance_m(circle.centre, places[id_]) - circle.radius_m)
                for circle, id_ in apart
            ),
            default=0.0,
        )
        notes.append(
            f"{store.name}: {len(apart)} cameras differ in {CHECKED} circles"
            + (f", all within {edge:.2f} m of the edge." if apart else ".")
        )
    return notes
