"""The demo camera's picture, drawn anew every second: `python -m demo.camera <file>`."""

import sys
import time
from datetime import datetime
from pathlib import Path

from demo.picture import ZONE, draw

NAME = "Demo camera"
INTERVAL = 1.0


def write(file: Path, now: datetime) -> None:
    """Replace the picture at once, so that nobody reads half of one."""
    beside = file.with_suffix(".new")
    beside.write_bytes(draw(NAME, now))
    beside.replace(file)


def main() -> None:
    """Draw until ended."""
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        write(file, datetime.now(ZONE))
        time.sleep(INTERVAL)


if __name__ == "__main__":
    main()
