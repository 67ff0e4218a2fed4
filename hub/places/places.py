"""The gazetteer in the store: loaded as a whole, searched by the beginnings of words.

SQLite searches by its own index of words (FTS5), made when places are loaded; other databases
look through the words of every place, which a city's addresses allow.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.places import folding
from hub.places.reading import Place
from hub.protocol.geo import Point
from hub.store.tables import places

MOST_FOUND = 10
LEAST_LETTERS = 2
_AT_ONCE = 2_000
"""So few that whoever writes the access log in between hardly waits."""
_FAR = 1_000_000

_INDEX = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS places_words USING fts5(words, content='places',"
    " content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='2 3')"
)
_EMPTY = "INSERT INTO places_words (places_words) VALUES ('delete-all')"
_ADD = text(
    "INSERT INTO places_words (rowid, words)"
    " SELECT id, words FROM places WHERE id BETWEEN :first AND :last"
)
_MATCH = "places.id IN (SELECT rowid FROM places_words WHERE places_words MATCH :match)"


class Places:
    """All places that the city loaded."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the store."""
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"

    async def any(self) -> bool:
        """Tell whether there are places to search."""
        async with self._engine.connect() as connection:
            return (await connection.execute(select(places.c.id).limit(1))).first() is not None

    async def count(self) -> int:
        """Return how many there are."""
        async with self._engine.connect() as connection:
            return (await connection.execute(select(func.count(places.c.id)))).scalar_one()

    async def load(self, found: Iterable[Place]) -> int:
        """Replace all places by these, a few at a time; return how many there are now."""
        await self.clear()
        count = 0
        for some in batched(found, _AT_ONCE, strict=False):
            rows = [_row(count + index, place) for index, place in enumerate(some, 1)]
            async with self._engine.begin() as connection:
                await connection.execute(insert(places), rows)
                if self._sqlite:
                    ends = {"first": count + 1, "last": count + len(rows)}
                    await connection.execute(_ADD, ends)
            count += len(rows)
        return count

    async def clear(self) -> None:
        """Forget all places."""
        async with self._engine.begin() as connection:
            if self._sqlite:
                await connection.exec_driver_sql(_INDEX)
                await connection.exec_driver_sql(_EMPTY)
            await connection.execute(delete(places))

    async def search(self, typed: str, near: Point) -> list[Place]:
        """Return the best places for what was typed: names first, then whatever is nearer.

        A house number that the city did not list finds the nearest number of that street.
        """
        asked = folding.asked(typed)
        if sum(len(word) for word in asked) < LEAST_LETTERS:
            return []
        numbers = [word for word in asked if word[0].isdigit()]
        street = [word for word in asked if not word[0].isdigit()]
        async with self._engine.connect() as connection:
            if (await connection.execute(select(places.c.id).limit(1))).first() is None:
                return []
            found = await self._find(connection, asked, _best(asked, numbers), near)
            if not found and numbers and street:
                wanted = folding.number(numbers)
                closest = func.coalesce(func.abs(places.c.number - (wanted or 0)), _FAR)
                order = [*_best(street, []), closest]
                found = await self._find(connection, street, order, near)
        return found

    async def _find(
        self,
        connection: AsyncConnection,
        asked: Sequence[str],
        order: Sequence[ColumnElement[Any]],
        near: Point,
    ) -> list[Place]:
        north = (places.c.lat - near.lat) * (places.c.lat - near.lat)
        east = (places.c.lon - near.lon) * (places.c.lon - near.lon)
        away = north + east * math.cos(math.radians(near.lat)) ** 2
        rows = await connection.execute(
            select(places.c.name, places.c.detail, places.c.lat, places.c.lon)
            .where(self._has(asked))
            .order_by(*order, away, places.c.id)
            .limit(MOST_FOUND)
        )
        return [Place(row.name, row.detail, Point(row.lat, row.lon)) for row in rows]

    def _has(self, asked: Sequence[str]) -> ColumnElement[bool]:
        if self._sqlite:
            return text(_MATCH).bindparams(match=" ".join(f'"{word}"*' for word in asked))  # type: ignore[return-value]
        return words_begin(asked)


def words_begin(asked: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a place has words which begin so, in any database."""
    # Words are letters and digits alone: nothing in them has a meaning of its own here.
    return and_(*(places.c.words.like(f"% {word}%") for word in asked))


def _best(asked: Sequence[str], numbers: Sequence[str]) -> list[ColumnElement[Any]]:
    """Return what comes before distance: whole house numbers, the whole name, whole words."""
    whole = folding.key(asked)
    alike = case((places.c.key == whole, 0), (places.c.key.like(f"{whole}%"), 1), else_=2)
    lacking = [_lacks(word) for word in asked if word not in numbers]
    return [*map(_lacks, numbers), alike, *([sum(lacking[1:], lacking[0])] if lacking else [])]


def _lacks(word: str) -> ColumnElement[int]:
    return case((places.c.words.like(f"% {word} %"), 0), else_=1)


def _row(identity: int, place: Place) -> dict[str, object]:
    named = folding.words(place.name)
    return {
        "id": identity,
        "name": place.name,
        "detail": place.detail,
        "lat": place.point.lat,
        "lon": place.point.lon,
        "number": folding.number(named),
        "key": folding.key(named),
        "words": folding.searchable([*named, *folding.words(place.detail)]),
    }
