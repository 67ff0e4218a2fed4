"""Run the benchmarks, all or those named, and print one table."""

import importlib
import sys
import time

from benchmarks.table import Report, Row, markdown

NAMES = ("verify", "radius", "revocation", "snapshot", "household", "memory", "restart")


def main(arguments: list[str]) -> int:
    """Run what is asked for; return 0 if all of it ran, whether goals are met or not."""
    if unknown := [name for name in arguments if name not in NAMES]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    notes: list[str] = []
    for name in arguments or NAMES:
        print(f"==> {name} ...", file=sys.stderr, flush=True)
        begun = time.monotonic()
        report: Report = importlib.import_module(f"benchmarks.{name}").run()
        print(f"==> {name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        rows += report.rows
        notes += [f"{name}: {note}" for note in report.notes]
    print(markdown(rows))
    print()
    for note in notes:
        print(f"- {note}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
