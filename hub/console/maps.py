"""Where the map under the console comes from: the city's file, its style, or nowhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hub.config import Map
from hub.errors import StartError

NAME = "map"
KINDS = ("pmtiles", "mbtiles")

type MapKind = Literal["pmtiles", "mbtiles", "style"]


@dataclass(frozen=True, slots=True)
class MapSource:
    """One source: its kind, and its file here or its address elsewhere."""

    kind: MapKind
    file: Path | None = None
    style: str = ""


def map_source(settings: Map, data: Path) -> MapSource | None:
    """Return the configured source, or the file that lies in the data folder, or None.

    Raises:
        StartError: if the configured file is not there, or is of neither kind.

    """
    if settings.style:
        return MapSource("style", style=settings.style)
    if settings.file:
        path = Path(settings.file)
        if not path.is_file():
            raise StartError(f"map.file {path} is not there")
        return MapSource(_kind(path), path)
    for kind in KINDS:
        path = data / f"{NAME}.{kind}"
        if path.is_file():
            return MapSource(_kind(path), path)
    return None


def _kind(path: Path) -> Literal["pmtiles", "mbtiles"]:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as err:
        raise StartError(f"cannot read the map {path}: {err.strerror}") from err
    if head.startswith(b"PMTiles\x03"):
        return "pmtiles"
    if head == b"SQLite format 3\0":
        return "mbtiles"
    raise StartError(f"the map {path} is neither PMTiles (version 3) nor MBTiles")
