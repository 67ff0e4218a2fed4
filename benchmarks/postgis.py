"""The cameras in PostGIS: geography with a GiST index, one prepared statement in binary form."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import psycopg

from benchmarks.points import NOW, SCOPE, Camera
from hub.protocol.geo import Circle, Point

_TABLE = """
CREATE EXTENSION postgis;
CREATE UNLOGGED TABLE cameras (
  id text NOT NULL, lat float8 NOT NULL, lon float8 NOT NULL,
  starts int8 NOT NULL, ends int8 NOT NULL, scopes int4 NOT NULL, place geography(Point)
)"""
_PLACES = "UPDATE cameras SET place = ST_MakePoint(lon, lat)::geography"
_INDEXES = "CREATE INDEX ON cameras USING gist (place); CREATE UNIQUE INDEX ON cameras (id)"
# On the sphere, as the protocol's great-circle test has it; also faster than the spheroid.
_QUERY = """
SELECT id, ST_Distance(place, ST_MakePoint(%s, %s)::geography, false) AS metres FROM cameras
WHERE ST_DWithin(place, ST_MakePoint(%s, %s)::geography, %s, false)
  AND starts <= %s AND ends > %s AND scopes & %s <> 0
ORDER BY metres"""
_MOVE = "UPDATE cameras SET place = ST_MakePoint(%s, %s)::geography, ends = %s WHERE id = %s"


class PostGis:
    """One connection to the filled table."""

    name = "PostGIS"

    def __init__(self, connection: psycopg.Connection) -> None:
        """Take a connection in autocommit mode."""
        self._cursor = connection.cursor(binary=True)

    def ask(self, circle: Circle) -> object:
        """Ask for ids and metres, nearest first, and return the answer as it comes."""
        lon, lat = circle.centre.lon, circle.centre.lat
        values = (lon, lat, lon, lat, circle.radius_m, NOW, NOW, SCOPE)
        return self._cursor.execute(_QUERY, values, prepare=True).fetchall()

    def found(self, answer: object) -> dict[str, float]:
        """Return the metres by id."""
        return dict(cast("list[tuple[str, float]]", answer))

    def move(self, camera: Camera, place: Point) -> None:
        """Put a camera elsewhere."""
        values = (place.lon, place.lat, camera.ends, camera.id)
        self._cursor.execute(_MOVE, values, prepare=True)


@contextmanager
def filled(socket: Path, cameras: Sequence[Camera]) -> Iterator[PostGis]:
    """Load the cameras into a fresh database."""
    with psycopg.connect(
        host=str(socket), user="bench", dbname="bench", autocommit=True
    ) as connection:
        connection.execute(_TABLE)
        copy = "COPY cameras (id, lat, lon, starts, ends, scopes) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(copy) as rows:
            for one in cameras:
                place = one.place
                rows.write_row((one.id, place.lat, place.lon, one.starts, one.ends, one.scopes))
        connection.execute(_PLACES)
        connection.execute(_INDEXES)
        connection.execute("VACUUM FULL cameras")
        connection.execute("ANALYZE cameras")
        yield PostGis(connection)
