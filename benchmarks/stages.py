#!/usr/bin/env python3
"""Where the processor time of a run goes, stage by stage, as perf samples it.

    make run && benchmarks/stages.py [--customers 1000000] [--program build/release/bin/quintile]

Needs `perf` (Debian: linux-perf). Prints CPU seconds a stage, all threads together; a loaded machine makes them larger, not
different. Symbols are assigned to stages by their namespaces, so what the system does for a stage (copying a file, new pages)
stands on lines of its own.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile

from whole_process import PROJECT, measured, prepared

# The first that matches counts.
STAGES = [
    ("SHA-256 of input and output", r"sha256_block|libcrypto"),
    ("pages of memory, new and cleared", r"clear_page|clear_huge|page_fault|_fault\b|do_anonymous|alloc_pages|charge|lru_|folio_batch|rmqueue"),
    ("copying the input out of the page cache", r"_copy_to_iter|filemap_get|filemap_read"),
    ("writing into the page cache", r"copy_folio_from_iter|ext4_|balance_dirty|filemap_|block_"),
    ("reading CSV", r"quintile::io::|XXH3|XXH_"),
    ("profiles and checks", r"quintile::quality|quintile::expression|quintile::\(anonymous namespace\)::select"),
    ("numbering: sort, duplicates, ties, gather", r"quintile::customers|quintile::table|quintile::ColumnView"),
    ("scores and rules", r"quintile::rfm|quintile::segments|quintile::engine"),
    ("summary, claims, recommendations", r"quintile::summary|quintile::insights"),
    ("Parquet, fingerprint, JSON", r"quintile::mart|parquet::|arrow::|snappy"),
    ("report", r"quintile::report"),
    ("the system, otherwise", r"\[k\]"),
    ("libc: moving and comparing memory", r"mem(move|cpy|set|cmp|chr)|malloc|free"),
    ("start: loader, plan", r"ld-linux|_dl_|do_lookup|YAML|quintile::config"),
]


def stage_of(symbol):
    for stage, pattern in STAGES:
        if re.search(pattern, symbol):
            return stage
    return "everything else"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build/release/bin/quintile")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepared(folder, program, arguments.customers)
        command = [program, "run", "configs/default.yaml", "--quiet"]
        measured(command, folder)
        _, seconds, _ = measured(command, folder)
        samples = folder / "perf.data"
        subprocess.run(["perf", "record", "-q", "-F", "2000", "-o", samples, *command], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        report = subprocess.run(["perf", "report", "-i", samples, "--no-children", "--stdio", "--sort", "dso,symbol"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    shares = {}
    for line in report.splitlines():
        found = re.match(r"\s*([\d.]+)%\s+(.*)", line)
        if found:
            stage = stage_of(found[2])
            shares[stage] = shares.get(stage, 0) + float(found[1]) / 100
    print(f"{arguments.customers:,} customers, {seconds:.2f} CPU seconds")
    for stage, share in sorted(shares.items(), key=lambda entry: -entry[1]):
        print(f"{share:6.1%}  {share * seconds:6.3f} s  {stage}")


if __name__ == "__main__":
    main()
