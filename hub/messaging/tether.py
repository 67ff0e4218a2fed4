"""Run a program that ends with its parent: `python tether.py <parent's pid> <program> <arguments>`.

A script of its own, because the kernel's tether is set between fork and exec, where a process with
threads must not run Python.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the hub has ended")
    os.execv(program[0], program)  # noqa: S606 - the broker that the hub found


if __name__ == "__main__":
    main()
