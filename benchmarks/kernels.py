#!/usr/bin/env python3
"""What scoring and rules take a row beside what memory takes, and what the linter and a what-if take over cells.

    make bench && benchmarks/kernels.py [--repetitions 5]

Reads the medians of one Google Benchmark program, in which reading and copying memory stand beside the kernels: 16 million rows, beyond
every cache, on one thread. A kernel's bytes are what it must read and write once; the share is of the bytes that a plain sum reads.
"""

import argparse
import json
import pathlib
import subprocess

from measure import PROJECT, table, targets, yes

BASELINE = "memory_read"
ROWS = {BASELINE: "adding up numbers: what memory gives", "memory_copy": "copying them", "score_by_quantile": "cut points and scores of a metric",
        "assign_by_scores": "rules on scores", "assign_by_scores_and_money": "rules on scores and money"}
CELLS = {"lint_cells": "the linter over ten rules and 125 cells", "what_if_over_cells": "other rules over 125 cells"}
SHARE_MIN = 0.8  # of the baseline: what counts as memory bandwidth
CELLS_MAX_MS = 1
TO_MS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}


def medians(program, repetitions):
    told = subprocess.run([program, f"--benchmark_repetitions={repetitions}", "--benchmark_report_aggregates_only=true", "--benchmark_format=json",
                           "--benchmark_enable_random_interleaving=true"], check=True, capture_output=True, text=True)
    return {one["run_name"]: one for one in json.loads(told.stdout)["benchmarks"] if one["aggregate_name"] == "median"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--benchmark", type=pathlib.Path, default=PROJECT / "build/bench/bin/segments_benchmark")
    arguments = parser.parse_args()
    found = medians(arguments.benchmark, arguments.repetitions)
    rows, asked = [], []
    for name, what in ROWS.items():
        speed = found[name]["bytes_per_second"]
        share = speed / found[BASELINE]["bytes_per_second"]
        per_row = f"{1e9 / found[name]['items_per_second']:.2f} ns" if "items_per_second" in found[name] else ""
        rows.append([what, per_row, f"{speed / 1e9:.1f} GB/s"])
        if not name.startswith("memory"):
            asked.append([f"{what}: of memory's speed", f"at least {SHARE_MIN:.0%}", f"{share:.0%}", yes(share >= SHARE_MIN)])
    for name, what in CELLS.items():
        took = found[name]["cpu_time"] * TO_MS[found[name]["time_unit"]]
        rows.append([what, "", f"{took:.3f} ms in all"])
        asked.append([what, f"under {CELLS_MAX_MS} ms", f"{took:.3f} ms", yes(took < CELLS_MAX_MS)])
    print(table(["rows, and cells", "a row", "bytes a second"], rows))
    print("\n" + targets("kernels.py", asked))


if __name__ == "__main__":
    main()
