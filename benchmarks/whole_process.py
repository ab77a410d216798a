#!/usr/bin/env python3
"""Times the program as a whole process: cold start, reading, review, scores, mart and report.

    make bench && benchmarks/whole_process.py [--customers 100000 1000000] [--runs 5] [--program build/release/bin/quintile]

Makes the customers once per size, warms the page cache with one run that does not count, then prints the median and the range
of wall seconds, CPU seconds and peak memory as the operating system accounts for them. Machines are noisy: compare runs of
one call with each other, not with another machine's.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent


def measured(command, folder):
    """Wall seconds, CPU seconds and peak MiB of one finished process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed: {message}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def prepared(folder, program, customers):
    """A folder with the default plan and rules and that many customers."""
    (folder / "configs/segments").mkdir(parents=True)
    for name in ("default.yaml", "segments/default.yaml"):
        (folder / "configs" / name).write_bytes((PROJECT / "configs" / name).read_bytes())
    (folder / "data/raw").mkdir(parents=True)
    subprocess.run([program, "generate", "--customers", str(customers), "--out", "data/raw/synthetic_customers.csv", "--quiet"],
                   cwd=folder, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build/release/bin/quintile")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    print(f"{'customers':>10}  {'wall s':>22}  {'cpu s':>8}  {'peak MiB':>8}")
    for customers in arguments.customers:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            prepared(folder, program, customers)
            command = [program, "run", "configs/default.yaml", "--quiet", "--threads", str(arguments.threads)]
            measured(command, folder)
            walls, cpus, peaks = zip(*(measured(command, folder) for _ in range(arguments.runs)))
            spread = f"{statistics.median(walls):.3f} ({min(walls):.3f}-{max(walls):.3f})"
            print(f"{customers:>10,}  {spread:>22}  {statistics.median(cpus):>8.3f}  {max(peaks):>8.0f}")


if __name__ == "__main__":
    main()
