"""What a process takes, and tables of it."""

import os
import pathlib
import subprocess
import threading
import time
from typing import NamedTuple

PROJECT = pathlib.Path(__file__).resolve().parent.parent


class Usage(NamedTuple):
    """Of one finished process, as the system accounts for it. A peak never lies below what the starting process held, so
    scripts that measure hold little themselves."""

    wall: float  # seconds
    cpu: float  # seconds, all threads and the system's share
    memory: float  # peak, MiB


class OverLimit(Exception):
    """The process was killed because it took longer than it may."""


def measured(command, folder, limit=None):
    """Runs it to its end, at most `limit` seconds. One that fails ends the script with what it said."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    timer = threading.Timer(limit, process.kill) if limit else None
    if timer:
        timer.start()
    message = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if timer:
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        if limit and wall >= limit:
            raise OverLimit
        raise SystemExit(f"{' '.join(map(str, command))} failed ({process.returncode}): {message}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def seconds(value):
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def memory(mib):
    return f"{mib:.0f} MiB" if mib < 1000 else f"{mib / 1024:.1f} GiB"


def yes(*holds):
    return ", ".join("yes" if one else "no" for one in holds)


def against(value, asked, at_most=False):
    """The cells of a target's row after its name: what is asked, what was measured, and whether that is met; multiples."""
    bound, holds = ("at most", value <= asked) if at_most else ("at least", value >= asked)
    return f"{bound} {asked:g} x", f"{value:.2f} x", yes(holds)


def table(header, rows):
    """Markdown, ready for docs/performance.md."""
    lines = ["| " + " | ".join(cells) + " |" for cells in [header, ["---"] * len(header), *rows]]
    return "\n".join(lines)


def targets(script, rows):
    """The rows that `page.py` gathers into one table, each with the script that measured it."""
    return table(["target", "asked", "measured", "met", "by"], [[*row, f"`{script}`"] for row in rows])
