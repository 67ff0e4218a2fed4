"""The console as Vite built it: its files, read once, with what was compressed beside them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BUILT = Path(__file__).with_name("built")
PAGE = "index.html"
ENCODINGS: Mapping[str, str] = {"zstd": ".zst", "gzip": ".gz"}
"""Content codings, best first, and how the build calls the files in them."""

_MEDIA: Mapping[str, str] = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".pbf": "application/x-protobuf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file: its bytes, as they are and in the codings that the build made of them.

    `lasting`: its name holds its content's hash, so that it never changes.
    """

    data: bytes
    media: str
    lasting: bool
    coded: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """Return the entity tag of the file as it is."""
        return f'"{hashlib.sha256(self.data).hexdigest()[:32]}"'

    def best(self, accepted: str) -> tuple[str, bytes]:
        """Return the best coding that an Accept-Encoding header takes, or none, and the bytes."""
        taken = _taken(accepted)
        for coding, data in self.coded.items():
            if coding in taken:
                return coding, data
        return "", self.data


def read_built(folder: Path = BUILT) -> Mapping[str, File]:
    """Return all files by their path below the folder; none if the console was not built.

    What is served is looked up in what this returns: no request reaches the disk.
    """
    if not (folder / PAGE).is_file():
        return {}
    return {
        path.relative_to(folder).as_posix(): _read(folder, path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _MEDIA
    }


def _read(folder: Path, path: Path) -> File:
    coded = {}
    for coding, suffix in ENCODINGS.items():
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            coded[coding] = beside.read_bytes()
    lasting = path.relative_to(folder).parts[0] == "assets"
    return File(path.read_bytes(), _MEDIA[path.suffix], lasting, coded)


def _taken(accepted: str) -> set[str]:
    found = set()
    for one in accepted.lower().split(","):
        coding, _, weight = one.replace(" ", "").partition(";")
        if weight not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(coding)
    return found
