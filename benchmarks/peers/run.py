#!/usr/bin/env python3
"""Quintile against what one would write instead, at the same job to the same result.

    make peers                                           both grains, CSV and Parquet, sizes that end in minutes
    make peers options='--customers 10000000 --lines'    customers alone, ten million
    benchmarks/peers/run.py --customers --lines 50000000 --formats parquet --peers polars duckdb --data /tmp/inputs

For each job all engines run once, their results are compared value by value, and only then are they timed: in turn, so that a
drifting machine drifts for all. Whole processes: interpreter start on one side; review, digests, summary, insights, report and
syncing to disk on the other, for the program has no switch that leaves its review out. Prints medians, the median of the ratios
pair by pair, and peak memory; keeps them in a file, a job's newest in the place of its last, and draws all that is in there.
"""

import argparse
import contextlib
import importlib.metadata
import json
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

from chart import chart

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
from whole_process import measured, prepared  # noqa: E402

CUSTOMERS = "data/raw/synthetic_customers"
LINES_A_CUSTOMER = 25


def rounded(count):
    """"100 thousand", "2 million"."""
    return f"{count / 1e6:g} million" if count >= 1_000_000 else f"{count / 1000:g} thousand"


def versions(program, peers):
    """What ran, by name."""
    own = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    return {"quintile": own, "python": platform.python_version(), **{peer: importlib.metadata.version(peer) for peer in peers}}


def compare(name, ours, theirs):
    # A process of its own: a child's peak memory never falls below what its parent held when it was started.
    if subprocess.run([sys.executable, HERE / "same_customers.py", ours, theirs], check=False).returncode != 0:
        raise SystemExit(f"{name} differs: nothing is timed")


def race(ours, mart, peers, folder, runs):
    """Seconds, ratios and peak memory of each engine; `peers` is {name: (command, result)}."""
    measured(ours, folder)
    for name, (command, result) in peers.items():
        measured(command, folder)
        compare(name, mart, result)
    commands = {"quintile": ours, **{name: command for name, (command, _) in peers.items()}}
    rounds = [{name: measured(command, folder) for name, command in commands.items()} for _ in range(runs)]
    return {
        name: {
            "seconds": statistics.median(r[name][0] for r in rounds),
            "cpu_seconds": statistics.median(r[name][1] for r in rounds),
            "ratio": statistics.median(r[name][0] / r["quintile"][0] for r in rounds),
            "memory_mib": max(r[name][2] for r in rounds),
        }
        for name in commands
    }


def engines(grain, names, source):
    """{name: (command, result)} of the peers."""
    return {name: ([sys.executable, HERE / f"{grain}_{name}.py", source, f"{name}.parquet"], f"{name}.parquet") for name in names}


def customers(program, count, ending, names, runs, folder):
    source = folder / f"{CUSTOMERS}.{ending}"
    if not (folder / f"{CUSTOMERS}.csv").exists():
        prepared(folder, program, count)
    if not source.exists():
        # A process of its own, as for the comparison.
        subprocess.run([sys.executable, HERE / "as_parquet.py", folder / f"{CUSTOMERS}.csv", source], check=True)
    ours = [program, "run", "configs/default.yaml", "--quiet", "--set", f"input.path=../{CUSTOMERS}.{ending}"]
    return race(ours, folder / "data/mart/customer_segments.parquet", in_folder(engines("customers", names, source), folder), folder, runs)


def orders(program, count, ending, names, runs, folder):
    source = folder / f"orders.{ending}"
    if not source.exists():
        (folder / "plan.yaml").write_bytes((HERE / "orders_plan.yaml").read_bytes())
        (folder / "rules.yaml").write_bytes((PROJECT / "configs/segments/default.yaml").read_bytes())
        subprocess.run([sys.executable, HERE / "orders.py", str(count), str(max(1, count // LINES_A_CUSTOMER)), source], check=True)
    ours = [program, "run", "plan.yaml", "--quiet", "--set", f"input.path=orders.{ending}"]
    return race(ours, folder / "mart/customer_segments.parquet", in_folder(engines("orders", names, source), folder), folder, runs)


def in_folder(peers, folder):
    return {name: (command, folder / result) for name, (command, result) in peers.items()}


def print_job(title, measures):
    for name, m in measures.items():
        print(f"{title:<36} {name:<9} {m['seconds']:>8.2f} s  {m['ratio']:>6.2f} x  {m['memory_mib']:>8.0f} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--lines", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--formats", nargs="+", choices=["csv", "parquet"], default=["csv", "parquet"])
    parser.add_argument("--peers", nargs="+", default=["polars", "duckdb", "pandas"])
    parser.add_argument("--pandas-max", type=int, default=1_000_000, help="rows beyond which pandas is left out: it needs many times the file's size")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", type=pathlib.Path, help="keep the inputs here and use them again; the default is a folder that goes")
    parser.add_argument("--results", type=pathlib.Path, default=PROJECT / "build/peers/results.json")
    parser.add_argument("--chart", type=pathlib.Path, default=PROJECT / "build/peers/peers.svg")
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build/release/bin/quintile")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    jobs = [("customers", customers, count, ending) for count in arguments.customers for ending in arguments.formats]
    jobs += [("order lines", orders, count, ending) for count in arguments.lines for ending in arguments.formats]

    results = json.loads(arguments.results.read_text()) if arguments.results.exists() else {"jobs": {}}
    results["versions"] = versions(program, arguments.peers) | {k: v for k, v in results.get("versions", {}).items() if k == "pandas"}
    print(f"{'job':<36} {'engine':<9} {'median':>10}  {'ratio':>8}  {'peak':>12}")
    for grain, work, count, ending in jobs:
        names = [peer for peer in arguments.peers if peer != "pandas" or count <= arguments.pandas_max]
        with contextlib.ExitStack() as stack:
            if arguments.data:
                folder = arguments.data.resolve() / f"{grain.replace(' ', '_')}_{count}"
                folder.mkdir(parents=True, exist_ok=True)
            else:
                folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            measures = work(program, count, ending, names, arguments.runs, folder)
        title = f"{rounded(count)} {grain}, {'CSV' if ending == 'csv' else 'Parquet'}"
        print_job(title, measures)
        results["jobs"][title] = {"grain": grain, "rows": count, "format": ending, "runs": arguments.runs, "engines": measures}
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(results, indent=1) + "\n")
    arguments.chart.parent.mkdir(parents=True, exist_ok=True)
    arguments.chart.write_text(chart(results))
    print(f"chart  {arguments.chart}")


if __name__ == "__main__":
    main()
