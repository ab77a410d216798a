#!/usr/bin/env python3
"""Times the program as a whole process: cold start, reading, review, scores, mart and report.

    make run && benchmarks/whole_process.py
    benchmarks/whole_process.py --customers 1000000 10000000 --lines 1000000 10000000 --threads 1 2

Each input is read once without counting, for a warm page cache; then all are run in turn, so that a drifting machine drifts for
all. Prints medians as a table: wall seconds with their range, CPU seconds, peak memory, and nanoseconds a row. Where there are two
sizes of one kind, or one thread and two, a second table sets what growth and threads do beside the targets, as medians of the
ratios of each round. Compare runs of one call with each other, not with another machine's. Order lines need `make peers-environment`.
"""

import argparse
import contextlib
import itertools
import os
import statistics

import inputs
from measure import against, measured, memory, seconds, table, targets

GROWTH_MAX = 1.2
TWO_THREADS_MIN = 1.7


def median_of(rounds, value):
    return statistics.median(value(one) for one in rounds)


def measures(jobs, rounds):
    rows = []
    for job in jobs:
        source, threads = job
        walls = [one[job].wall for one in rounds]
        rows.append([source.title, str(threads), f"{seconds(statistics.median(walls))} ({min(walls):.2f} to {max(walls):.2f})",
                     seconds(median_of(rounds, lambda one: one[job].cpu)), memory(max(one[job].memory for one in rounds)),
                     f"{1e9 * statistics.median(walls) / source.rows:.0f} ns"])
    return rows


def ratios(jobs, rounds):
    rows = []
    for small, large in itertools.permutations(jobs, 2):
        if (small[0].grain, small[0].format, small[1]) == (large[0].grain, large[0].format, large[1]) and small[0].rows < large[0].rows:
            growth = median_of(rounds, lambda one: one[large].wall / large[0].rows / (one[small].wall / small[0].rows))
            rows.append([f"growth: time a row of {large[0].title}, against {small[0].rows:,}, threads: {small[1]}", *against(growth, GROWTH_MAX, at_most=True)])
    for one_thread, two in itertools.permutations(jobs, 2):
        if one_thread[0] == two[0] and (one_thread[1], two[1]) == (1, 2):
            gain = median_of(rounds, lambda one: one[one_thread].wall / one[two].wall)
            rows.append([f"two threads against one: {two[0].title}", *against(gain, TWO_THREADS_MIN)])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--lines", type=int, nargs="*", default=[])
    parser.add_argument("--formats", nargs="+", choices=["csv", "parquet"], default=["csv"])
    parser.add_argument("--threads", type=int, nargs="+", default=[os.cpu_count()])
    parser.add_argument("--runs", type=int, default=5)
    inputs.add_arguments(parser)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(inputs.data_folder(arguments.data))
        sources = [inputs.MAKE[grain](data, program, rows, form)
                   for grain, sizes in (("customers", arguments.customers), ("order lines", arguments.lines))
                   for rows in sizes for form in arguments.formats]
        jobs = [(source, threads) for source in sources for threads in arguments.threads]
        for source in sources:
            measured(source.command(program), source.folder)
        rounds = [{(source, threads): measured(source.command(program, "--threads", str(threads)), source.folder)
                   for source, threads in jobs} for _ in range(arguments.runs)]
    print(table(["input", "threads", "wall, median (range)", "CPU", "peak memory", "a row"], measures(jobs, rounds)))
    compared = ratios(jobs, rounds)
    if compared:
        print("\n" + targets("whole_process.py", compared))


if __name__ == "__main__":
    main()
