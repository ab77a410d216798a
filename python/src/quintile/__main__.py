"""The command line program: ``python -m quintile run plan.yaml``."""

from __future__ import annotations

import signal
import sys

from . import _native


def main() -> int:
    """Runs the program with the arguments of this process and returns its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends the process as it ends the program
    return _native.main(["quintile", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
