#!/usr/bin/env python3
"""Counts the instructions that each kernel of the hot path takes and compares them with baseline.json.

    tests/instructions/compare.py PROGRAM COMPILER [--update]

Instructions are the same on a loaded machine, so a kernel that has become dearer fails the build where a timing could not. More
than 5 % above the baseline is a failure; below it is one too, so that a gain is written down and kept: `--update` rewrites the
counts of this compiler. Exit 77, which ctest calls skipped, where there is nothing to compare with: no valgrind, or another
compiler or kind of build than those in the baseline.
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys

BASELINE = pathlib.Path(__file__).with_name("baseline.json")
TOLERANCE = 0.05


def counted(program, kernel):
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=measured", "--callgrind-out-file=/dev/null", program, kernel],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.search(r"Collected : (\d+)", run.stdout)
    if run.returncode != 0 or not found:
        raise SystemExit(f"{kernel}: valgrind failed\n{run.stdout}")
    return int(found[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("compiler")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed (scripts/setup test)")
        return 77
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    known = baseline.get(arguments.compiler)
    if known is None and not arguments.update:
        print(f"skipped: no counts are written down for {arguments.compiler}, only for {', '.join(sorted(baseline))}")
        return 77
    kernels = subprocess.run([arguments.program], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counts = dict(zip(kernels, pool.map(lambda kernel: counted(arguments.program, kernel), kernels)))
    if arguments.update:
        baseline[arguments.compiler] = counts
        BASELINE.write_text(json.dumps(baseline, indent=2, sort_keys=True) + "\n")
        return 0
    faults = []
    for kernel, count in counts.items():
        if kernel not in known:
            faults.append(f"{kernel}: {count:,} instructions, none written down")
        elif abs(count - known[kernel]) > TOLERANCE * known[kernel]:
            faults.append(f"{kernel}: {count:,} instructions, {count / known[kernel] - 1:+.1%} against {known[kernel]:,}")
    # A processor may lack the instructions that a kernel wants, so one that is missing here is no fault.
    for fault in faults:
        print(fault)
    if faults:
        print(f"If that is meant: {' '.join(sys.argv)} --update")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
