"""Run the benchmarks, all or those named, and print one table."""

import importlib
import sys
import time

from benchmarks.table import Report, Row, markdown

NAMES = (
    "verify",
    "radius",
    "revocation",
    "snapshot",
    "household",
    "memory",
    "restart",
    "streams",
    "console_map",
)


def main(arguments: list[str]) -> int:
    """Run what is asked for; return 0 if all of it ran, goals met or not."""
    if unknown := [name for name in arguments if name not in NAMES]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    notes: list[str] = []
    failed = False
    for name in arguments or NAMES:
        print(f"==> {name} ...", file=sys.stderr, flush=True)
        begun = time.monotonic()
        try:
            report: Report = importlib.import_module(f"benchmarks.{name}").run()
        except Exception as err:  # noqa: BLE001 - what the others measured is not lost
            print(f"error: {name}: {err}", file=sys.stderr, flush=True)
            failed = True
            continue
        print(f"==> {name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        rows += report.rows
        notes += [f"{name}: {note}" for note in report.notes]
    print(markdown(rows))
    print()
    for note in notes:
        print(f"- {note}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
