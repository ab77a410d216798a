#!/usr/bin/env python3
"""Quintile against what one would write instead, at the same job to the same result.

    make peers                                    both grains, small sizes
    benchmarks/peers/run.py --customers 1000000 10000000 --lines 10000000 50000000 --peers polars duckdb

Each size: all engines once, results compared value by value (id, source id, recency, frequency, money, scores, segment), and only
then timed, in turn, so that a drifting machine drifts for all. Whole processes: interpreter start on one side, review, summary,
insights and report on the other. Prints medians, the median of the ratios pair by pair, and peak memory.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
from whole_process import measured, prepared  # noqa: E402

def race(title, ours, peers, folder, mart, runs):
    """Checks and times one size; `peers` is {name: (command, result)}."""
    measured(ours, folder)
    for name, (command, result) in peers.items():
        measured(command, folder)
        # A process of its own: a child's peak memory never falls below what its parent held when it was started.
        if subprocess.run([sys.executable, HERE / "same_customers.py", mart, result], check=False).returncode != 0:
            raise SystemExit(f"{name} differs: nothing is timed")
    rounds = [{name: measured(command, folder) for name, command in {"quintile": ours, **{n: c for n, (c, _) in peers.items()}}.items()} for _ in range(runs)]
    for name in rounds[0]:
        walls = [r[name][0] for r in rounds]
        ratio = statistics.median(r[name][0] / r["quintile"][0] for r in rounds)
        memory = max(r[name][2] for r in rounds)
        print(f"{title:<34} {name:<9} {statistics.median(walls):>8.2f} s  {ratio:>6.2f} x  {memory:>8.0f} MiB", flush=True)


def customers(program, count, names, runs):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepared(folder, program, count)
        source = "data/raw/synthetic_customers.csv"
        peers = {p: ([sys.executable, HERE / f"customers_{p}.py", source, f"{p}.parquet"], folder / f"{p}.parquet") for p in names}
        race(f"{count:,} customers, CSV", [program, "run", "configs/default.yaml", "--quiet"], peers, folder,
             folder / "data/mart/customer_segments.parquet", runs)


def orders(program, count, ending, names, runs):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "plan.yaml").write_bytes((HERE / "orders_plan.yaml").read_bytes())
        (folder / "rules.yaml").write_bytes((PROJECT / "configs/segments/default.yaml").read_bytes())
        source = f"orders.{ending}"
        subprocess.run([sys.executable, HERE / "orders.py", str(count), str(max(1, count // 10)), source], cwd=folder, check=True)
        peers = {p: ([sys.executable, HERE / f"orders_{p}.py", source, f"{p}.parquet"], folder / f"{p}.parquet") for p in names if p != "pandas"}
        race(f"{count:,} order lines, {ending}", [program, "run", "plan.yaml", "--quiet", "--set", f"input.path={source}"], peers, folder,
             folder / "mart/customer_segments.parquet", runs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--lines", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--peers", nargs="+", default=["polars", "duckdb", "pandas"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build/release/bin/quintile")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    print(f"{'job':<34} {'engine':<9} {'median':>10}  {'ratio':>8}  {'peak':>12}")
    for count in arguments.customers:
        customers(program, count, arguments.peers, arguments.runs)
    for count in arguments.lines:
        for ending in ("parquet", "csv"):
            orders(program, count, ending, arguments.peers, arguments.runs)


if __name__ == "__main__":
    main()
