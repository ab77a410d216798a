#!/usr/bin/env python3
"""Where the processor time of a run goes, stage by stage, as perf samples it: the budget in ARCHITECTURE.md.

    make run && benchmarks/stages.py [--customers 1000000] [--lines 10000000 --formats parquet]

Needs `perf` (Debian: linux-perf); order lines need `make peers-environment`. Prints a table of CPU seconds a stage, all threads
together, a column for each input; a loaded machine makes them larger, not different. Symbols are assigned to stages by their
namespaces, so what the system does for a stage (copying a file, new pages) stands on lines of its own.
"""

import argparse
import re
import subprocess

import inputs
from measure import measured, table

PAGES = "pages of memory, new and cleared, and the system otherwise"
READING = "reading: structure, cells, hashes, pages of Parquet"
DESCRIBING = "profiles and checks"
CUSTOMERS = "customers: lines added up, sort, duplicates, ties, gather"
MART = "mart: Parquet, fingerprint, JSON"
DIGESTS = "SHA-256 of input and output"
SUMMARY = "summary, claims, recommendations"
COPIES = "copies from and to the page cache"
SMALL = "scores and rules, report, start"
OTHERS = "libc, everything else"

# The first that matches counts.
STAGES = [
    (DIGESTS, r"sha256_block|libcrypto"),
    (PAGES, r"clear_page|clear_huge|page_fault|_fault\b|do_anonymous|alloc_pages|charge|lru_|folio_batch|rmqueue"),
    (COPIES, r"_copy_to_iter|filemap_|copy_folio_from_iter|ext4_|balance_dirty|block_"),
    (READING, r"quintile::io::|XXH3|XXH_|parquet::|arrow::|snappy"),
    (DESCRIBING, r"quintile::quality|quintile::expression|quintile::\(anonymous namespace\)::select"),
    # Order lines are added up by tasks of the engine, customers scored by them.
    (CUSTOMERS, r"quintile::customers|quintile::table|quintile::ColumnView|quintile::engine::local::\(anonymous namespace\)::Pass"),
    (SUMMARY, r"quintile::summary|quintile::insights"),
    (MART, r"quintile::mart"),
    (SMALL, r"quintile::(rfm|segments|engine|report|config)|ld-linux|_dl_|do_lookup|YAML"),
    (PAGES, r"\[k\]"),
]
SHOWN = [PAGES, READING, CUSTOMERS, DESCRIBING, MART, DIGESTS, SUMMARY, COPIES, OTHERS, SMALL]


def stage_of(symbol):
    return next((stage for stage, pattern in STAGES if re.search(pattern, symbol)), OTHERS)


def seconds_by_stage(command, folder):
    """{stage: CPU seconds}: of all seconds, those that perf finds in each."""
    measured(command, folder)
    total = measured(command, folder).cpu
    samples = folder / "perf.data"
    subprocess.run(["perf", "record", "-q", "-F", "2000", "-o", samples, *command], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    report = subprocess.run(["perf", "report", "-i", samples, "--no-children", "--stdio", "--sort", "dso,symbol"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    found = re.findall(r"^\s*([\d.]+)%\s+(.*)", report, flags=re.MULTILINE)
    spent = dict.fromkeys(SHOWN, 0.0)
    for share, symbol in found:
        spent[stage_of(symbol)] += total * float(share) / 100
    return spent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--lines", type=int, nargs="*", default=[])
    parser.add_argument("--formats", nargs="+", choices=["csv", "parquet"], default=["csv"])
    inputs.add_arguments(parser)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with inputs.data_folder(arguments.data) as data:
        columns = {}
        for grain, sizes in (("customers", arguments.customers), ("order lines", arguments.lines)):
            for rows in sizes:
                for form in arguments.formats:
                    source = inputs.MAKE[grain](data, program, rows, form)
                    columns[source.title] = seconds_by_stage(source.command(program), source.folder)
    rows = [[stage, *(f"{spent[stage]:.2f}" for spent in columns.values())] for stage in SHOWN]
    rows.append(["**all**", *(f"**{sum(spent.values()):.2f}**" for spent in columns.values())])
    print(table(["CPU seconds by stage", *columns], rows))


if __name__ == "__main__":
    main()
